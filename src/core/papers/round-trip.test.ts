import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Author, Paper, PaperType } from './paper.js'
import { readPapers } from './read-papers.js'
import { fileOf, read } from './testing.js'
import { cleanAbstract } from './text/clean-abstract.js'
import { cleanText } from './text/clean-text.js'
import { isNoText } from './text/no-text.js'
import { WRITTEN_FORMATS, type WrittenFormat, writePapers } from './write-papers.js'

const FILES: Readonly<Record<WrittenFormat, string>> = {
  bibtex: 'x.bib',
  ris: 'x.ris',
  'csl-json': 'x.json',
  csv: 'x.csv',
  jsonl: 'x.jsonl',
  'endnote-xml': 'x.xml',
  xlsx: 'x.xlsx',
}

/** What every format preserves of a paper. */
function preserved({ id: _id, source: _source, fields: _fields, type = 'other', ...paper }: Paper): unknown {
  // BibTeX has no entry for preprints: one of arXiv that is no article is told by its archive.
  const preprint = ['other', 'web'].includes(type) && paper.arxivId !== undefined && paper.venue === undefined
  return { type: preprint ? 'preprint' : type, ...paper }
}

async function written(papers: readonly Paper[], format: WrittenFormat): Promise<Uint8Array> {
  return new Uint8Array(await new Blob([...(await writePapers(papers, format))]).arrayBuffer())
}

async function writtenText(papers: readonly Paper[], format: WrittenFormat): Promise<string> {
  return new TextDecoder().decode(await written(papers, format))
}

/** Text as a reader produces it. */
const unit = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...'abcdefgh ABC ') },
  { weight: 6, arbitrary: fc.constantFrom(...'\\{}$&%#_^~"\'`<>;,.:!?()[]=@|/-+*') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'é',
      'ß',
      '漢',
      'α',
      '𝒜',
      '—',
      '“',
      '&amp;',
      '<i>',
      '--',
      '``',
      '\\alpha',
      '@article{a,',
      'TY  - ',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
)
const text = fc
  .array(unit, { minLength: 1, maxLength: 40 })
  .map((units) => cleanText(units.join('').replace(/[\r\n]/g, ' ')))
  // No reader produces text that would change if it were decoded once more.
  .map((value) => (cleanText(value) === value ? value : value.replace(/[<&]/g, '')))
  .map((value) => cleanText(value))
  .filter((value) => !isNoText(value))
const abstract = text.map((value) => cleanAbstract(value)).filter((value) => value !== '')
const word = fc.stringMatching(/^[A-Z][a-zé]{1,8}$/)
const author: fc.Arbitrary<Author> = fc.oneof(
  fc.record({ family: word, given: word }),
  fc.record({
    family: fc.tuple(fc.constantFrom('van der', 'de', "O'"), word).map((parts) => parts.join(' ')),
    given: fc.stringMatching(/^[A-Z]\.( [A-Z]\.)?$/),
  }),
  fc.record({ family: word, given: word, suffix: fc.constantFrom('Jr.', 'III') }),
  fc.record({ family: word }),
  fc.record({ name: fc.tuple(word, word).map((parts) => `${parts.join(' ')} Group`) }),
)
const TYPES: PaperType[] = [
  'article',
  'conference',
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
]
const keyword = fc
  .stringMatching(/^[a-z][a-z é-]{0,12}[a-z]$/)
  .map((value) => value.replace(/\s+/g, ' ').replace(/--+/g, '-'))
  .filter((value) => !isNoText(value))
