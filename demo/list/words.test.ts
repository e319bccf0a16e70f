import { expect, test } from 'vitest'
import { markWords, queryWords, snippet } from './words.js'

test('marks the words of the query in singular and plural, but no common or short ones', () => {
  const words = queryWords('how do the Networks of an "edge"')
  expect([...words]).toEqual(['network', 'edge'])
  expect(markWords('Edges, in a network-like net', words)).toEqual([
    { text: 'Edges', marked: true },
    { text: ', in a ', marked: false },
    { text: 'network', marked: true },
    { text: '-like net', marked: false },
  ])
})

test('marking changes no characters', () => {
  const text = '<b>Über</b> “Lemons” & 𝛼-decay'
  const pieces = markWords(text, queryWords('über lemons'))
  expect(pieces.map((piece) => piece.text).join('')).toBe(text)
  expect(pieces.filter(({ marked }) => marked).map((piece) => piece.text)).toEqual(['Über', 'Lemons'])
})

test('a snippet shows where most words are close together, and starts at a word', () => {
  const filler = 'Nothing of interest is said in this part of the text at all. '.repeat(8)
  const abstract = `Bees are named once. ${filler}Here bees and their winter losses are counted. ${filler}`
  const found = snippet(abstract, queryWords('winter losses of bees'))
  expect(found).toMatch(/^… /)
  expect(found).toContain('bees and their winter losses')
  expect(found).toMatch(/ …$/)
  expect(abstract).toContain(found.slice(2, -2))
})

test('there is no snippet without a match', () => {
  expect(snippet('Ants.', queryWords('bees'))).toBe('')
  expect(snippet('Ants.', queryWords(''))).toBe('')
})
