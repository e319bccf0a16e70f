import { describe, expect, test } from 'vitest'
import type { Paper } from '../papers/paper.js'
import { comparePapers } from './compare-papers.js'
import type { Veto } from './evidence.js'
import { PRESET_CONFIDENCE } from './finder-options.js'
import { type Article, articles, change } from './testing.js'

type Changed = (article: Article) => readonly [Paper, Paper]

/** The article and a variant of it. */
const to =
  (changes: (paper: Paper, article: Article) => Parameters<typeof change>[1]): Changed =>
  (article) => [article.paper, change(article.paper, changes(article.paper, article))]

const words = (text: string, count: number) => text.split(' ').slice(0, count).join(' ')
const last = (pages: string) => pages.split('-')[1]!
const first = (pages: string) => pages.split('-')[0]!
const swapTwoLetters = (text: string) => text.replace(/(\w)(\w)(\w{4,})$/, '$2$1$3')
const surname = ({ authors }: Paper) => authors![0]!.family!

/** Records of the same article. */
const same: readonly (readonly [string, Changed])[] = [
  ['an upper-case title', to(({ title }) => ({ title: title.toUpperCase() }))],
  ['an abbreviated journal', to((_, { abbreviated }) => ({ venue: abbreviated, abstract: null }))],
  [
    'initials for given names',
    to(({ authors }) => ({ authors: authors!.map(({ family, given }) => ({ family: family!, given: given![0]! })) })),
  ],
  ['undivided names', to(({ authors }) => ({ authors: authors!.map(({ family, given }) => ({ name: `${given} ${family}` })) }))],
  ['no authors', to(() => ({ authors: [], doi: undefined, abstract: null }))],
  ['only the first author', to(({ authors }) => ({ authors: authors!.slice(0, 1), doi: undefined }))],
  [
    'a truncated title',
    to(({ title }) => ({ title: `${words(title, Math.ceil(title.split(' ').length * 0.7))}…`, doi: undefined, abstract: null })),
  ],
  ['additions in brackets', to(({ title }) => ({ title: `${title}. [Review] [33 refs]`, doi: undefined, abstract: null }))],
  ['a language in brackets', to(({ title }) => ({ title: `[${title}] [Russian]`, doi: undefined, abstract: null }))],
  ['an abbreviated last page', to(({ pages }) => ({ pages: `${first(pages!)}-${last(pages!).slice(-1)}`, doi: undefined }))],
  ['only the first page', to(({ pages }) => ({ pages: first(pages!), doi: undefined, abstract: null }))],
  ['only the last page', to(({ pages }) => ({ pages: last(pages!), doi: undefined, abstract: null }))],
  ['the year of online publication', to(({ year }) => ({ year: year! - 1, doi: undefined, abstract: null }))],
  ['neither DOI nor abstract', to(() => ({ doi: undefined, abstract: null }))],
  ['a wrong DOI', to(() => ({ doi: '10.9999/of.another' }))],
  [
    'a DOI with its resolver',
    to(({ doi }) => ({ doi: `https://doi.org/${doi!.toUpperCase()}`, abstract: null, pages: undefined })),
  ],
  ['transposed letters in the title', to(({ title }) => ({ title: swapTwoLetters(title), doi: undefined, abstract: null }))],
  [
    'no accents',
    to(({ title, authors }) => ({
      title: title.replace('β', 'beta'),
      doi: undefined,
      abstract: null,
      authors: authors!.map(({ family, given }) => ({
        family: family!.replaceAll(/[üéøå]/gi, (letter) => ({ ü: 'u', é: 'e', ø: 'o', å: 'a' })[letter] ?? 'O'),
        given: given!,
      })),
    })),
  ],
  ['no volume, issue and pages yet', to(() => ({ volume: undefined, issue: undefined, pages: undefined, doi: undefined }))],
  ['an article number instead of pages', to(() => ({ pages: 'e10723', abstract: null, doi: undefined }))],
  ['pages counted from 1', to(() => ({ pages: '1-9', doi: undefined, abstract: null }))],
  ['a supplement in the volume', to(({ volume }) => ({ volume: `${volume} (Suppl 1)`, doi: undefined, abstract: null }))],
]

