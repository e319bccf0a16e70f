import { describe, expect, test } from 'vitest'
import { hybridSearch } from './hybrid-search.js'
import { LexicalIndex } from './lexical-index.js'
import { rowSet } from './row-set.js'
import { VectorIndex } from './vector-index.js'

/** Papers by their vectors on a line and their words. */
function library(papers: readonly { at?: number; words: string }[]) {
  const vectors = new VectorIndex({ dimension: 1, metric: 'euclidean' })
  const lexical = new LexicalIndex()
  for (const [row, { at, words }] of papers.entries()) {
    if (at !== undefined) vectors.append(Float32Array.of(at))
    lexical.add(row, { title: words })
  }
  return { vectors, lexical }
}

const { vectors, lexical } = library([
  { at: 0, words: 'alpha' },
  { at: 1, words: 'beta' },
  { at: 2, words: 'alpha beta' },
  { at: 9, words: 'alpha alpha' },
  { at: 10, words: 'gamma' },
])
const search = (text: string, at: number, options = {}) =>
  hybridSearch(vectors, lexical, { vector: Float32Array.of(at), text }, { k: 10, ...options })

describe('hybridSearch', () => {
  test('adds both sides in standard deviations, .7 and .3', () => {
    const { rows, scores, distances } = search('alpha', 0)
    const dense = [0, -1, -2, -9, -10]
    const words = lexical.search('alpha')
    const sparse = [0, 0, 0, 0, 0]
    for (const [index, row] of words.rows.entries()) sparse[row] = words.scores[index]!
    const standardised = (values: number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
      return values.map((value) => (value - mean) / deviation)
    }
    const [a, b] = [standardised(dense), standardised(sparse)]
    for (const [index, row] of rows.entries()) expect(scores[index]).toBeCloseTo(0.7 * a[row]! + 0.3 * b[row]!, 12)
    expect([...rows].sort()).toEqual([0, 1, 2, 3, 4])
    expect(rows[0]).toBe(0)
    expect([...distances]).toEqual(Array.from(rows, (row) => Math.abs(dense[row]!)))
  })

  test('ranks by one side only if the weight says so, or if all scores of the other are equal', () => {
    expect([...search('alpha', 9, { denseWeight: 1 }).rows]).toEqual([3, 4, 2, 1, 0])
    expect([...search('', 9).rows]).toEqual([3, 4, 2, 1, 0])
    expect([...search('gamma', 0, { denseWeight: 0 }).rows]).toEqual([4, 0, 1, 2, 3])
  })

  test('says the ranks of both sides and the words found', () => {
    const { rows, semanticRanks, lexicalRanks, terms } = search('gamma', 0)
    const at = rows.indexOf(4)
    expect([semanticRanks[at], lexicalRanks[at], terms[at]]).toEqual([5, 1, ['gamma']])
    expect([semanticRanks[rows.indexOf(0)], lexicalRanks[rows.indexOf(0)], terms[rows.indexOf(0)]]).toEqual([1, 0, []])
  })

  test('pages without gaps or repeats, and respects the filter', () => {
    const all = [...search('alpha', 1).rows]
    const pages = [0, 2, 4].flatMap((offset) => [...search('alpha', 1, { k: 2, offset }).rows])
    expect(pages).toEqual(all)
    expect([...search('alpha', 1, { filter: rowSet([3, 4], 5) }).rows].sort()).toEqual([3, 4])
    expect([...search('alpha', 1, { filter: rowSet([], 5) }).rows]).toEqual([])
  })

  test('finds a paper without a vector by its words, as an average one', () => {
    const { vectors, lexical } = library([{ at: 0, words: 'one' }, { at: 5, words: 'two' }, { words: 'two three' }])
    const query = { vector: Float32Array.of(0), text: 'three' }
    const { rows, distances, semanticRanks } = hybridSearch(vectors, lexical, query, { k: 3 })
    const at = rows.indexOf(2)
    expect(distances[at]).toBeNaN()
    expect(semanticRanks[at]).toBe(0)
    expect(rows.indexOf(2)).toBeLessThan(rows.indexOf(1))
  })

  test('finds a paper among thousands that only its words match', () => {
    const many = library(Array.from({ length: 5000 }, (_, row) => ({ at: row, words: row === 4999 ? 'needle' : 'hay' })))
    const { rows, distances } = hybridSearch(many.vectors, many.lexical, { vector: Float32Array.of(0), text: 'needle' }, { k: 5 })
    expect(rows[0]).toBe(4999)
    expect(distances[0]).toBe(4999)
  })

  test('with a scale, papers that are alike or have all the words come first, and the others can be left out', () => {
    // Nearness is 1 - distance² / 50: alike up to a distance of 5.
    const scale = { floor: 0.5, ceiling: 0.9, expected: 50, metric: 'euclidean' as const }
    const all = search('alpha gamma', 0, { scale, denseWeight: 0.1 })
    expect([...all.rows.slice(0, 3)].sort()).toEqual([0, 1, 2])
    expect(all.counts).toEqual({ some: 4, all: 0, found: 3, isMore: false })
    expect(all.likeness[all.rows.indexOf(0)]).toBe(1)
    expect(all.likeness[all.rows.indexOf(4)]).toBe(0)
    expect([...search('alpha gamma', 0, { scale, minLikeness: 0.5 }).rows].sort()).toEqual([0, 1, 2])
    // Row 4 is as far as can be, and has the one word.
    const byWord = search('gamma', 0, { scale, minLikeness: 0.5 })
    expect([...byWord.rows].sort()).toEqual([0, 1, 2, 4])
    expect(byWord.counts.found).toBe(4)
    expect(search('nothing of these', 1000, { scale }).counts).toEqual({ some: 0, all: 0, found: 0, isMore: false })
  })

  test('a query of years and authors alone limits what is found by vectors', () => {
    const { rows } = hybridSearch(vectors, lexical, { vector: Float32Array.of(0), text: '-alpha' }, { k: 5 })
    expect([...rows].sort()).toEqual([1, 4])
  })

  test('refuses a k or an offset that is not a number of rows', () => {
    expect(() => search('alpha', 0, { k: -1 })).toThrow(expect.objectContaining({ field: 'k' }))
    expect(() => search('alpha', 0, { offset: 0.5 })).toThrow(expect.objectContaining({ field: 'offset' }))
  })

  test('finds nothing in nothing', () => {
    const empty = library([])
    const { rows } = hybridSearch(empty.vectors, empty.lexical, { vector: Float32Array.of(0), text: 'any' }, { k: 5 })
    expect([...rows]).toEqual([])
  })
})
