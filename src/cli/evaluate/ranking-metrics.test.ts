import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { averagePrecision, type Judgements, ndcg, recall } from './ranking-metrics.js'

/** Of one query: a is best, b and c are relevant, d is judged irrelevant, e is relevant and never found. */
const judgements: Judgements = new Map([
  ['a', 3],
  ['b', 1],
  ['c', 2],
  ['d', 0],
  ['e', 1],
])

describe('ndcg', () => {
  test('equals the result by hand, with linear gain', () => {
    // b at rank 1, nothing at 2 and 3, a at 4: 1/log2(2) + 3/log2(5). Best: 3, 2, 1, 1.
    const found = 1 + 3 / Math.log2(5)
    const best = 3 + 2 / Math.log2(3) + 1 / Math.log2(4) + 1 / Math.log2(5)
    expect(ndcg(['b', 'x', 'd', 'a'], judgements, 10)).toBeCloseTo(found / best, 14)
    expect(found / best).toBeCloseTo(0.44141, 5)
  })

  test('ignores what is beyond its depth, in the ranking and in the best one', () => {
    expect(ndcg(['x', 'y', 'a'], judgements, 2)).toBe(0)
    expect(ndcg(['a', 'c', 'x', 'b'], judgements, 2)).toBe(1)
    expect(ndcg(['c', 'a'], judgements, 2)).toBeCloseTo((2 + 3 / Math.log2(3)) / (3 + 2 / Math.log2(3)), 14)
  })

  test('counts a grade below zero as none', () => {
    const spam: Judgements = new Map([
      ['a', 1],
      ['spam', -2],
    ])
    expect(ndcg(['spam', 'a'], spam, 10)).toBeCloseTo(1 / Math.log2(3), 14)
    expect(ndcg(['a', 'spam'], spam, 10)).toBe(1)
  })
})

describe('averagePrecision', () => {
  test('equals the result by hand', () => {
    // Relevant at ranks 1, 3 and 6; the fourth is never found.
    const ranking = ['c', 'd', 'a', 'x', 'y', 'b']
    expect(averagePrecision(ranking, judgements)).toBeCloseTo((1 / 1 + 2 / 3 + 3 / 6 + 0) / 4, 14)
  })
})

describe('recall', () => {
  test('equals the result by hand', () => {
    const ranking = ['c', 'd', 'a', 'x', 'b']
    expect([1, 2, 3, 4, 5, 100].map((depth) => recall(ranking, judgements, depth))).toEqual([0.25, 0.25, 0.5, 0.5, 0.75, 0.75])
  })
})

describe('all three', () => {
  const all = [
    (ranking: string[], judged: Judgements) => ndcg(ranking, judged, 10),
    averagePrecision,
    (ranking: string[], judged: Judgements) => recall(ranking, judged, 10),
  ]

  test('are 0 if nothing is relevant, nothing is judged or nothing is found', () => {
    for (const metric of all) {
      expect(metric(['a'], new Map([['a', 0]]))).toBe(0)
      expect(metric(['a'], new Map())).toBe(0)
      expect(metric([], judgements)).toBe(0)
    }
  })

  const query = fc
    .uniqueArray(fc.record({ id: fc.string(), grade: fc.integer({ min: -1, max: 4 }) }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 9,
    })
    .chain((judged) => {
      const ids = judged.map(({ id }) => id)
      const ranking = fc.shuffledSubarray(ids, { minLength: ids.length })
      return fc.record({ judged: fc.constant(new Map(judged.map(({ id, grade }) => [id, grade]))), ranking })
    })

  test('are 1 for the best ranking and at most that for any other', () => {
    fc.assert(
      fc.property(query, ({ judged, ranking }) => {
        const best = [...judged].sort(([, a], [, b]) => b - a).map(([id]) => id)
        for (const metric of all) {
          expect(metric(best, judged)).toBeCloseTo([...judged.values()].some((grade) => grade > 0) ? 1 : 0, 12)
          expect(metric(ranking, judged)).toBeLessThanOrEqual(metric(best, judged) + 1e-12)
        }
      }),
    )
  })

  test('do not fall when a relevant document moves up before an irrelevant one', () => {
    fc.assert(
      fc.property(query, fc.nat(), ({ judged, ranking }, at) => {
        const upper = at % ranking.length
        const grade = (index: number) => judged.get(ranking[index]!)!
        fc.pre(upper + 1 < ranking.length && grade(upper) <= 0 && grade(upper + 1) > 0)
        const better = ranking.with(upper, ranking[upper + 1]!).with(upper + 1, ranking[upper]!)
        for (const metric of all) expect(metric(better, judged)).toBeGreaterThanOrEqual(metric(ranking, judged) - 1e-12)
      }),
    )
  })
})
