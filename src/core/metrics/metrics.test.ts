import { describe, expect, test } from 'vitest'
import { classificationQuality, cohensKappa, multiLabelQuality } from './classification.js'
import { kendallTauB, pearson } from './correlation.js'
import { rSquared } from './r2.js'
import { averagePrecisionScore, ndcgScore, precisionAt, recallAt, reciprocalRank } from './scored-ranking.js'
import { recallAtShare, screeningLoss, workSaved } from './screening.js'

describe('classification', () => {
  test('equals the counts by hand', () => {
    // a: 2 of 2 found, 3 given; b: 1 of 2, 1 given; c: 0 of 1, 1 given; d is in the predictions only.
    const { accuracy, macroF1, microF1, classes } = classificationQuality(['a', 'a', 'b', 'b', 'c'], ['a', 'a', 'b', 'a', 'd'])
    expect(accuracy).toBe(3 / 5)
    expect(microF1).toBe(3 / 5)
    expect(macroF1).toBeCloseTo((4 / 5 + 2 / 3 + 0 + 0) / 4, 14)
    expect(classes[0]).toEqual({ label: 'a', support: 2, precision: 2 / 3, recall: 1, f1: 0.8 })
    expect(classes[3]).toEqual({ label: 'd', support: 0, precision: 0, recall: 0, f1: 0 })
  })

  test('a class that is never predicted has an F1 of 0', () => {
    expect(classificationQuality([0, 0, 1, 1], [0, 0, 0, 0]).macroF1).toBeCloseTo(1 / 3, 14)
  })

  test('several labels: each is counted, and a paper is right only if all are', () => {
    const { accuracy, macroF1, microF1 } = multiLabelQuality([['x', 'y'], ['y'], []], [['x'], ['y', 'x'], []])
    // x: 1 hit, 2 given, 1 true; y: 1 hit, 1 given, 2 true.
    expect(accuracy).toBeCloseTo(1 / 3, 14)
    expect(macroF1).toBeCloseTo(2 / 3, 14)
    expect(microF1).toBeCloseTo(4 / 6, 14)
    expect(multiLabelQuality([[]], [[]])).toMatchObject({ accuracy: 1, macroF1: 0, microF1: 0 })
  })

  test("kappa equals Cohen's by hand, and is null where both gave one label", () => {
    // 20 both yes, 5 and 10 apart, 15 both no: (.7 - .5) / (1 - .5).
    const pairs = [...Array(20).fill([1, 1]), ...Array(5).fill([1, 0]), ...Array(10).fill([0, 1]), ...Array(15).fill([0, 0])]
    expect(
      cohensKappa(
        pairs.map(([a]) => a),
        pairs.map(([, b]) => b),
      ),
    ).toBeCloseTo(0.4, 12)
    expect(cohensKappa(['in', 'in'], ['in', 'in'])).toBe(null)
    expect(cohensKappa(['in', 'in'], ['out', 'out'])).toBe(0)
  })
})

describe('correlation', () => {
  test('tau-b equals the pairs by hand, with ties', () => {
    // Pairs of [1,2,2,3] and [1,3,2,2]: 3 concordant, 1 discordant, a tie in each.
    expect(kendallTauB([1, 2, 2, 3], [1, 3, 2, 2])).toBeCloseTo((3 - 1) / Math.sqrt(5 * 5), 14)
    expect(kendallTauB([3, 1, 2], [30, 10, 20])).toBe(1)
    expect(kendallTauB([1, 2, 3], [3, 2, 1])).toBe(-1)
  })

  test('tau-b of many numbers equals the count of all pairs', () => {
    const a = Array.from({ length: 60 }, (_, at) => (at * 7) % 13)
    const b = Array.from({ length: 60 }, (_, at) => (at * at) % 11)
    let [sum, tiesA, tiesB, all] = [0, 0, 0, 0]
    for (let i = 0; i < 60; i++)
      for (let j = 0; j < i; j++) {
        sum += Math.sign(a[i]! - a[j]!) * Math.sign(b[i]! - b[j]!)
        if (a[i] === a[j]) tiesA++
        if (b[i] === b[j]) tiesB++
        all++
      }
    expect(kendallTauB(a, b)).toBeCloseTo(sum / Math.sqrt((all - tiesA) * (all - tiesB)), 12)
  })

  test('a constant list has neither', () => {
    expect(kendallTauB([1, 2, 3], [1, 1, 1])).toBe(null)
    expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBe(null)
    expect(pearson([1], [1])).toBe(null)
  })

  test("Pearson's r and R² equal the sums by hand", () => {
    expect(pearson([1, 2, 3], [2, 4, 7])).toBeCloseTo(5 / Math.sqrt(2 * (38 / 3)), 12)
    expect(rSquared([1, 2, 3], [1, 2, 4])).toBeCloseTo(0.5, 12)
    expect([rSquared([2, 2], [2, 2]), rSquared([2, 2], [2, 3])]).toEqual([1, 0])
  })
})

