import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseQuery } from './query-language.js'

const understood = (query: string) =>
  parseQuery(query).parts.map(({ kind, field, text, excluded }) => `${excluded ? '-' : ''}${field ?? kind}: ${text}`)

describe('parseQuery', () => {
  test.each([
    ['what makes a  cell divide?', ['text: what makes a  cell divide?']],
    ['"lemons" market', ['phrase: lemons', 'text: market']],
    ['market -car -"used car"', ['text: market', '-text: car', '-phrase: used car']],
    ['author:"van der Berg" Authors:Li venue:nature', ['author: van der Berg', 'author: Li', 'venue: nature']],
    ['-author:smith year:2010-2015', ['-author: smith', 'year: 2010-2015']],
    ['pmid 123 sleep', ['identifier: pmid:123', 'text: sleep']],
    // Not syntax: words.
    ['BERT: Pre-training of models', ['text: BERT: Pre-training of models']],
    ['title: something', ['text: title: something']],
    ['foo:bar year:soon "open', ['text: foo:bar year:soon "open']],
    ['well-known - or not -- x', ['text: well-known - or not -- x']],
    ['label:"" ""', ['text: label:"" ""']],
  ])('%s', (query, parts) => {
    expect(understood(query)).toEqual(parts)
  })

  test('gives a model the words that say what is looked for, and a plain query as it is', () => {
    expect(parseQuery('  how do  cells divide? ').text).toBe('how do  cells divide?')
    expect(parseQuery('author:knuth sorting "in place" -bubble year:1970- title:search').text).toBe('sorting in place search')
    expect(parseQuery('author:knuth year:1970').text).toBe('')
    expect(parseQuery('10.1000/xyz').text).toBe('')
  })

  test('never fails, and loses no word', () => {
    const piece = fc.oneof(fc.constantFrom('"', '-', ':', 'year:', 'author:', ' ', '“', '10.1/', 'pmid:'), fc.string())
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const query = pieces.join('')
        const letters = (text: string) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length
        const { parts } = parseQuery(query)
        if (parts.every(({ kind, excluded }) => kind === 'text' && !excluded))
          expect(letters(parts.map(({ text }) => text).join(''))).toBe(letters(query))
      }),
    )
  })
})
