import { expect, test } from 'vitest'
import { addStep, decisionsOf, emptyReview, findDuplicates } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import { evidenceWords } from './evidence-words.js'
import { acceptable, pairLists } from './pair-lists.js'

const paper = (id: string, more: Partial<Paper>): Paper => ({
  id,
  title: 'The shape of ferns in a steady wind',
  authors: [{ family: 'Okoro', given: 'Ada' }],
  year: 1998,
  venue: 'Annals of Ferns',
  ...more,
})
const papers = [
  paper('a', { volume: '3', pages: '10-19', doi: '10.5555/1' }),
  paper('b', { volume: '3', pages: '10-19' }),
  paper('c', { title: 'Moss on northern walls', authors: [{ family: 'Lind', given: 'Per' }], volume: '4', pages: '20-29' }),
  paper('d', { title: 'Moss on northern walls and roofs', authors: [{ family: 'Lind' }], year: 1999, volume: '4' }),
]
const byId = new Map(papers.map((one) => [one.id, one]))

test('pairs move from the queue or the joined ones to the decided, and back by undo', async () => {
  const result = await findDuplicates(papers)
  const before = pairLists(result, emptyReview, byId)
  expect(before.joined.map(({ a, b }) => a + b)).toContain('ab')
  const review = addStep(emptyReview, { type: 'decide', pairs: [['a', 'b']], verdict: 'different' })
  const after = pairLists(await findDuplicates(papers, { decisions: decisionsOf(review) }), review, byId)
  expect(after.joined.map(({ a, b }) => a + b)).not.toContain('ab')
  expect(after.decided.map(({ a, b }) => a + b)).toEqual(['ab'])
  expect(pairLists(result, emptyReview, byId)).toEqual(before)
})

test('a pair of a paper that has left is in no list', async () => {
  const result = await findDuplicates(papers)
  const review = addStep(emptyReview, { type: 'decide', pairs: [['a', 'gone']], verdict: 'same' })
  expect(pairLists(result, review, byId).decided).toEqual([])
})

test('accepts together what is sure and has nothing against it', async () => {
  const { groups } = await findDuplicates(papers)
  const [pair] = groups[0]!.pairs
  expect(acceptable([pair!], 0.9)).toEqual([pair])
  expect(
    acceptable(
      [
        { ...pair!, veto: 'notice' },
        { ...pair!, isVersion: true },
        { ...pair!, confidence: 0.89 },
      ],
      0.9,
    ),
  ).toEqual([])
})

test('says the evidence in words', async () => {
  const { groups } = await findDuplicates(papers)
  const [pair] = groups[0]!.pairs
  expect(evidenceWords(pair!).join(' ')).toMatch(/agree.*Titles 100 % alike.*Missing in one or both: .*DOI/)
  expect(evidenceWords({ ...pair!, veto: 'notice', distance: 0.12 }).join(' ')).toMatch(
    /Against it: one is an erratum.*12 % as far/,
  )
})
