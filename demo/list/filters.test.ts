import { expect, test } from 'vitest'
import { countFacet, NO_FILTERS, predicateOf, UNLABELLED } from './filters.js'

const papers = [
  { id: 'a', title: 'A', year: 1999, venue: 'Nature', type: 'article', source: { file: 'x.bib', record: 1 }, labels: ['read'] },
  { id: 'b', title: 'B', year: 2005, venue: 'Nature', type: 'article', source: { file: 'y.ris', record: 1 } },
  { id: 'c', title: 'C', venue: 'ACL', labels: ['read', 'later'], authors: [{ given: 'Ada', family: 'Lovelace' }] },
]
const found = (filters: Partial<typeof NO_FILTERS>) => {
  const predicate = predicateOf({ ...NO_FILTERS, ...filters }, new Set(['a', 'c']))
  return papers.filter((paper) => predicate?.(paper) ?? true).map(({ id }) => id)
}

test('without filters there is no predicate', () => {
  expect(predicateOf(NO_FILTERS, new Set())).toBeUndefined()
})

test('a range of years includes both ends and excludes papers without a year', () => {
  expect(found({ yearFrom: 1999 })).toEqual(['a', 'b'])
  expect(found({ yearTo: 1999 })).toEqual(['a'])
  expect(found({ yearFrom: 2000, yearTo: 2005 })).toEqual(['b'])
})

test('a paper must pass all filters', () => {
  expect(found({ venue: 'Nature', source: 'y.ris' })).toEqual(['b'])
  expect(found({ label: 'read' })).toEqual(['a', 'c'])
  expect(found({ label: 'read', type: 'article' })).toEqual(['a'])
})

test('papers without a label, and those of an author', () => {
  expect(found({ label: UNLABELLED })).toEqual(['b'])
  expect(found({ author: 'Ada Lovelace' })).toEqual(['c'])
  expect(found({ abstract: 'with' })).toEqual(['a', 'c'])
  expect(found({ abstract: 'without' })).toEqual(['b'])
})

test('counts values, most frequent first', () => {
  expect(countFacet(papers, 'venue')).toEqual([
    ['Nature', 2],
    ['ACL', 1],
  ])
  expect(countFacet(papers, 'label')).toEqual([
    ['read', 2],
    ['later', 1],
  ])
})
