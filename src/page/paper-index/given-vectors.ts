import { InvalidArgumentError } from '../../core/errors.js'
import { type GivenModel, givenStamp } from '../../core/model-folder/given-model.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { type PaperVectors, vectorFault } from '../../core/papers/vectors/paper-vectors.js'
import type { ModelStamp } from '../../core/types.js'

/** Vectors of papers: [papers, dimension] row-major, one for each paper or `null`, or as readers of files give them. */
export type VectorsInput = Float32Array | readonly (ArrayLike<number> | null)[] | PaperVectors

/** Vectors of the papers of one call, checked. */
export interface CheckedVectors {
  model: ModelStamp
  /** One for each paper; borrowed. */
  rows: readonly (Float32Array | null)[]
}

/** Stamps are told from this many vectors. */
const SAMPLE = 100

/**
 * @param model What the caller says; for vectors of a file, the file's own word counts if the caller says nothing.
 * @throws InvalidArgumentError for vectors that are not as many as the papers, of several dimensions, zero or not finite.
 */
export function checkVectors(
  papers: readonly PaperRecord[],
  input: VectorsInput,
  model: string | GivenModel | undefined,
): CheckedVectors {
  const rows = rowsOf(papers, input)
  const first = rows.find((row) => row !== null)
  if (!first) throw new InvalidArgumentError('vectors', input, 'the vector of at least one of the papers')
  for (const [index, row] of rows.entries()) {
    if (row === null) continue
    if (row.length !== first.length)
      throw new InvalidArgumentError(`vectors[${index}].length`, row.length, `${first.length}, as of the other vectors`)
    const fault = vectorFault(row)
    if (fault) throw new InvalidArgumentError(`vectors[${index}]`, row, `a vector that can be compared; ${fault}`)
  }
  const some = rows.filter((row) => row !== null).slice(0, SAMPLE)
  const said = model ?? (isFromFile(input) ? (input.stamp ?? input.model) : undefined)
  if (said === undefined || said === '')
    throw new InvalidArgumentError('model', said, 'the name of the model that made the vectors, or { id, metric }')
  return { model: givenStamp(said, first.length, some), rows }
}

function isFromFile(input: VectorsInput): input is PaperVectors {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && 'ids' in input
}

function rowsOf(papers: readonly PaperRecord[], input: VectorsInput): (Float32Array | null)[] {
  if (isFromFile(input)) {
    const { ids, vectors, dimension } = input
    if (vectors.length !== ids.length * dimension)
      throw new InvalidArgumentError('vectors.vectors.length', vectors.length, `${ids.length} × ${dimension}, [ids, dimension]`)
    const rows = new Map(ids.map((id, row) => [id, row]))
    return papers.map(({ id }) => {
      const row = rows.get(id)
      return row === undefined ? null : vectors.subarray(row * dimension, (row + 1) * dimension)
    })
  }
  if (input instanceof Float32Array) {
    const dimension = input.length / papers.length
    if (papers.length === 0 || input.length === 0 || !Number.isInteger(dimension))
      throw new InvalidArgumentError('vectors.length', input.length, `a multiple of ${papers.length}, the number of papers`)
    return papers.map((_, row) => input.subarray(row * dimension, (row + 1) * dimension))
  }
  if (!Array.isArray(input) || input.length !== papers.length)
    throw new InvalidArgumentError('vectors', input, `an array of ${papers.length} vectors, one for each paper`)
  return (input as readonly (ArrayLike<number> | null)[]).map((row, index) => {
    if (row === null) return null
    if (typeof row !== 'object' || !Number.isInteger(row.length) || row.length < 1)
      throw new InvalidArgumentError(`vectors[${index}]`, row, 'a vector, or null for a paper without one')
    return row instanceof Float32Array ? row : Float32Array.from(row)
  })
}

/** A part of the vectors, as it crosses to the worker. */
export function vectorSlice({ model, rows }: CheckedVectors, first: number, end: number) {
  const part = rows.slice(first, end)
  const found = Uint8Array.from(part, (row) => Number(row !== null))
  const present = part.filter((row) => row !== null)
  const vectors = new Float32Array(present.length * model.dimension)
  for (const [index, row] of present.entries()) vectors.set(row, index * model.dimension)
  return { model, found, vectors }
}