describe('rankings by score', () => {
  test('nDCG shares the discounts of ties', () => {
    const [one, two, three] = [1, 1 / Math.log2(3), 1 / 2]
    expect(ndcgScore([3, 0, 1], [0.2, 0.9, 0.5])).toBeCloseTo((two + 3 * three) / (3 * one + two), 14)
    expect(ndcgScore([1, 0, 0], [5, 5, 1])).toBeCloseTo((one + two) / 2, 14)
    // At depth 1 the tied item is first in half of the orders.
    expect(ndcgScore([1, 0, 0], [5, 5, 1], 1)).toBeCloseTo(1 / 2, 14)
  })

  test('the others equal the ranks by hand', () => {
    const relevance = [0, 1, 1, 0, 1]
    const scores = [9, 8, 5, 4, 1]
    expect(averagePrecisionScore(relevance, scores)).toBeCloseTo((1 / 2 + 2 / 3 + 3 / 5) / 3, 14)
    expect(recallAt(relevance, scores, 3)).toBeCloseTo(2 / 3, 14)
    expect(precisionAt(relevance, scores, 3)).toBeCloseTo(2 / 3, 14)
    expect(precisionAt(relevance, scores, 10)).toBeCloseTo(3 / 10, 14)
    expect(reciprocalRank(relevance, scores)).toBe(1 / 2)
  })

  test('ties count as the mean over their orders', () => {
    // One relevant of three tied items after one: rank 2, 3 or 4.
    expect(reciprocalRank([0, 1, 0, 0], [2, 1, 1, 1])).toBeCloseTo((1 / 2 + 1 / 3 + 1 / 4) / 3, 14)
    // Two of three: the first of them is at rank 1 in 2/3 of the orders, otherwise at 2.
    expect(reciprocalRank([1, 1, 0], [1, 1, 1])).toBeCloseTo(2 / 3 + 1 / 6, 14)
    expect(recallAt([1, 1, 0], [1, 1, 1], 1)).toBeCloseTo(1 / 3, 14)
    expect(averagePrecisionScore([1, 0], [1, 1])).toBe(1 / 2)
  })

  test('are 0 if nothing is relevant', () => {
    for (const metric of [ndcgScore, averagePrecisionScore, reciprocalRank]) expect(metric([0, 0], [1, 2])).toBe(0)
    expect([recallAt([0, 0], [1, 2], 1), precisionAt([0, 0], [1, 2], 1)]).toEqual([0, 0])
  })
})

describe('screening', () => {
  const order = (found: number[], total: number) => Array.from({ length: total }, (_, at) => found.includes(at))

  test('work saved: the rest when 95 % are found, less 5 %', () => {
    // Of 20 included, 19 are needed: the last of them is read as number 40 of 100.
    const found = [...Array.from({ length: 18 }, (_, at) => at), 39, 99]
    expect(workSaved(order(found, 100))).toBeCloseTo(0.6 - 0.05, 12)
    expect(workSaved(order([99], 100))).toBeCloseTo(-0.05, 12)
    expect(workSaved(order(found, 100), 1)).toBe(0)
  })

  test('recall at 10 %, and the loss from best to worst', () => {
    expect(recallAtShare(order([0, 1, 50], 25 * 4))).toBeCloseTo(2 / 3, 12)
    expect(recallAtShare(order([9, 10], 109))).toBe(1 / 2)
    expect(screeningLoss(order([0, 1], 5))).toBe(0)
    expect(screeningLoss(order([3, 4], 5))).toBe(1)
    expect(screeningLoss(order([0, 3], 5))).toBeCloseTo(2 / 6, 12)
  })
})

test.each<[string, () => unknown, string]>([
  ['nothing', () => classificationQuality([], []), 'truth.length'],
  ['lists of two lengths', () => kendallTauB([1, 2], [1]), 'second.length'],
  ['an infinite number', () => pearson([1, 2], [1, Number.POSITIVE_INFINITY]), 'second[1]'],
  ['a score that is none', () => ndcgScore([1], [Number.NaN]), 'scores[0]'],
  ['a negative relevance', () => averagePrecisionScore([-1], [1]), 'relevance[0]'],
  ['a depth of 0', () => recallAt([1], [1], 0), 'depth'],
  ['a review without an included paper', () => workSaved([false]), 'included'],
  ['a review that includes all', () => screeningLoss([true]), 'included'],
  ['a recall of 0', () => workSaved([true], 0), 'recall'],
  ['a share above 1', () => recallAtShare([true], 1.1), 'share'],
])('%s is refused by name', (_, call, field) => {
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
})
