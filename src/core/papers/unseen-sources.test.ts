import { expect, test } from 'vitest'
import type { Paper } from './paper.js'
import { read } from './testing.js'

const RIS = 'TY  - JOUR\nTI  - Kites\nAU  - Finch, Ann\nPY  - 2009\nER  - \n'
const CSV = 'Title,Authors,Year\nKites,"Finch, Ann; Heron, Bo",2009\n'
const people = [
  { family: 'Finch', given: 'Ann' },
  { family: 'Heron', given: 'Bo' },
]

/** Files of known kinds in forms that no rule was written for, with what is right of each record. */
const SOURCES: [source: string, file: string, text: string, expected: readonly Partial<Paper>[]][] = [
  ['RIS with tabs', 'a.ris', RIS.replaceAll('  - ', '\t- '), [{ title: 'Kites', year: 2009 }]],
  ['RIS below a mail', 'a.ris', `Your export\nDate: 2021-03-04\nSearch: (kites)\n\n${RIS}`, [{ title: 'Kites' }]],
  ['a table below its search', 'a.csv', `Search:,kites\nDate:,2021\nResults:,1\n\n${CSV}`, [{ title: 'Kites', authors: people }]],
  [
    'NoteExpress',
    'a.net',
    '{Reference Type}: Journal Article\n{Title}: 风筝\n{Author}: 王伟\n{Author}: 李娜\n{Journal}: 风\n{Year}: 2009\n{Reference Type}: Thesis\n{Title}: 滑翔机\n',
    [{ title: '风筝', year: 2009, venue: '风', type: 'article' }, { title: '滑翔机' }],
  ],
  ['short headings', 'a.csv', 'TITLE,VOL.,PP.\nKites,57,811-820\n', [{ volume: '57', pages: '811-820' }]],
  ['an abbreviated journal', 'a.csv', 'Title,Journal Abbreviation\nKites,J Winds\n', [{ venue: 'J Winds' }]],
  [
    'identifiers in one cell',
    'a.csv',
    "Title,external ids\nKites,\"{'DOI': '10.5555/w.9', 'PubMed': '19000001'}\"\n",
    [{ doi: '10.5555/w.9', pmid: '19000001' }],
  ],
  [
    'numbers behind names',
    'a.csv',
    'Title,Authors\nKites,"Finch A.1, Heron B.2"\n',
    [
      {
        authors: [
          { family: 'Finch', given: 'A.' },
          { family: 'Heron', given: 'B.' },
        ],
      },
    ],
  ],
  [
    'DataCite',
    'a.json',
    JSON.stringify({
      data: [
        {
          attributes: {
            doi: '10.5555/d.1',
            titles: [{ title: 'Kites' }, { title: 'Drachen', lang: 'de' }],
            descriptions: [
              { description: 'Series 1', descriptionType: 'SeriesInformation' },
              { description: 'We flew kites.', descriptionType: 'Abstract' },
            ],
          },
        },
      ],
    }),
    [{ abstract: 'We flew kites.', title: 'Kites' }],
  ],
]
for (const [language, headings] of [
  ['Spanish', 'Título del artículo;Fecha de publicación;Título de la revista'],
  ['Portuguese', 'Título do artigo;Ano de publicação;Nome do periódico'],
  ['French', "Titre de l'article;Année de parution;Titre de la revue"],
  ['Italian', "Titolo dell'articolo;Anno di pubblicazione;Titolo della rivista"],
  ['German', 'Artikeltitel;Erscheinungsjahr;Zeitschriftentitel'],
  ['Dutch', 'Titel van het artikel;Jaar van publicatie;Naam van het tijdschrift'],
  ['Polish', 'Tytuł artykułu;Rok publikacji;Tytuł czasopisma'],
  ['Russian', 'Название статьи;Год публикации;Название журнала'],
  ['Turkish', 'Makale Başlığı;Yayın Yılı;Dergi Adı'],
  ['Japanese', '論文タイトル;発行年;雑誌名'],
  ['Korean', '논문제목;발행년도;학술지명'],
] as const)
  SOURCES.push([
    `headings in ${language}`,
    'a.csv',
    `${headings}\nKites;2009;Winds\n`,
    [{ title: 'Kites', year: 2009, venue: 'Winds' }],
  ])
for (const nothing of [
  'N/A',
  '<NA>',
  '#N/A',
  'This article has no abstract.',
  'An abstract is not available for this content',
  'Résumé non disponible',
])
  SOURCES.push([`no abstract: ${nothing}`, 'a.csv', `Title,Abstract\nA title,${nothing}\n`, [{ title: 'A title', abstract: '' }]])
for (const notice of [
  'Published by Elsevier B.V.',
  'The Author(s) 2009. This article is published with open access at Example.com',
])
  SOURCES.push([notice, 'a.csv', `Title,Abstract\nKites,We flew kites. ${notice}\n`, [{ abstract: 'We flew kites.' }]])

test.each(SOURCES)('%s', async (_, file, text, expected) => {
  const { papers } = await read(text, file)
  const said = papers.map((paper, index) =>
    Object.fromEntries(Object.keys(expected[index] ?? {}).map((key) => [key, paper[key as keyof Paper] ?? ''])),
  )
  expect(said).toEqual(expected)
})

test('Number of articles and the like are no issues', async () => {
  const { papers } = await read('Title,Number of articles,Publication status\nKites,5,final\n', 'a.csv')
  expect(papers[0]).toMatchObject({ title: 'Kites' })
  expect(papers[0]).not.toHaveProperty('issue')
})
