import { describe, expect, test } from 'vitest'
import type { PaperText } from '../types.js'
import { LexicalIndex } from './lexical-index.js'
import { parseQuery } from './query-language.js'
import { hasRow, rowSet } from './row-set.js'

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

/** BM25F by its formula, of stems by field: k1 1.6, titles three times abstracts, b .75 for both. */
function bm25f(papers: readonly { title: string[]; abstract: string[] }[], row: number, stem: string): number {
  const weights = { title: 3, abstract: 1 }
  const fields = ['title', 'abstract'] as const
  const having = papers.filter((paper) => fields.some((field) => paper[field].includes(stem))).length
  const frequency = fields.reduce((sum, field) => {
    const lengths = papers.map((paper) => paper[field].length).filter((length) => length > 0)
    const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
    const own = papers[row]![field]
    const count = own.filter((word) => word === stem).length
    return sum + (weights[field] * count) / (0.25 + (0.75 * own.length) / average)
  }, 0)
  return (Math.log(1 + (papers.length - having + 0.5) / (having + 0.5)) * frequency) / (1.6 + frequency)
}

describe('LexicalIndex', () => {
  test('scores by BM25F, a word of the title three times as much as one of the abstract', () => {
    const index = indexOf([
      { title: 'Gene gene cell', abstract: 'brain' },
      { title: 'Cells', abstract: 'genes brains mouse' },
      { title: 'Mouse' },
    ])
    const stems = [
      { title: ['gene', 'gene', 'cell'], abstract: ['brain'] },
      { title: ['cell'], abstract: ['gene', 'brain', 'mous'] },
      { title: ['mous'], abstract: [] },
    ]
    const score = (row: number) => bm25f(stems, row, 'gene') + bm25f(stems, row, 'brain')
    const { rows, scores, counts } = index.search('gene brain')
    expect([...rows]).toEqual([0, 1])
    expect(scores[0]).toBeCloseTo(score(0), 12)
    expect(scores[1]).toBeCloseTo(score(1), 12)
    expect(counts).toEqual({ some: 2, all: 2 })
  })

  test('finds other forms of a word, without case and diacritics, and says which words of the query it found', () => {
    const index = indexOf(papers)
    expect([...index.search('embeddings').rows].sort()).toEqual([0, 1])
    expect([...index.search('CAFE zurich').rows]).toEqual([2])
    const { rows, terms } = index.search('Embedded helices of papers')
    expect(Object.fromEntries(Array.from(rows, (row) => [row, terms(row)]))).toEqual({
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

  test('is the same after many changes as when built at once', () => {
    const index = indexOf(papers)
    for (let round = 0; round < 2000; round++) index.add(round % 3, { title: `draft ${round}`, labels: [`l${round}`] })
    for (const row of [0, 1, 2]) index.add(row, papers[row]!)
    const fresh = indexOf(papers)
    for (const query of ['embedding', 'helix', 'papers near', '"nucleic acid"', 'label:l1999', 'draft']) {
      const [changed, built] = [index.search(query), fresh.search(query)]
      expect([...changed.rows]).toEqual([...built.rows])
      expect([...changed.scores]).toEqual([...built.scores])
    }
  })
})

describe('a query', () => {
  const library = [
    {
      title: 'Quality uncertainty',
      authors: [{ family: 'Akerlof', given: 'George A.' }],
      venue: 'The Quarterly Journal of Economics',
      year: 1970,
      doi: '10.2307/1879431',
      keywords: ['asymmetric information'],
    },
    {
      title: 'A theory of mind',
      authors: ['David Premack', 'Guy Woodruff'],
      year: 1978,
      labels: ['to read'],
      note: 'a chimpanzee',
    },
    { title: 'The mind of theory', abstract: 'Quality of a journal.', year: 2012, pmid: '12345678', arxivId: '2004.07180v4' },
    { title: 'Untitled', authors: [{ name: 'William Smith' }], year: 'unknown', keywords: 7, labels: [3], doi: null },
  ]
  const index = new LexicalIndex()
  for (const [row, paper] of library.entries()) index.add(row, paper)
  const found = (query: string) => [...index.search(query).rows].sort()

  test.each([
    ['Akerlof', [0]],
    ['economics', [0]],
    ['asymmetric', [0]],
    ['1978', [1]],
    ['chimpanzee', [1]],
    ['"theory of mind"', [1]],
    ['"mind of theory"', [2]],
    ['“theory of mind”', [1]],
    ['theory -chimpanzee', [2]],
    ['theory -"theory of mind"', [2]],
    ['-theory', [0, 3]],
    ['author:akerlof', [0]],
    ['author:"george a. akerlof"', [0]],
    ['author:williams', []],
    ['author:William', [3]],
    ['title:quality', [0]],
    ['abstract:quality', [2]],
    ['venue:"journal of economics"', [0]],
    ['journal:economics quality', [0]],
    ['label:"to read"', [1]],
    ['label:read mind', [1]],
    ['-label:read mind', [2]],
    ['year:1970-1980', [0, 1]],
    ['year:1980-1970', [0, 1]],
    ['year:2000-', [2]],
    ['year:-1970', [0]],
    ['year:>1978', [2]],
    ['quality year:2012', [2]],
    ['10.2307/1879431', [0]],
    ['https://doi.org/10.2307/1879431', [0]],
    ['doi:10.2307/1879431', [0]],
    ['PMID: 12345678', [2]],
    ['12345678', [2]],
    ['arXiv:2004.07180', [2]],
    ['https://arxiv.org/abs/2004.07180v1', [2]],
    ['10.1000/unknown', []],
  ])('%s', (query, rows) => {
    expect(found(query)).toEqual(rows)
  })

  test('ranks by its words what its fields allow, and knows which papers have all of them', () => {
    const { rows, hasAll, counts, terms } = index.search('quality mind journal')
    expect(counts).toEqual({ some: 3, all: 1 })
    expect(hasAll(2)).toBe(true)
    expect(hasAll(0)).toBe(false)
    expect(rows[0]).toBe(2)
    expect(terms(0)).toEqual(['quality', 'journal'])
  })

  test('limits other searches to what its fields allow', () => {
    const scope = index.scope(parseQuery('anything year:1970-1980'))!
    expect([0, 1, 2, 3].filter((row) => hasRow(scope, row))).toEqual([0, 1])
    expect(index.scope(parseQuery('anything'))).toBeUndefined()
  })
})
