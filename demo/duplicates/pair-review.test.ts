import { expect, test } from 'vitest'
import { type DuplicateResult, findDuplicates, type PairEvidence } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import { evidenceSentences } from './evidence-text.js'
import { PairReview } from './pair-review.js'

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
const found = await findDuplicates(papers)
const surePair = found.groups[0]!.pairs[0]!

/** A review of `papers` whose result has these pairs to ask about. */
function reviewOf(doubtful: readonly Partial<PairEvidence>[]): PairReview {
  const review = new PairReview(papers)
  const pairs = doubtful.map((more) => ({ ...surePair, ...more }))
  review.result = { ...found, groups: [], doubtful: pairs, versions: [] }
  return review
}

const named = (pairs: readonly PairEvidence[]) => pairs.map(({ a, b }) => a + b)
const pairsIn = (review: PairReview, list: PairReview['list']) => {
  review.list = list
  return named(review.pairs)
}
const THREE = [
  { a: 'a', b: 'c', confidence: 0.5 },
  { a: 'a', b: 'd', confidence: 0.6 },
  { a: 'b', b: 'c', confidence: 0.7 },
]

test('pairs move from the queue or the joined ones to the decided, and back by undo', async () => {
  const review = new PairReview(papers)
  review.result = found
  const before = (['queue', 'joined', 'decided'] as const).map((list) => pairsIn(review, list))
  expect(before[1]).toContain('ab')
  review.add({ type: 'decide', pairs: [['a', 'b']], verdict: 'different' })
  review.result = await findDuplicates(papers, { decisions: review.decisions })
  expect(pairsIn(review, 'joined')).not.toContain('ab')
  expect(pairsIn(review, 'decided')).toEqual(['ab'])
  expect(review.verdictOf(surePair)).toBe('different')
  review.undo()
  review.result = found
  expect((['queue', 'joined', 'decided'] as const).map((list) => pairsIn(review, list))).toEqual(before)
})

test('a pair with a paper that is no longer in the library is in no list', () => {
  const review = new PairReview(papers)
  review.result = found
  review.add({ type: 'decide', pairs: [['a', 'gone']], verdict: 'same' })
  expect(review.countOf('decided')).toBe(0)
})

test('accepts together the sure pairs with nothing against them', () => {
  const review = reviewOf([
    { a: 'a', b: 'b' },
    { a: 'a', b: 'c', veto: 'notice' },
    { a: 'a', b: 'd', isVersion: true },
    { a: 'b', b: 'c', confidence: 0.89 },
  ])
  expect(review.threshold).toBe(90)
  expect(named(review.sure)).toEqual(['ab'])
  review.acceptSure()
  expect(review.decisions).toEqual([{ a: 'a', b: 'b', verdict: 'same' }])
  expect(review.countOf('queue')).toBe(3)
  const { steps } = review
  review.acceptSure()
  expect(review.steps).toBe(steps)
})

test('a decision makes the next pair current, and after a postponed last pair the first', () => {
  const review = reviewOf(THREE)
  expect(named(review.pairs)).toEqual(['ac', 'ad', 'bc'])
  review.decide('different')
  expect(review.current).toMatchObject({ a: 'a', b: 'd' })
  review.index = 7
  expect(review.index).toBe(1)
  review.decide('later')
  expect(review.current).toMatchObject({ a: 'a', b: 'd' })
  review.index = -1
  expect(review.index).toBe(0)
})

test('a new result leaves the current pair current, and an undone pair becomes it when it is listed again', () => {
  const review = reviewOf(THREE)
  const result = review.result as DuplicateResult
  review.index = 1
  review.result = { ...result, doubtful: [{ ...surePair, a: 'b', b: 'd', confidence: 0.5 }, ...result.doubtful] }
  expect(review.current).toMatchObject({ a: 'a', b: 'd' })
  review.decide('same')
  review.index = 0
  review.undo()
  review.result = result
  expect(review.current).toMatchObject({ a: 'a', b: 'd' })
  review.result = null
  expect(review.current).toBeUndefined()
})

test('undo without a step, and a decision without a pair, change nothing', () => {
  const review = new PairReview(papers)
  const { steps } = review
  review.undo()
  review.decide('same')
  expect(review.steps).toBe(steps)
})

test('merges a pair with the groups that its papers are in, by the rule and by what the reader chose', () => {
  const review = new PairReview(papers)
  review.result = found
  expect(
    review
      .mergedPair({ ...surePair, a: 'b', b: 'c' })
      .from.map(({ id }) => id)
      .sort(),
  ).toEqual(['a', 'b', 'c'])
  expect(review.mergedLibrary.removed.map(({ keptId }) => keptId)).toEqual(['a'])
  review.add({ type: 'keep', id: 'b' })
  expect(review.mergedLibrary.removed.map(({ keptId }) => keptId)).toEqual(['b'])
  review.rule = 'newest'
  expect(review.mergedPair({ ...surePair, a: 'c', b: 'd' }).paper.id).toBe('d')
})

test('resumes from its JSON; unknown settings become the defaults, and another object is refused', () => {
  const review = reviewOf(THREE)
  review.preset = 'thorough'
  review.rule = 'newest'
  review.decide('same')
  const saved = JSON.parse(JSON.stringify(review))
  const resumed = new PairReview(papers, saved)
  expect(resumed).toMatchObject({ preset: 'thorough', rule: 'newest', steps: review.steps })
  expect(new PairReview(papers, { ...saved, preset: 'toString', rule: 7 })).toMatchObject({
    preset: 'balanced',
    rule: 'most-complete',
  })
  expect(new PairReview(papers, null).steps.steps).toEqual([])
  expect(() => new PairReview(papers, { format: 1, steps: ['nonsense'] })).toThrow(
    expect.objectContaining({ code: 'DAMAGED_FILE' }),
  )
})

test('says the evidence in words', () => {
  expect(evidenceSentences(surePair).join(' ')).toMatch(/agree.*Titles 100 % alike.*Missing in one or both: .*DOI/)
  expect(evidenceSentences({ ...surePair, veto: 'notice', distance: 0.12 }).join(' ')).toMatch(
    /Against it: one is an erratum.*12 % as far/,
  )
})

test('groups are accepted several at once, in one step, and a record is taken out of one', async () => {
  const three = [...papers, paper('e', { volume: '3', pages: '10-19', doi: '10.5555/1' })]
  const review = new PairReview(three)
  review.result = await findDuplicates(three)
  const group = review.groups.find(({ ids }) => ids.length === 3)!
  expect(group.ids).toEqual(['a', 'b', 'e'])
  expect(review.groups.map(({ confidence }) => confidence)).toEqual(
    review.groups.map(({ confidence }) => confidence).toSorted((x, y) => x - y),
  )
  expect(review.isAccepted(group)).toBe(false)
  review.acceptGroups(review.groups)
  expect(review.steps.steps).toHaveLength(1)
  expect(review.groups.every((each) => review.isAccepted(each))).toBe(true)
  review.result = await findDuplicates(three, { decisions: review.decisions })
  expect(review.away.filter(({ byHand }) => byHand).map(({ id }) => id)).toHaveLength(review.away.length)
  review.undo()
  review.separate(group, ['b'])
  review.result = await findDuplicates(three, { decisions: review.decisions })
  expect(review.groups.map(({ ids }) => ids)).toContainEqual(['a', 'e'])
  expect(review.groups.flatMap(({ ids }) => ids)).not.toContain('b')
})
