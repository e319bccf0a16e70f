import type { SparseMatrix } from '../heads/features.js'

/** Words of two letters or digits and more, as ASReview reads them. */
const WORD = /[\p{L}\p{M}\p{N}_]{2,}/gu
/** Terms in more than this share of the texts are left out. */
const MOST_TEXTS = 0.95
/** More words than any library has. */
const WORDS = 2 ** 24

/**
 * TF-IDF of the words of texts and of pairs of neighbouring words, with logarithmic counts. Rows have length 1 before terms of a single
 * text are left out: these fill half of the memory, and no other text has a product with them.
 *
 * @returns A row for each text; without numbers if the text has no words.
 */
export function wordFeatures(texts: readonly string[]): SparseMatrix {
  const words = new Map<string, number>()
  /** Terms by their words: a word's number, or that of two words in one. */
  const terms = new Map<number, number>()
  /** Number of texts that have a term. */
  const frequencies: number[] = []
  const counted = texts.map((text) => {
    const counts = new Map<number, number>()
    const add = (key: number) => {
      const term = numberOf(terms, key)
      const count = counts.get(term) ?? 0
      if (count === 0) frequencies[term] = (frequencies[term] ?? 0) + 1
      counts.set(term, count + 1)
    }
    let before = -1
    for (const [found] of text.toLowerCase().matchAll(WORD)) {
      const word = numberOf(words, found)
      add(word)
      if (before >= 0) add((before + 1) * WORDS + word)
      before = word
    }
    return counts
  })
  const kept = new Map<number, number>()
  const starts = new Uint32Array(texts.length + 1)
  const columns: number[] = []
  const values: number[] = []
  for (const [row, counts] of counted.entries()) {
    const start = columns.length
    let squares = 0
    for (const [term, count] of counts) {
      const frequency = frequencies[term]!
      if (frequency > MOST_TEXTS * texts.length) continue
      const value = (1 + Math.log(count)) * (1 + Math.log((1 + texts.length) / (1 + frequency)))
      squares += value * value
      if (frequency === 1) continue
      columns.push(numberOf(kept, term))
      values.push(value)
    }
    for (let at = start; at < values.length; at++) values[at]! /= Math.sqrt(squares)
    starts[row + 1] = columns.length
  }
  return { starts, columns: Uint32Array.from(columns), values: Float32Array.from(values), dimension: kept.size }
}

/** The number of a key, the next one if it is new. */
function numberOf<Key>(numbers: Map<Key, number>, key: Key): number {
  const known = numbers.get(key)
  if (known !== undefined) return known
  numbers.set(key, numbers.size)
  return numbers.size - 1
}
