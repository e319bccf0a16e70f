import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import type { Paper } from '../papers/paper.js'
import { DuplicateFinder } from './duplicate-finder.js'
import { findDuplicates } from './find-duplicates.js'
import type { DuplicateResult } from './group-duplicates.js'
import { articles, change } from './testing.js'

const { paper } = articles[0]!
const idsOf = ({ groups }: DuplicateResult) => groups.map(({ ids }) => ids)
const copies = (count: number, of: Paper) => Array.from({ length: count }, (_, index) => ({ ...of, id: `copy-${index}` }))
const bare = { doi: undefined, abstract: null, volume: undefined, issue: undefined, pages: undefined }

test('compares equal records once each, and reports one pair for each', async () => {
  const result = await findDuplicates(copies(3000, paper))
  expect(result.groups[0]!.ids).toHaveLength(3000)
  expect(result.groups[0]!.pairs).toHaveLength(2999)
  expect(result.counts).toEqual({ papers: 3000, compared: 2999, removable: 2999 })
})

test('a decision between copies parts them, and leaves other groups as they are', async () => {
  const finder = new DuplicateFinder()
  const other = articles[1]!.paper
  await finder.add([...copies(3, paper), other, { ...other, id: 'other' }])
  const before = finder.result()
  const after = finder.result({ decisions: [{ a: 'copy-0', b: 'copy-1', verdict: 'different' }] })
  expect(idsOf(after)).toEqual([
    ['copy-0', 'copy-2'],
    [other.id, 'other'],
  ])
  // The very object: it was not grouped again.
  expect(after.groups[1]).toBe(before.groups[1])
  expect(idsOf(finder.result({ decisions: [{ a: 'copy-0', b: 'other', verdict: 'same' }] }))).toEqual([
    ['copy-0', 'copy-1', 'copy-2', other.id, 'other'],
  ])
})

test('a result takes a signal and reports its progress, at once and in slices', async () => {
  const finder = new DuplicateFinder()
  await finder.add(articles.flatMap((article) => [article.paper, { ...article.paper, id: `${article.paper.id}-copy` }]))
  const shares: number[] = []
  const whole = finder.result({ onProgress: ({ done }) => shares.push(done) })
  expect(shares).toEqual([...shares].sort((a, b) => a - b))
  expect(shares.at(-1)).toBe(1)
  const next = new DuplicateFinder()
  await next.restore(
    finder.snapshot(),
    articles.flatMap((article) => [article.paper, { ...article.paper, id: `${article.paper.id}-copy` }]),
  )
  expect(await next.resultInSlices()).toEqual(whole)
  const reason = new Error('Enough.')
  expect(() => finder.result({ signal: AbortSignal.abort(reason) })).toThrow(reason)
  await expect(finder.resultInSlices({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test.each<[relation: string, changes: Parameters<typeof change>[1]]>([
  ['correction', { title: `Erratum to: ${paper.title}`, pages: '901', doi: undefined, abstract: null }],
  ['retraction', { title: `Retraction: ${paper.title}`, pages: '901', doi: undefined, abstract: null }],
  ['reply', { title: `Reply to: ${paper.title}`, pages: '901', doi: undefined, abstract: null }],
  [
    'comment',
    { title: `Comment on: ${paper.title}`, authors: [{ family: 'Quist' }], pages: '901', doi: undefined, abstract: null },
  ],
  [
    'protocol',
    { title: `${paper.title}: study protocol`, venue: 'Trials', volume: '9', pages: '7-19', doi: undefined, abstract: null },
  ],
  ['registration', { ...bare, venue: 'ClinicalTrials.gov', authors: [], url: 'https://clinicaltrials.gov/study/NCT01234567' }],
  ['abstract', { ...bare, venue: 'Annual Congress of Psychiatry', volume: '3', pages: 'S12' }],
  ['thesis', { ...bare, type: 'thesis', venue: 'University of Uppsala' }],
  ['material', { ...bare, title: `Data from: ${paper.title}`, type: 'dataset', venue: 'Dryad' }],
  ['summary', { ...bare, title: `Summaries for patients. ${paper.title}`, authors: [] }],
  ['reprint', { ...bare, title: `Republished: ${paper.title}`, venue: 'Postgraduate Psychiatry' }],
  ['version', { ...bare, venue: 'NBER Working Paper Series' }],
])('a %s is related, not the same', async (relation, changes) => {
  const result = await findDuplicates([paper, change(paper, { id: 'other', ...changes })])
  expect(result.groups).toEqual([])
  expect(result.related.map((pair) => [pair.a, pair.b, pair.relation])).toEqual([[paper.id, 'other', relation]])
  expect(result.versions).toHaveLength(relation === 'version' ? 1 : 0)
})

test('versions of a review are joined only if asked', async () => {
  const review = change(paper, {
    ...bare,
    id: 'first',
    venue: 'Cochrane Database of Systematic Reviews',
    doi: '10.1002/14651858.CD001234.pub2',
  })
  const update = change(review, { id: 'update', doi: '10.1002/14651858.CD001234.pub3' })
  expect(await findDuplicates([review, update])).toMatchObject({ groups: [], versions: [{ veto: 'other-version' }] })
  expect(idsOf(await findDuplicates([review, update], { versions: 'merge' }))).toEqual([['first', 'update']])
})

test('a review’s own rules overrule the finder, and decisions overrule the rules', async () => {
  const archived = change(paper, { id: 'archived', doi: '10.2307/777' })
  const finder = new DuplicateFinder()
  await finder.add([paper, archived])
  expect(idsOf(finder.result())).toEqual([[paper.id, 'archived']])
  const rules = { neverJoinDifferentDois: true }
  expect(finder.result({ rules }).groups).toEqual([])
  const decisions = [{ a: paper.id, b: 'archived', verdict: 'same' as const }]
  expect(idsOf(finder.result({ rules, decisions }))).toEqual([[paper.id, 'archived']])
  expect(finder.result({ rules: { mustAgree: ['title', 'doi'] } }).groups).toEqual([])
  expect(finder.result({ rules: { mustAgree: ['pages'] } }).groups).toHaveLength(1)

  const headings = copies(3, { id: '', title: 'Editorial', year: 2001 })
  expect((await findDuplicates(headings)).groups).toEqual([])
  expect(idsOf(await findDuplicates(headings, { rules: { alwaysJoinEqual: true } }))).toEqual([['copy-0', 'copy-1', 'copy-2']])

  const wrong = { mustAgree: ['title', 'colour' as 'title'] as const }
  expect(() => finder.result({ rules: wrong })).toThrow(expect.objectContaining({ field: 'rules.mustAgree[1]' }))
  expect(() => new DuplicateFinder({ rules: wrong })).toThrow(InvalidArgumentError)
})

test('an identifier of texts with three titles is that of their supplement', async () => {
  const titles = [
    'Ferns in wind and rain of the north',
    'Mosses under snow in late spring',
    'Lichens on granite walls of old towns',
  ]
  const of = (title: string, id: string) =>
    change(paper, { ...bare, id, title, doi: '10.1234/suppl', authors: [{ family: 'Lund' }] })
  const papers = [...titles.map((title, index) => of(title, `text-${index}`)), of('Ferns in wind and rain of the norht', 'slip')]
  expect((await findDuplicates(papers)).groups.flatMap(({ ids }) => ids)).not.toContain('text-1')
})
