import type { ModelStamp } from '../../types.js'
import type { FoundProblem } from '../record.js'
import { type PaperVectors, type RecordVector, vectorFault } from './paper-vectors.js'

interface Held extends RecordVector {
  id: string
  line: number | undefined
}

/** Vectors from which a model's dimension is told, so that one wrong vector at the start does not decide it. */
const SAMPLE = 64

/** The vectors of a file by their models. Those that cannot be right are left out and reported. */
export class VectorGroups {
  readonly #file: string
  readonly #stamp: ModelStamp | null
  readonly #held = new Map<string, Held[]>()
  readonly #dimensions = new Map<string, number>()

  constructor(file: string, stamp: ModelStamp | null = null) {
    this.#file = file
    this.#stamp = stamp
  }

  /** @param id The paper's, or what its file calls it. */
  add(id: string, vectors: readonly RecordVector[], line?: number): void {
    for (const { model, vector } of vectors) {
      const held = this.#held.get(model)
      if (held) held.push({ id, model, vector, line })
      else this.#held.set(model, [{ id, model, vector, line }])
    }
  }

  /** What has come since the last call; a model's first vectors are held back until there are enough of them. */
  take(final: boolean): { vectors: PaperVectors[]; problems: FoundProblem[] } {
    const vectors: PaperVectors[] = []
    const problems: FoundProblem[] = []
    for (const [model, held] of this.#held) {
      if (held.length === 0 || (!this.#dimensions.has(model) && held.length < SAMPLE && !final)) continue
      const dimension = this.#dimensions.get(model) ?? commonLength(held)
      this.#dimensions.set(model, dimension)
      const good = held.filter(({ vector, id, line }) => {
        const fault =
          vector.length === dimension
            ? vectorFault(vector)
            : `it has ${vector.length} numbers, where the others have ${dimension}`
        if (fault === undefined) return true
        const of = model === '' ? '' : ` of ${model}`
        const reason = `The vector${of} of ${id} is left out: ${fault}.`
        problems.push({ kind: 'noted', reason, raw: '', ...(line !== undefined && { line }) })
        return false
      })
      this.#held.set(model, [])
      if (good.length > 0) vectors.push(this.#joined(model, dimension, good))
    }
    return { vectors, problems }
  }

  #joined(model: string, dimension: number, held: readonly Held[]): PaperVectors {
    const vectors = new Float32Array(held.length * dimension)
    for (const [row, { vector }] of held.entries()) vectors.set(vector, row * dimension)
    return { file: this.#file, model, stamp: this.#stamp, dimension, ids: held.map(({ id }) => id), vectors }
  }
}

function commonLength(held: readonly Held[]): number {
  const counts = new Map<number, number>()
  for (const { vector } of held) counts.set(vector.length, (counts.get(vector.length) ?? 0) + 1)
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0]
}
