import type { Metric } from '../src/index.js'

/** A paper's place in a ranking: its position among the vectors, and its score, of which more is nearer. */
export interface Ranked {
  index: number
  score: number
}

/** Cosine, or the negative Euclidean distance: of both, more is nearer. */
export function similarity(a: Float32Array, b: Float32Array, metric: Metric): number {
  return metric === 'cosine' ? cosine(a, b) : -distance(a, b)
}

/** Every vector's score against `query`, best first; equal scores keep their order. `null` stands for a paper without a vector. */
export function rank(query: Float32Array, vectors: readonly (Float32Array | null)[], metric: Metric): Ranked[] {
  return vectors
    .flatMap((vector, index) => (vector === null ? [] : { index, score: similarity(query, vector, metric) }))
    .sort((a, b) => b.score - a.score)
}

/**
 * How much of its bar a score of a ranking fills, from 0 to 1: a cosine as it is; a distance, which has no such scale, by
 * its place between the farthest and the nearest.
 */
export function barShare(score: number, ranking: readonly Ranked[], metric: Metric): number {
  if (metric === 'cosine') return Math.min(1, Math.max(0, score))
  const best = ranking[0]?.score ?? 0
  const lowest = ranking.at(-1)?.score ?? 0
  return best === lowest ? 1 : (score - lowest) / (best - lowest)
}

/** Words of a query that are worth marking where a paper has them too. */
export function queryWords(query: string): Set<string> {
  return new Set(wordsOf(query).filter((word) => word.length > 2 && !COMMON_WORDS.has(word)))
}

/** A text in pieces, those that are words of the query marked. */
export function markWords(text: string, words: ReadonlySet<string>): { text: string; marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = []
  for (const piece of text.split(/([\p{L}\p{N}]+)/u)) {
    if (piece === '') continue
    const marked = words.has(stem(piece))
    const last = pieces.at(-1)
    if (last && last.marked === marked && !marked) last.text += piece
    else pieces.push({ text: piece, marked })
  }
  return pieces
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squareA, squareB] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!
    squareA += a[i]! * a[i]!
    squareB += b[i]! * b[i]!
  }
  const lengths = Math.sqrt(squareA * squareB)
  return lengths === 0 ? 0 : product / lengths
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return Math.sqrt(sum)
}

const COMMON_WORDS = new Set(
  'and are but can did does for from has have how its not that the their they this was were what when where which who why with'.split(
    ' ',
  ),
)

function wordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}]+/gu) ?? []).map(stem)
}

/** Singular and plural are one word; more would mark what the reader did not write. */
function stem(word: string): string {
  const lower = word.toLowerCase()
  return lower.length > 3 && lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower
}
