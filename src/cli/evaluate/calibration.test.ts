import { expect, test } from 'vitest'
import { expectedCalibrationError } from './calibration.js'

test('expectedCalibrationError is the mean distance of confidence and share that is right, by bin', () => {
  const predictions = [
    { confidence: 0.95, isRight: true },
    { confidence: 0.91, isRight: false },
    { confidence: 0.25, isRight: false },
    { confidence: 0.25, isRight: true },
    { confidence: 1, isRight: true },
  ]
  // Of .9 … 1: mean .95333, right 2/3; of .2 … .3: mean .25, right 1/2.
  const expected = (3 * Math.abs(2.86 / 3 - 2 / 3) + 2 * 0.25) / 5
  expect(expectedCalibrationError(predictions)).toBeCloseTo(expected, 12)
  expect(expectedCalibrationError([])).toBe(0)
})
