import { normalize } from '../normalize.js'
import { type WordFeatures, wordFeatures } from './word-features.js'

/** What a {@link RelevanceModel} reads. */
export interface RelevanceInput {
  /** Texts of the papers. */
  texts: readonly string[]
  /** [papers, dimension], row-major; borrowed. */
  vectors: Float32Array | null
  /** The review's question; `''` without. */
  question: string
  /** Vector of the question, [dimension]. */
  questionVector: Float32Array | null
}

/** Scores papers by their likeness to included and excluded ones, by words and vectors at once. */
export class RelevanceModel {
  readonly #count: number
  /** Of the papers and, as the last row, the question. */
  readonly #words: WordFeatures
  /** The same rows; null without vectors. */
  readonly #vectors: Float32Array | null
  readonly #dimension: number

  constructor({ texts, vectors, question, questionVector }: RelevanceInput) {
    this.#count = texts.length
    this.#words = wordFeatures([...texts, question])
    this.#dimension = vectors ? vectors.length / texts.length : 0
    this.#vectors = vectors && centred(vectors, questionVector, this.#dimension)
  }

  /**
   * Scores of all papers, higher for more likely inclusions; null if nothing tells papers apart yet.
   *
   * @param labels 1 for included rows, -1 for excluded ones, else 0.
   */
  score(labels: Int8Array): Float64Array | null {
    const weights = new Float64Array(this.#words.dimension + this.#dimension)
    const rows = { included: 0, excluded: 0 }
    for (const label of labels) if (label !== 0) rows[label > 0 ? 'included' : 'excluded']++
    for (let row = 0; row < this.#count; row++) {
      const label = labels[row]!
      if (label !== 0) this.#add(row, label > 0 ? 1 / rows.included : -1 / rows.excluded, weights)
    }
    this.#add(this.#count, 1 / (1 + rows.included), weights)
    if (weights.every((weight) => weight === 0)) return null
    return Float64Array.from({ length: this.#count }, (_, row) => this.#dot(row, weights))
  }

  #add(row: number, factor: number, weights: Float64Array): void {
    const { starts, columns, values, dimension } = this.#words
    for (let at = starts[row]!; at < starts[row + 1]!; at++) weights[columns[at]!]! += factor * values[at]!
    if (!this.#vectors) return
    for (let column = 0; column < this.#dimension; column++)
      weights[dimension + column]! += factor * this.#vectors[row * this.#dimension + column]!
  }

  #dot(row: number, weights: Float64Array): number {
    const { starts, columns, values, dimension } = this.#words
    let sum = 0
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[at]! * weights[columns[at]!]!
    if (!this.#vectors) return sum
    for (let column = 0; column < this.#dimension; column++)
      sum += this.#vectors[row * this.#dimension + column]! * weights[dimension + column]!
    return sum
  }
}

/** The rows and the question's, which may be missing, less the mean of the rows, each of length 1. */
function centred(vectors: Float32Array, question: Float32Array | null, dimension: number): Float32Array {
  const rows = new Float32Array(vectors.length + dimension)
  rows.set(vectors)
  const mean = new Float64Array(dimension)
  for (let at = 0; at < vectors.length; at++) mean[at % dimension]! += vectors[at]! / (vectors.length / dimension)
  rows.set(question ?? Float32Array.from(mean), vectors.length)
  for (let start = 0; start < rows.length; start += dimension) {
    const row = rows.subarray(start, start + dimension)
    for (let column = 0; column < dimension; column++) row[column]! -= mean[column]!
    normalize(row)
  }
  return rows
}
