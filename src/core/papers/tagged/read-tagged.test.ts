import { describe, expect, test } from 'vitest'
import { read } from '../testing.js'

describe('RIS', () => {
  test('all properties of a record are read', async () => {
    const text = `TY  - JOUR
AU  - van der Berg, Jan
AU  - King, Martin L., Jr.
AU  - World Health Organization
TI  - A title that goes
on in the next line
T2  - Journal
PY  - 2001/09/01/
VL  - 6
IS  - 3
SP  - 193
EP  - 194
DO  - https://doi.org/10.1000/ABC
U1  - 123456[pmid]
KW  - one
KW  - two, three
AB  - Text. Copyright 2015 Press.
ID  - k
UR  - https://example.org
ER  - 
`
    const { papers, problems } = await read(text)
    expect(problems).toEqual([])
    expect(papers).toMatchObject([
      {
        type: 'article',
        title: 'A title that goes on in the next line',
        authors: [
          { family: 'van der Berg', given: 'Jan' },
          { family: 'King', given: 'Martin L.', suffix: 'Jr.' },
          { name: 'World Health Organization' },
        ],
        venue: 'Journal',
        year: 2001,
        volume: '6',
        issue: '3',
        pages: '193-194',
        doi: '10.1000/abc',
        pmid: '123456',
        keywords: ['one', 'two, three'],
        abstract: 'Text.',
        key: 'k',
        url: 'https://example.org',
      },
    ])
    expect(papers[0]!.fields).toMatchObject({ PY: ['2001/09/01/'] })
  })

  test('records without an end are separated by their titles; a second type does not begin a record', async () => {
    const without = 'TY  - JOUR\nTI  - A\nTY  - BOOK\nTI  - B\n\nTY  - BOOK\nTI  - C\nER  - \n'
    expect((await read(without)).papers.map(({ title, source }) => [title, source!.line])).toEqual([
      ['A', 1],
      ['B', 3],
      ['C', 6],
    ])
    const twice = 'TY  - BOOK\nTY  - JOUR\nTI  - A\nTY  - THES\nPB  - P\nER  - \n'
    expect((await read(twice)).papers).toMatchObject([{ title: 'A', type: 'thesis' }])
  })

  test('lines outside records are reported', async () => {
    const { papers, problems } = await read(
      'Provider: X\n\nTY  - JOUR\nTI  - A\nER  - \nstray line\nTY  - JOUR\nTI  - B\nER  - \n',
    )
    expect(papers).toHaveLength(2)
    expect(problems).toMatchObject([{ kind: 'noted', line: 6, raw: 'stray line' }])
  })
})

test('MEDLINE: full names, identifiers by their kind, continuation lines', async () => {
  const text = `
PMID- 27169098
TI  - A title that goes
      on.
FAU - Shruthi, Basavaradhya S
AU  - Shruthi BS
DP  - 2016 May 28
JT  - Journal of X
LID - 10.4103/x.1 [doi]
PT  - Journal Article
OT  - word
MH  - Humans

PMID- 2
AU  - Rennie MJ
TI  - B
`
  const { papers } = await read(text)
  expect(papers).toMatchObject([
    {
      title: 'A title that goes on.',
      authors: [{ family: 'Shruthi', given: 'Basavaradhya S' }],
      year: 2016,
      venue: 'Journal of X',
      doi: '10.4103/x.1',
      pmid: '27169098',
      type: 'article',
      keywords: ['word'],
    },
    { title: 'B', authors: [{ family: 'Rennie', given: 'MJ' }], pmid: '2' },
  ])
})

test('Web of Science: a continuation line of AU is another person, of TI the same title', async () => {
  const text =
    'FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Gamernyk, RV\n   Gnatenko, YP\nTI A title\n   that goes on\nSO JOURNAL\nBP 1\nEP 9\nPY 2006\nDI 10.1000/x\nUT WOS:1\nER\n\nPT J\nTI B\nER\n\nEF'
  const { papers } = await read(text)
  expect(papers).toMatchObject([
    {
      title: 'A title that goes on',
      authors: [
        { family: 'Gamernyk', given: 'RV' },
        { family: 'Gnatenko', given: 'YP' },
      ],
      venue: 'JOURNAL',
      pages: '1-9',
      year: 2006,
      doi: '10.1000/x',
      key: 'WOS:1',
    },
    { title: 'B' },
  ])
})

test('Refer: a blank line separates only records that have no type', async () => {
  expect((await read('%A Lee, Ann\n%T A\n%D 2001\n\n%T B\n')).papers.map(({ title }) => title)).toEqual(['A', 'B'])
  const { papers } = await read('%0 Journal Article\n%T A\n%X First.\n\nSecond.\n%K one\n\n%0 Book\n%T B\n')
  expect(papers).toMatchObject([
    { title: 'A', abstract: 'First. Second.', keywords: ['one'], type: 'article' },
    { title: 'B', type: 'book' },
  ])
})

test('Ovid: labels with indented values', async () => {
  const text =
    '<1>\nAccession Number\n  1.\nAuthor\n  Verbeek, Jan MD *;  van Vugt, Arie MD, PhD +\nTitle\n  A title.[Article]\nSource\n  Journal of X.\nAbstract\n  Text\n  that goes on.\n<2>\nAccession Number\n  2\nTitle\n  B\n'
  const { papers } = await read(text)
  expect(papers).toMatchObject([
    {
      title: 'A title',
      authors: [
        { family: 'Verbeek', given: 'Jan' },
        { family: 'van Vugt', given: 'Arie' },
      ],
      venue: 'Journal of X',
      abstract: 'Text that goes on.',
      key: '1',
    },
    { title: 'B' },
  ])
})

test('Copac and Biblioscape: continuation lines, people in one line', async () => {
  expect((await read('TI- A\nAU- Lee, Ann\nKW- one,\n    two\nPY- 1972\n\nTI- B\n')).papers).toMatchObject([
    { title: 'A', year: 1972, keywords: ['one, two'] },
    { title: 'B' },
  ])
  expect(
    (await read('--AU-- Sa, M.; Kascheres, A.\n--TI-- A\n--ST-- Journal\n--PS-- 1\n--PE-- 9\n------\n')).papers,
  ).toMatchObject([
    {
      title: 'A',
      venue: 'Journal',
      pages: '1-9',
      authors: [
        { family: 'Sa', given: 'M.' },
        { family: 'Kascheres', given: 'A.' },
      ],
    },
  ])
})

test('RefWorks: tags before a space, pages in two fields, records that begin with their type', async () => {
  const record =
    'RT Journal Article\nSR Print(0)\nID 7\nA1 Lee,Ann\nA1 Roe,B. C.\nT1 Of APOE\nJF Journal of Things\nYR 2001\nVO 3\nIS 2\nSP 11\nOP 19\nK1 one\nK1 two\nDO 10.1000/A\n'
  const { papers, problems } = await read(`${record}\n${record.replace('ID 7', 'ID 8')}`)
  expect(problems).toEqual([])
  expect(papers).toHaveLength(2)
  expect(papers[0]).toMatchObject({
    key: '7',
    type: 'article',
    title: 'Of APOE',
    authors: [
      { family: 'Lee', given: 'Ann' },
      { family: 'Roe', given: 'B. C.' },
    ],
    venue: 'Journal of Things',
    year: 2001,
    volume: '3',
    issue: '2',
    pages: '11-19',
    keywords: ['one', 'two'],
    doi: '10.1000/a',
  })
})