const paper: fc.Arbitrary<Paper> = fc.record(
  {
    id: fc.uuid(),
    title: text,
    abstract,
    authors: fc.array(author, { minLength: 1, maxLength: 4 }),
    year: fc.integer({ min: 1500, max: 2099 }),
    venue: text,
    volume: fc.stringMatching(/^[0-9]{1,4}[A-C]?$/),
    issue: fc.stringMatching(/^[0-9]{1,3}$/),
    pages: fc.oneof(
      fc.tuple(fc.nat(9_000), fc.integer({ min: 1, max: 99 })).map(([from, length]) => `${from}-${from + length}`),
      fc.stringMatching(/^e[0-9]{4}$/),
    ),
    doi: fc
      .stringMatching(/^10\.[1-9][0-9]{3}\/[a-z0-9][a-z0-9._()-]{0,12}[a-z0-9]$/)
      .filter((doi) => doi.split('(').length === doi.split(')').length),
    pmid: fc.stringMatching(/^[1-9][0-9]{6}$/),
    arxivId: fc.oneof(fc.stringMatching(/^[12][0-9]{3}\.[0-9]{5}(v[1-9])?$/), fc.constant('hep-th/9901001')),
    url: fc.stringMatching(/^https:\/\/example\.org\/[a-z0-9_~%&=?#-]{0,20}$/),
    keywords: fc.uniqueArray(keyword, { minLength: 1, maxLength: 4 }),
    type: fc.constantFrom(...TYPES),
    key: fc.stringMatching(/^[A-Za-z][A-Za-z0-9:+._-]{0,12}$/),
  },
  { requiredKeys: ['id', 'title', 'type', 'key'] },
) as fc.Arbitrary<Paper>
const library = fc.uniqueArray(paper, { minLength: 1, maxLength: 4, selector: ({ key }) => key!.toLowerCase() })

describe.each(WRITTEN_FORMATS)('papers written as %s', (format) => {
  test('are read back unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(library, fc.integer({ min: 1, max: 300 }), async (papers, pieceBytes) => {
        const result = await readPapers([fileOf(await written(papers, format), FILES[format], pieceBytes)])
        expect(result.papers.map(preserved)).toEqual(papers.map(preserved))
        expect(result.problems).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('are the same text when read and written again', async () => {
    await fc.assert(
      fc.asyncProperty(library, async (papers) => {
        const first = await read(await written(papers, format), FILES[format])
        const bytes = await written(first.papers, format)
        const second = await read(bytes, FILES[format])
        expect(await written(second.papers, format)).toEqual(bytes)
        expect(second.papers).toEqual(first.papers)
      }),
      { numRuns: 50 },
    )
  })

  test('keep every raw field that was read from the same format', async () => {
    const raw: Readonly<Record<WrittenFormat, string>> = {
      bibtex: String.raw`@phdthesis{k1, title = {The {DNA} of G{\"o}del}, author = {Kurt G{\"o}del and {IBM}}, month = mar, year = 1999, school = {MIT}, note = {a \emph{b} {c}}}`,
      ris: 'TY  - MGZN\r\nT1  - A title\r\nPY  - 2001/09/01/spring\r\nSN  - 1234-5678\r\nN1  - a note\r\n  in two lines\r\nU5  - x\r\nU5  - y\r\nER  - \r\n',
      'csl-json':
        '[{"id":"a","type":"motion_picture","title":"T","issued":{"date-parts":[[2020,2,1]]},"editor":[{"family":"E","given":"F"}],"ISSN":"1","number-of-pages":12}]',
      csv: 'Title,Publication_Year,My column\nA title,2014//,"x, ""y"""\n',
      jsonl: '{"title":"A title","year":"2001","tags":["a"],"other":{"deep":[1,2]}}\n',
      'endnote-xml':
        '<xml><records><record><rec-number>7</rec-number><ref-type name="Book">6</ref-type><contributors><authors><author>Lee, A.</author></authors><secondary-authors><author>Poe, E.</author></secondary-authors></contributors><titles><title>A title</title><short-title>Title</short-title></titles><isbn>1234</isbn><urls><related-urls><url>https://example.org/a</url><url>https://example.org/b</url></related-urls></urls><custom1>mine &amp; yours</custom1></record></records></xml>',
      xlsx: 'Title,Publication_Year,My column\nA title,2014//,"x, ""y"""\n',
    }
    const first = await read(raw[format], format === 'xlsx' ? FILES.csv : FILES[format])
    expect(first.papers).toHaveLength(1)
    const again = await read(await written(first.papers, format), FILES[format])
    expect(again.papers.map(preserved)).toEqual(first.papers.map(preserved))
    const table = format === 'csv' || format === 'xlsx'
    // What names the program and the kind of a record is ours when we have written it.
    const { 'ref-type': _, ...fields } = first.papers[0]!.fields!
    if (!table) expect(again.papers[0]!.fields).toEqual(format === 'endnote-xml' ? fields : first.papers[0]!.fields)
    else expect(again.papers[0]!.fields).toMatchObject(first.papers[0]!.fields!)
  })
})

test('citekeys are unique regardless of case', async () => {
  const papers: Paper[] = ['Bai_2012', 'bai_2012', 'bai_2012'].map((key, index) => ({ id: `${index}`, key, title: 'A title' }))
  const { papers: again } = await read(await writtenText(papers, 'bibtex'))
  expect(again.map(({ key }) => key)).toEqual(['Bai_2012', 'bai_2012-2', 'bai_2012-3'])
})

test('papers are written in the given order', async () => {
  const papers: Paper[] = ['b', 'c', 'a'].map((key) => ({ id: key, key, title: `Title ${key}` }))
  const result = await read(await writtenText(papers.slice(0, 2), 'bibtex'))
  expect(result.papers.map(({ key }) => key)).toEqual(['b', 'c'])
})

test('fields that two formats have in common are carried from one to the other', async () => {
  const { papers } = await read(
    String.raw`@article{k, title = {On {\'e}t{\'e}}, author = {Lee, Ann}, journal = {J}, year = {2001}, publisher = {Wiley \& Sons}, issn = {1234-5678}, month = jan}`,
  )
  const ris = await writtenText(papers, 'ris')
  expect(ris).toContain('TI  - On été\r\n')
  expect(ris).toContain('PB  - Wiley & Sons\r\n')
  expect(ris).toContain('SN  - 1234-5678\r\n')
  const csl = JSON.parse(await writtenText(papers, 'csl-json'))[0]
  expect(csl).toMatchObject({ title: 'On été', publisher: 'Wiley & Sons', ISSN: '1234-5678', 'citation-key': 'k' })
})
