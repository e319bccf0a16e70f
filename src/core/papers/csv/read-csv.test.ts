import { expect, test } from 'vitest'
import { read } from '../testing.js'

test('Scopus: columns are recognised by their headings, people and keywords are split', async () => {
  const text = `\ufeff"Authors","Title","Year","Source title","Volume","Issue","Page start","Page end","DOI","Abstract","Author Keywords","Document Type","EID"
"Smith, J.; van der Berg, K.","A title, with a comma","2001","Journal","1","2","3","9","10.1000/A","Line one
line two. © 2001 Elsevier","one; two","Article","2-s2.0-1"
`
  const { papers } = await read(text)
  expect(papers).toMatchObject([
    {
      title: 'A title, with a comma',
      authors: [
        { family: 'Smith', given: 'J.' },
        { family: 'van der Berg', given: 'K.' },
      ],
      year: 2001,
      venue: 'Journal',
      volume: '1',
      issue: '2',
      pages: '3-9',
      doi: '10.1000/a',
      abstract: 'Line one line two.',
      keywords: ['one', 'two'],
      type: 'article',
      key: '2-s2.0-1',
    },
  ])
})

test.each([
  [
    'Liu R., Adler D.G.',
    [
      { family: 'Liu', given: 'R.' },
      { family: 'Adler', given: 'D.G.' },
    ],
  ],
  [
    'Smith, J., Jones, K.',
    [
      { family: 'Smith', given: 'J.' },
      { family: 'Jones', given: 'K.' },
    ],
  ],
  [
    "['Marx, Karl', 'Lindgren, Astrid']",
    [
      { family: 'Marx', given: 'Karl' },
      { family: 'Lindgren', given: 'Astrid' },
    ],
  ],
  [
    'Zuna, R E and Wang, S S',
    [
      { family: 'Zuna', given: 'R E' },
      { family: 'Wang', given: 'S S' },
    ],
  ],
  ['Lee, Ann', [{ family: 'Lee', given: 'Ann' }]],
])('people written as %s', async (names, authors) => {
  const { papers } = await read(`title,authors\nT,"${names}"\n`)
  expect(papers[0]!.authors).toEqual(authors)
})

test('an unclosed quote and cells without a heading are reported and affect no other row', async () => {
  const { papers, problems } = await read('title,year\n"A,2001\nB,2002\nC "quoted" here,2003,extra\n', 'a.csv')
  expect(papers.map(({ title }) => title)).toEqual(['"A', 'B', 'C "quoted" here'])
  expect(problems.map(({ kind, line }) => [kind, line])).toEqual([
    ['noted', 2],
    ['noted', 4],
  ])
  expect(papers[2]!.fields).toEqual({ 'column 3': ['extra'] })
})
