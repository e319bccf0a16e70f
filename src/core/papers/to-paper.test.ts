import { expect, test } from 'vitest'
import type { Paper } from './paper.js'
import { toPaper } from './to-paper.js'

const PAPER: Paper = {
  id: 'a',
  title: 'On bells',
  abstract: 'They ring.',
  authors: [{ family: 'van der Bell', given: 'Ada', suffix: 'Jr.' }, { name: 'Bell Group' }],
  year: 2001,
  venue: 'Journal of Bells',
  volume: '1',
  issue: '2',
  pages: '3-4',
  doi: '10.1000/a',
  pmid: '7',
  arxivId: '2004.07180v4',
  url: 'https://example.org',
  keywords: ['one', 'two, three'],
  type: 'conference',
  key: 'bell2001',
  source: { file: 'a.bib', record: 1, line: 2, format: 'bibtex' },
  fields: { month: ['jan', ''] },
}

test('a paper is read as it is, as a new object', () => {
  const paper = toPaper(PAPER)
  expect(paper).toEqual(PAPER)
  expect(paper).not.toBe(PAPER)
  for (const type of [
    'article',
    'preprint',
    'book',
    'chapter',
    'thesis',
    'report',
    'dataset',
    'software',
    'patent',
    'web',
    'other',
  ])
    expect(toPaper({ ...PAPER, type })!.type).toBe(type)
  expect(toPaper({ id: 'a', title: '', abstract: null })).toEqual({ id: 'a', title: '', abstract: null })
})

test('other properties are kept', () => {
  const labels = ['read']
  expect(toPaper({ ...PAPER, labels })).toEqual({ ...PAPER, labels })
})

test('names that are plain text are taken apart', () => {
  const authors = ['J. D. Watson', 'Crick, F. H. C.', 'Ludwig van Beethoven', 'Rennie MJ', 'Plato', ' ']
  expect(toPaper({ id: 'a', authors })!.authors).toEqual([
    { family: 'Watson', given: 'J. D.' },
    { family: 'Crick', given: 'F. H. C.' },
    { family: 'van Beethoven', given: 'Ludwig' },
    { family: 'Rennie', given: 'MJ' },
    { name: 'Plato' },
  ])
  expect(toPaper({ id: 'a', authors: 'Ada Bell; Bo Roe' })!.authors).toHaveLength(2)
})

test.each([
  undefined,
  null,
  true,
  7,
  'a',
  Symbol('a'),
  () => {},
  [],
  [PAPER],
  {},
  { title: 'T' },
  { id: '' },
  { id: {} },
  { id: ['a'] },
])('%o is not a paper', (value) => {
  expect(toPaper(value)).toBeNull()
})

test('properties of the wrong type are left out, and numbers become text', () => {
  const wrong = [Number.NaN, true, {}, [], [[]], [null, 7n, {}], new Date(), () => {}, Symbol('a'), '', ' ']
  for (const value of wrong) {
    const paper = toPaper({ ...Object.fromEntries(Object.keys(PAPER).map((name) => [name, value])), id: 'a' })!
    const { id, title, abstract = '', fields = {}, ...rest } = paper
    expect({ id, title, rest }).toEqual({ id: 'a', title: '', rest: {} })
    expect(typeof abstract).toBe('string')
    expect(Object.keys(fields)).toEqual([])
  }
  const loose = { id: 5, title: 'T', year: '12 May 1999', volume: 12, type: 'Journal Article', keywords: ['a', 1, null] }
  expect(toPaper(loose)).toEqual({ id: '5', title: 'T', year: 1999, volume: '12', type: 'article', keywords: ['a', '1'] })
  expect(toPaper({ id: 'a', type: 'constructor', source: { file: 'f' }, fields: { x: 'y', z: [{}] } })).toEqual({
    id: 'a',
    title: '',
    type: 'other',
    source: { file: 'f', record: 0 },
    fields: { x: ['y'], z: [] },
  })
})

test('getters and proxies that throw cost no more than their own property', () => {
  const trap = () => {
    throw new Error('trap')
  }
  const hostile = Object.defineProperty({ id: 'a', title: 'T' }, 'year', { get: trap, enumerable: true })
  Object.defineProperty(hostile, 'labels', { get: trap, enumerable: true })
  expect(toPaper(hostile)).toEqual({ id: 'a', title: 'T' })
  const author = Object.defineProperty({}, 'family', { get: trap, enumerable: true })
  expect(toPaper({ id: 'a', title: 'T', authors: [author] })).toEqual({ id: 'a', title: 'T' })
  expect(toPaper(new Proxy({ id: 'a' }, { ownKeys: trap }))).toBeNull()
  const { proxy, revoke } = Proxy.revocable({ id: 'a' }, {})
  revoke()
  expect(toPaper(proxy)).toBeNull()
})

test('huge and sparse arrays are read quickly', () => {
  const sparse: unknown[] = new Array(2 ** 32 - 1)
  sparse[1] = 'Ada Bell'
  const { authors, keywords } = toPaper({ id: 'a', authors: sparse, keywords: sparse, fields: { x: sparse } })!
  expect(authors).toEqual([{ family: 'Bell', given: 'Ada' }])
  expect(keywords).toEqual(['Ada Bell'])
  expect(toPaper({ id: 'a', keywords: new Array(200_000).fill('x') })!.keywords).toHaveLength(100_000)
})

test('prototypes are neither read nor changed', () => {
  const inherited = Object.create({ title: 'inherited', year: 1999 })
  inherited.id = 'a'
  expect(toPaper(inherited)).toEqual({ id: 'a', title: '' })
  const bare = Object.assign(Object.create(null), { id: 'a', title: 'T' })
  expect(toPaper(bare)).toEqual({ id: 'a', title: 'T' })
  const paper = toPaper(JSON.parse('{"id":"a","title":"T","__proto__":{"year":1},"fields":{"__proto__":["x"]}}'))!
  expect(Object.getPrototypeOf(paper)).toBe(Object.prototype)
  expect(paper.year).toBeUndefined()
  expect(Object.getPrototypeOf(paper.fields)).toBe(Object.prototype)
})