/** Different texts that look alike. */
const different: readonly (readonly [string, readonly Veto[], Changed])[] = [
  [
    'Part I and Part II',
    ['different-number'],
    ({ paper }) => [
      change(paper, { title: `${paper.title}. Part I` }),
      { ...change(paper, { title: `${paper.title}. Part II`, doi: '10.1234/part.2' }), id: 'second' },
    ],
  ],
  [
    'an edition of another year',
    ['different-number'],
    ({ paper }) => [
      change(paper, { title: `${paper.title}, 2010` }),
      {
        ...change(paper, { title: `${paper.title}, 2011`, year: paper.year! + 1, doi: undefined, pages: undefined }),
        id: 'second',
      },
    ],
  ],
  [
    'its erratum',
    ['notice'],
    to(({ title }) => ({ title: `Erratum: ${title}`, pages: '901', doi: '10.1234/erratum', abstract: null })),
  ],
  [
    'its erratum, with its abstract',
    ['notice'],
    to(({ title }) => ({ title: `Erratum to - ${title}`, pages: '901-902', doi: undefined })),
  ],
  ['a reply', ['notice'], to(({ title }) => ({ title: `Reply to: ${title}`, pages: '902-903', doi: undefined, abstract: null }))],
  [
    'a comment by others',
    ['notice'],
    to(({ title }) => ({
      title: `Comment on "${title}"`,
      authors: [{ family: 'Zimmer', given: 'Q' }],
      pages: '904',
      doi: undefined,
      abstract: null,
    })),
  ],
  [
    'its protocol',
    ['notice'],
    to(({ title }) => ({
      title: `${title}: study protocol`,
      venue: 'BMC Trials Registry',
      volume: '3',
      issue: '1',
      pages: '12',
      year: 2006,
      doi: undefined,
      abstract: null,
    })),
  ],
  [
    'a meeting abstract',
    ['meeting-and-article', 'different-place'],
    to((paper) => ({
      venue: 'Annual Congress of the Society, Book of Abstracts',
      volume: '7',
      issue: undefined,
      pages: 'S88',
      year: paper.year! - 1,
      doi: undefined,
      abstract: null,
    })),
  ],
  [
    'a supplement of the same journal',
    ['meeting-and-article', 'different-place'],
    to(({ volume }) => ({ volume: `${volume} Suppl 2`, pages: 'S19', doi: undefined, abstract: null, issue: 'Suppl 2' })),
  ],
  [
    'another text of a supplement with a shared DOI',
    ['shared-doi', 'different-title'],
    to((paper) => ({
      title: `Poster: unrelated observations on ${surname(paper)} fields in winter`,
      authors: [{ family: 'Yilmaz', given: 'D' }],
      pages: 'S20',
      abstract: null,
    })),
  ],
  [
    'the same title in another volume',
    ['different-place'],
    to((paper) => ({ volume: '999', issue: '9', pages: '12-20', year: paper.year! + 2, doi: undefined, abstract: null })),
  ],
  [
    'the same title in another journal',
    ['different-place'],
    to(() => ({
      venue: 'Archives of Quite Other Things',
      volume: '5',
      issue: '1',
      pages: '3-9',
      doi: undefined,
      abstract: null,
    })),
  ],
  [
    'another DOI and another journal',
    ['different-identifier'],
    to(() => ({
      doi: '10.9999/of.another',
      venue: 'Archives of Quite Other Things',
      volume: undefined,
      issue: undefined,
      pages: undefined,
      abstract: null,
    })),
  ],
  [
    'another PMID',
    ['different-identifier'],
    ({ paper }) => [
      change(paper, { pmid: '1000001', pages: undefined, doi: undefined, abstract: null }),
      { ...change(paper, { pmid: '1000002', pages: undefined, doi: undefined, abstract: null }), id: 'second' },
    ],
  ],
  [
    'the same heading in the next issue',
    ['heading'],
    ({ paper }) => [
      change(paper, { title: 'Editorial', doi: undefined, abstract: null }),
      { ...change(paper, { title: 'Editorial', issue: '12', pages: '901-902', doi: undefined, abstract: null }), id: 'second' },
    ],
  ],
  [
    'words of opposite meaning',
    ['different-words'],
    ({ paper }) => [
      change(paper, { title: `${paper.title} in men`, doi: undefined }),
      { ...change(paper, { title: `${paper.title} in women`, pages: '801-809', doi: undefined }), id: 'second' },
    ],
  ],
  [
    'a preprint',
    ['preprint-and-published'],
    to(() => ({
      venue: 'medRxiv',
      type: 'preprint',
      volume: undefined,
      issue: undefined,
      pages: undefined,
      doi: '10.1101/2020.01.01.20000001',
    })),
  ],
  [
    'another text by the same authors on the next pages',
    ['different-title', 'different-words', 'different-place'],
    to(({ pages }) => ({
      title: 'Costs and benefits of three quite different procedures',
      pages: `${Number(last(pages!)) + 1}-${Number(last(pages!)) + 9}`,
      doi: undefined,
      abstract: null,
    })),
  ],
  [
    'the same title by other authors',
    ['different-authors', 'different-place'],
    to(() => ({
      authors: [
        { family: 'Yilmaz', given: 'D' },
        { family: 'Quist', given: 'U' },
      ],
      volume: undefined,
      issue: undefined,
      pages: undefined,
      doi: undefined,
      abstract: null,
    })),
  ],
]

const joins = (evidence: { veto: Veto | null; confidence: number }, preset: keyof typeof PRESET_CONFIDENCE) =>
  evidence.veto === null && evidence.confidence >= PRESET_CONFIDENCE[preset]

describe('comparePapers', () => {
  test('is tried on more than 200 adversarial pairs', () => {
    expect((same.length + different.length) * articles.length).toBeGreaterThan(200)
  })

  test('counts near vectors as evidence if titles differ, but not if they are the same', () => {
    const { paper } = articles[0]!
    const bare = { doi: undefined, abstract: null, pages: undefined, volume: undefined, issue: undefined }
    const confidences = (title: string) =>
      [null, 0.05].map((distance) => comparePapers(paper, change(paper, { ...bare, title }), { distance }).confidence)
    const [without, near] = confidences(paper.title)
    expect(near).toBe(without)
    const [cutWithout, cutNear] = confidences(words(paper.title, 7))
    expect(cutNear).toBeGreaterThan(cutWithout!)
  })

  describe.each(same)('with %s', (_, changed) => {
    test.each(articles.map((article) => [article.paper.title, article] as const))('finds a duplicate: %s', (__, article) => {
      const [a, b] = changed(article)
      const evidence = comparePapers(a, b)
      expect({ ...evidence, joins: joins(evidence, 'balanced') }).toMatchObject({ veto: null, joins: true })
      expect(comparePapers(b, a).confidence).toBeCloseTo(evidence.confidence, 12)
    })
  })

  describe.each(different)('with %s', (_, vetoes, changed) => {
    test.each(articles.map((article) => [article.paper.title, article] as const))('finds different papers: %s', (__, article) => {
      const [a, b] = changed(article)
      const evidence = comparePapers(a, b)
      expect(vetoes).toContain(evidence.veto)
      expect(evidence.confidence).toBeLessThanOrEqual(0.02)
      expect(comparePapers(b, a).veto).toBe(evidence.veto)
    })
  })
})
