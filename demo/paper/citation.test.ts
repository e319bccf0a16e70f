import { expect, test } from 'vitest'
import { citationOf, linksOf } from './citation.js'

const paper = {
  id: 'a',
  title: 'On bees',
  authors: [{ given: 'Ada', family: 'Bell' }, { name: 'The Hive Group' }],
  year: 1999,
  venue: 'Insects',
  volume: '4',
  issue: '2',
  pages: '1-9',
  doi: '10.1/x y',
}

test('a citation leaves out what the record lacks', () => {
  expect(citationOf(paper)).toBe('Ada Bell & The Hive Group (1999). On bees. Insects, 4(2), 1-9. https://doi.org/10.1/x%20y')
  expect(citationOf({ id: 'b', title: 'Who counts?' })).toBe('(n.d.). Who counts?')
})

test('links go to the web only', () => {
  const links = linksOf({ ...paper, pmid: '12', arxivId: '2004.07180v4', url: 'javascript:alert(1)' })
  expect(links.map(({ href }) => href)).toEqual([
    'https://doi.org/10.1/x%20y',
    'https://pubmed.ncbi.nlm.nih.gov/12/',
    'https://arxiv.org/abs/2004.07180v4',
  ])
  expect(linksOf({ id: 'c', title: 'C', url: 'https://example.org/a' })).toEqual([
    { text: 'example.org', href: 'https://example.org/a' },
  ])
})
