import { descend } from '../heads/coordinate-descent.js'
import { DenseFeatures, type Features, JoinedFeatures, SelectedFeatures, SparseFeatures } from '../heads/features.js'
import { runSteps } from '../heads/run-steps.js'
import { normalize } from '../normalize.js'
import { randomNumbers, shuffle } from '../random.js'
import { wordFeatures } from './word-features.js'

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
  seed: number
}

/** What is known of a paper. A paper that is to be decided later is neither trained on nor taken for an unread one. */
export const KNOWN = { unread: 0, included: 1, excluded: -1, undecided: 2 } as const

/** Cost of an error, before it is shared out: as ASReview's ELAS u4, of which this model keeps the loss and the balance. */
const COST = 0.11
/** How much all included papers weigh together beside all excluded ones. */
const BALANCE = 9.8
/** Length of a vector beside that of a paper's words while one paper is included. Vectors find the first ones, words tell the last apart. */
const VECTOR_LENGTH = 0.3
/** Unread papers that stand in for excluded ones, and their part of the excluded ones' weight. */
const UNREAD = 300
const UNREAD_SHARE = 0.5

/**
 * A linear support vector machine on words and vectors at once, by squared hinge loss. Its scores are a function of what is known and the
 * seed, not of the answers' order, so that a screening can be undone and resumed.
 */
export class RelevanceModel {
  readonly #count: number
  /** Of the papers and, as the last row, the question, which may be empty. */
  readonly #words: Features
  /** The same rows; null without vectors. */
  readonly #vectors: Features | null
  readonly #hasQuestion: boolean
  /** All papers in a random order, from which the unread ones are taken. */
  readonly #order: Uint32Array
  readonly #seed: number

  constructor({ texts, vectors, question, questionVector, seed }: RelevanceInput) {
    this.#count = texts.length
    this.#seed = seed
    this.#words = new SparseFeatures(wordFeatures([...texts, question]))
    const dimension = vectors ? vectors.length / texts.length : 0
    this.#vectors = vectors && new DenseFeatures(centred(vectors, questionVector, dimension), dimension)
    this.#hasQuestion = (questionVector ?? null) !== null || this.#words.squaredLength(this.#count) > 0
    this.#order = Uint32Array.from(texts.keys())
    shuffle(this.#order, randomNumbers(seed))
  }

  /**
   * Scores of all papers, higher for more likely inclusions; null while nothing tells papers apart.
   *
   * @param known One of {@link KNOWN} for each paper.
   */
  score(known: Int8Array): Float64Array | null {
    const included = this.#hasQuestion ? [this.#count] : []
    const excluded: number[] = []
    for (const [row, state] of known.entries()) {
      if (state === KNOWN.included) included.push(row)
      if (state === KNOWN.excluded) excluded.push(row)
    }
    const answers = included.length + excluded.length
    if (answers === 0) return null
    const unread: number[] = []
    for (const row of this.#order) if (known[row] === KNOWN.unread && unread.push(row) === UNREAD) break
    const total = COST * answers
    const features = this.#joined(included.length)
    // Without an included paper the unread ones stand in for those.
    const groups =
      included.length === 0
        ? [part(unread, 1, total / 2), part(excluded, -1, total / 2)]
        : [
            part(included, 1, (total * BALANCE) / (1 + BALANCE)),
            part(excluded, -1, (total * (1 - (unread.length > 0 ? UNREAD_SHARE : 0))) / (1 + BALANCE)),
            part(unread, -1, (total * (excluded.length > 0 ? UNREAD_SHARE : 1)) / (1 + BALANCE)),
          ]
    const { weights } = runSteps(
      descend({
        features: new SelectedFeatures(
          features,
          groups.flatMap(({ rows }) => rows),
        ),
        targets: groups.flatMap(({ rows, target }) => rows.map(() => target)),
        costs: Float64Array.from(groups.flatMap(({ rows, cost }) => rows.map(() => cost))),
        loss: 'squared-hinge',
        tolerance: 1e-2,
        maxIterations: 100,
        random: randomNumbers(this.#seed),
      }),
    )
    return Float64Array.from({ length: this.#count }, (_, row) => features.dot(row, weights, 0))
  }

  #joined(included: number): Features {
    if (!this.#vectors) return this.#words
    const factor = VECTOR_LENGTH / Math.sqrt(Math.max(1, included))
    return new JoinedFeatures([{ features: this.#words }, { features: this.#vectors, factor }])
  }
}

/** Papers of one kind that share a cost. */
const part = (rows: readonly number[], target: 1 | -1, total: number) => ({
  rows,
  target,
  cost: total / Math.max(1, rows.length),
})

/** The rows and, as the last, the question's (0 if it is missing): less the mean of the rows, and each of length 1. */
function centred(vectors: Float32Array, question: Float32Array | null, dimension: number): Float32Array {
  const rows = new Float32Array(vectors.length + dimension)
  rows.set(vectors)
  const count = vectors.length / dimension
  const mean = new Float64Array(dimension)
  for (let at = 0; at < vectors.length; at++) mean[at % dimension]! += vectors[at]! / count
  rows.set(question ?? mean, vectors.length)
  for (let start = 0; start < rows.length; start += dimension) {
    const row = rows.subarray(start, start + dimension)
    if (start < vectors.length && row.every((value) => value === 0)) continue // no vector
    if (start === vectors.length && !question) row.fill(0)
    else for (let column = 0; column < dimension; column++) row[column]! -= mean[column]!
    normalize(row)
  }
  return rows
}
