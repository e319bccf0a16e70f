import type { PaperText } from '../../core/types.js'

/** Inputs sent to a worker at once: few enough to copy quickly, enough to keep the worker busy. */
const SLICE_INPUTS = 256
const SLICE_CHARACTERS = 1_000_000

export interface InputSlice {
  /** Position of its first paper in the inputs. */
  start: number
  papers: (PaperText | string)[]
}

/**
 * Inputs in slices of bounded size, with only the fields that the model reads. With several workers, slices shrink towards the
 * end, so that the workers finish together.
 */
export function* inputSlices(
  inputs: readonly (PaperText | string)[],
  pool: { readonly size: number },
): Generator<InputSlice, void, void> {
  for (let start = 0; start < inputs.length; ) {
    const papers: (PaperText | string)[] = []
    const share = Math.ceil((inputs.length - start) / (4 * pool.size))
    const limit = pool.size > 1 ? Math.min(SLICE_INPUTS, share) : SLICE_INPUTS
    let characters = 0
    while (start + papers.length < inputs.length && papers.length < limit && characters < SLICE_CHARACTERS) {
      const input = inputs[start + papers.length]!
      papers.push(typeof input === 'string' ? input : { title: input.title, abstract: input.abstract ?? null })
      characters += typeof input === 'string' ? input.length : input.title.length + (input.abstract?.length ?? 0)
    }
    yield { start, papers }
    start += papers.length
  }
}
