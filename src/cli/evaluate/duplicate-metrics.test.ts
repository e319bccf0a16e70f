import { describe, expect, test } from 'vitest'
import { duplicateMetrics, expectedCalibrationError, flagMetrics } from './duplicate-metrics.js'

/** Work a has three records, b two, c and d one each. */
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
  test('counts the removable records that are removed', () => {
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

  test('counts one false positive for each work that loses all its records', () => {
    // c1 is removed in favour of a1; one record of a stays.
    expect(duplicateMetrics(groups, [['a1', 'a2', 'c1']])).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
      trueNegatives: 3,
    })
    // b loses both records, of which one is a right removal.
    expect(duplicateMetrics(groups, [['a1', 'b1', 'b2']])).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
    })
    // b1 is the first and stays, so b is not lost.
    expect(duplicateMetrics(groups, [['b1', 'a1', 'b2']])).toMatchObject({ truePositives: 2, falsePositives: 0 })
  })

  test('gives F1 as 2 TP / (2 TP + FP + FN)', () => {
    const { f1, sensitivity, specificity } = duplicateMetrics(groups, [
      ['a1', 'a2', 'a3'],
      ['d1', 'c1'],
    ])
    expect(f1).toBeCloseTo(4 / (4 + 1 + 1), 14)
    expect(sensitivity).toBeCloseTo(2 / 3, 14)
    expect(specificity).toBeCloseTo(3 / 4, 14)
  })
})

test('flagMetrics removes the flagged records of a group first, and counts those left over', () => {
  const flagged = new Set(['a2', 'a3', 'b2', 'd1'])
  expect(
    flagMetrics(8, flagged, [
      ['a2', 'a1', 'a3'],
      ['b1', 'c1'],
      ['b2', 'd1'],
    ]),
  ).toMatchObject({
    truePositives: 3,
    falsePositives: 1,
    falseNegatives: 1,
    trueNegatives: 3,
  })
})

test('expectedCalibrationError is the mean distance between confidence and the share of right predictions, by bin', () => {
  const predictions = [
    { confidence: 0.95, isRight: true },
    { confidence: 0.91, isRight: false },
    { confidence: 0.25, isRight: false },
    { confidence: 0.25, isRight: true },
    { confidence: 1, isRight: true },
  ]
  // 0.9 … 1: mean 0.95333, right 2/3; 0.2 … 0.3: mean 0.25, right 1/2.
  const expected = (3 * Math.abs(2.86 / 3 - 2 / 3) + 2 * 0.25) / 5
  expect(expectedCalibrationError(predictions)).toBeCloseTo(expected, 12)
  expect(expectedCalibrationError([])).toBe(0)
})
