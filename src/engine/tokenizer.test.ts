import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Tokenizer } from './tokenizer.js'

const fixture = new URL('../../testing/fixtures/specter2-tiny/', import.meta.url)
const read = (file: string) => JSON.parse(readFileSync(new URL(file, fixture), 'utf8'))
const files = { tokenizer: read('tokenizer.json'), config: read('tokenizer_config.json') }
const reference = read('reference.json')
const CLS = 2
const SEP = 3

const specter = { paper: '{title}[SEP]{abstract}', query: '{query}', trim: false }
const untruncated = new Tokenizer(files, { maxTokens: 1e6, templates: specter })
const tokenizer = (maxTokens = 512, templates = specter) => new Tokenizer(files, { maxTokens, templates })

describe('Tokenizer', () => {
  test("gives the reference's ids for its papers and queries", () => {
    const all = tokenizer()
    for (const [index, paper] of reference.papers.entries())
      expect(all.encodePaper(paper).ids).toEqual(reference.inputIds.papers[index])
    for (const [index, query] of reference.queries.entries())
      expect(all.encodeQuery(query).ids).toEqual(reference.inputIds.queries[index])
  })

  test('cuts before the closing token, exactly at the limit, and says so', () => {
    const text = 'graph neural networks for documents'
    const { ids } = untruncated.encode(text)
    expect(tokenizer(ids.length).encode(text)).toEqual({ ids, truncated: false })
    for (let limit = 3; limit < ids.length; limit++)
      expect(tokenizer(limit).encode(text)).toEqual({ ids: [...ids.slice(0, limit - 1), SEP], truncated: true })
  })

  test('gives the truncated tokens of the whole text, however little of it was read', () => {
    const word = fc.oneof(
      fc.constantFrom('graph', 'networks', 'the', '[SEP]', 'Ünïcode', '中文', '\u0000', '½'),
      fc.string({ unit: 'grapheme' }),
    )
    const space = fc.constantFrom(' ', '\n', '\t', '  ', '\u00a0')
    const limited = tokenizer(8)
    fc.assert(
      fc.property(fc.array(fc.tuple(word, space), { maxLength: 80 }), (words) => {
        const text = words.flat().join('')
        const { ids } = untruncated.encode(text.toWellFormed())
        const expected = ids.length > 8 ? [...ids.slice(0, 7), SEP] : ids
        expect(limited.encode(text)).toEqual({ ids: expected, truncated: ids.length > 8 })
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['of words', 'graph networks learn '.repeat(50_000)],
    ['of one word', 'a'.repeat(1_000_000)],
    ['of white space', ' '.repeat(1_000_000)],
    ['of white space and a word at the end', `${' \n'.repeat(500_000)}graph`],
    ['of control characters', '\u0001'.repeat(1_000_000)],
  ])('reads a megabyte %s within five seconds', (_, text) => {
    const start = performance.now()
    const { ids } = tokenizer().encodePaper({ title: 'graph', abstract: text })
    expect(performance.now() - start).toBeLessThan(5000)
    expect(ids.length).toBeLessThanOrEqual(512)
    expect([ids[0], ids.at(-1)]).toEqual([CLS, SEP])
  })

  test('takes a missing abstract, null and an empty one for the same', () => {
    const { ids } = tokenizer().encode('graph networks[SEP]')
    for (const abstract of ['', null, undefined])
      expect(tokenizer().encodePaper({ title: 'graph networks', abstract: abstract ?? null }).ids).toEqual(ids)
    expect(tokenizer().encodePaper({ title: 'graph networks' }).ids).toEqual(ids)
    expect(ids.slice(-2)).toEqual([SEP, SEP])
  })

  test('embeds a plain string as it is, without the template', () => {
    expect(tokenizer().encodePaper('graph').ids).toEqual(untruncated.encode('graph').ids)
  })

  test('fills in fields literally, including placeholders and patterns', () => {
    const filled = tokenizer().encodePaper({ title: '{abstract} $& $1 {query}', abstract: '{title}' })
    expect(filled.ids).toEqual(untruncated.encode('{abstract} $& $1 {query}[SEP]{title}').ids)
  })

  test('fills in the templates of a model with prefixes, and trims if the model does', () => {
    const templates = { paper: 'the {title} {abstract}', query: 'graph: {query}', trim: true }
    expect(tokenizer(512, templates).encodePaper({ title: '', abstract: null }).ids).toEqual(untruncated.encode('the').ids)
    expect(tokenizer(512, templates).encodeQuery('networks ').ids).toEqual(untruncated.encode('graph: networks').ids)
  })

  test('gives an empty text its two special tokens', () => {
    expect(tokenizer().encode('')).toEqual({ ids: [CLS, SEP], truncated: false })
  })

  test('treats a lone surrogate anywhere as the replacement character', () => {
    const expected = tokenizer().encode('graph\ufffdnetworks').ids
    expect(tokenizer().encode('graph\ud800networks').ids).toEqual(expected)
    expect(tokenizer().encode('graph\udc00networks').ids).toEqual(expected)
    expect(tokenizer().encode('\udc00').ids[0]).toBe(CLS)
  })
})
