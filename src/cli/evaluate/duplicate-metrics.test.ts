import { describe, expect, test } from 'vitest'
import { duplicateMetrics } from './duplicate-metrics.js'

/** Works: a with three records, b with two, c and d with one each. */
const groups = new Map([
  ['a1', 'a'],
  ['a2', 'a'],
  ['a3', 'a'],
  ['b1', 'b'],
  ['b2', 'b'],
  ['c1', 'c'],
  ['d1', 'd'],
])

describe('duplicateMetrics', () => {
  test('counts every removable record that is removed', () => {
    const perfect = duplicateMetrics(groups, [
      ['a1', 'a2', 'a3'],
      ['b1', 'b2'],
    ])
    expect(perfect).toEqual({
      truePositives: 3,
      falsePositives: 0,
      trueNegatives: 4,
      falseNegatives: 0,
      sensitivity: 1,
      specificity: 1,
      f1: 1,
    })
    expect(duplicateMetrics(groups, [])).toMatchObject({
      truePositives: 0,
      falseNegatives: 3,
      sensitivity: 0,
      specificity: 1,
      f1: 0,
    })
  })

  test('counts one false positive for each work of which no record stays', () => {
    // c1 goes for a1; of a one record stays though they are found in two groups.
    expect(duplicateMetrics(groups, [['a1', 'a2', 'c1']])).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
      trueNegatives: 3,
    })
    // b loses both: one of them rightly, the other not.
    expect(duplicateMetrics(groups, [['a1', 'b1', 'b2']])).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
    })
    // Found together, but the first that is kept is b's: nothing of b is lost.
    expect(duplicateMetrics(groups, [['b1', 'a1', 'b2']])).toMatchObject({ truePositives: 2, falsePositives: 0 })
  })

  test('is 2 TP / (2 TP + FP + FN)', () => {
    const { f1, sensitivity, specificity } = duplicateMetrics(groups, [
      ['a1', 'a2', 'a3'],
      ['d1', 'c1'],
    ])
    expect(f1).toBeCloseTo(4 / (4 + 1 + 1), 14)
    expect(sensitivity).toBeCloseTo(2 / 3, 14)
    expect(specificity).toBeCloseTo(3 / 4, 14)
  })
})
