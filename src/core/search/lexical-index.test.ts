import { describe, expect, test } from 'vitest'
import type { PaperText } from '../types.js'
import { LexicalIndex } from './lexical-index.js'
import { rowSet } from './row-set.js'

const papers: PaperText[] = [
  { title: 'Embedding scientific papers', abstract: 'Citations teach a model which papers are near.' },
  { title: 'A structure for nucleic acid', abstract: 'The embedding of pairs in a helix.' },
  { title: 'Cafés of Zürich', abstract: null },
  { title: 'Helix, helix and helix' },
]

function indexOf(texts: readonly PaperText[]): LexicalIndex {
  const index = new LexicalIndex()
  for (const [row, text] of texts.entries()) index.add(row, text)
  return index
}

/** BM25 by its formula: k1 1.2, b .75, of fields as lists of different stems, as MiniSearch measures their length. */
function bm25(fields: readonly string[][], row: number, stem: string): number {
  const frequency = (words: string[]) => words.filter((word) => word === stem).length
  const having = fields.filter((words) => words.includes(stem)).length
  const size = (words: string[]) => new Set(words).size
  const average = fields.reduce((sum, words) => sum + size(words), 0) / fields.length
  const tf = frequency(fields[row]!)
  const idf = Math.log(1 + (fields.length - having + 0.5) / (having + 0.5))
  return (idf * tf * 2.2) / (tf + 1.2 * (0.25 + (0.75 * size(fields[row]!)) / average))
}

describe('LexicalIndex', () => {
  test('scores by BM25 over the text, and a fifth of that over the title', () => {
    const titles = [['gene', 'gene', 'cell'], ['cell'], ['mous']]
    const texts = [['gene', 'gene', 'cell', 'brain'], ['cell', 'gene', 'brain', 'mous'], ['mous']]
    const index = indexOf([
      { title: 'Gene gene cell', abstract: 'brain' },
      { title: 'Cells', abstract: 'genes brains mouse' },
      { title: 'Mouse' },
    ])
    const score = (row: number) =>
      ['gene', 'brain'].reduce((sum, stem) => sum + bm25(texts, row, stem) + 0.2 * bm25(titles, row, stem), 0)
    const { rows, scores } = index.search('gene brain')
    expect([...rows]).toEqual([0, 1])
    expect(scores[0]).toBeCloseTo(score(0), 12)
    expect(scores[1]).toBeCloseTo(score(1), 12)
  })

  test('finds other forms of a word, without case and diacritics, and says which words of the query it found', () => {
    const index = indexOf(papers)
    expect([...index.search('embeddings').rows].sort()).toEqual([0, 1])
    expect([...index.search('CAFE zurich').rows]).toEqual([2])
    const { rows, terms } = index.search('Embedded helices of papers')
    expect(Object.fromEntries(Array.from(rows, (row, index) => [row, terms[index]]))).toEqual({
      0: ['Embedded', 'papers'],
      1: ['Embedded'],
    })
  })

  test('finds nothing by stop words, by punctuation or by nothing', () => {
    const index = indexOf(papers)
    for (const query of ['', 'the of which', '…!?', '\u{10ffff}']) expect([...index.search(query).rows]).toEqual([])
  })

  test('finds words that are also names of object fields', () => {
    const index = indexOf([{ title: 'constructor __proto__ toString' }, { title: 'hasOwnProperty' }])
    expect([...index.search('constructor').rows]).toEqual([0])
    expect([...index.search('__proto__').rows]).toEqual([0])
    expect([...index.search('hasOwnProperty').rows]).toEqual([1])
  })

  test('gives the best k, equals by their rows, and only those of the filter with unchanged scores', () => {
    const index = indexOf(Array.from({ length: 50 }, () => ({ title: 'word' })))
    expect([...index.search('word', { k: 3 }).rows]).toEqual([0, 1, 2])
    const all = index.search('word')
    const some = index.search('word', { filter: rowSet([40, 7, 12], 50) })
    expect([...some.rows]).toEqual([7, 12, 40])
    expect(some.scores[0]).toBe(all.scores[7])
  })

  test('finds a removed row no more, until it is added again', () => {
    const index = indexOf(papers)
    index.remove(0)
    index.remove(0)
    expect([...index.search('embedding papers').rows]).toEqual([1])
    index.add(0, { title: 'Papers again' })
    expect([...index.search('papers').rows]).toEqual([0])
    expect([...index.search('citations').rows]).toEqual([])
  })

  test('is the same from its JSON, removed rows included', () => {
    const index = indexOf(papers)
    index.remove(3)
    const again = LexicalIndex.fromJSON(JSON.parse(JSON.stringify(index)))
    for (const query of ['embedding', 'helix', 'papers near']) expect(again.search(query)).toEqual(index.search(query))
    again.add(3, papers[3]!)
    expect([...again.search('helix').rows]).toEqual([3, 1])
  })
})
