import { describe, expect, test } from 'vitest'
import { agreement } from './vector-agreement.js'

describe('agreement', () => {
  test('gives the largest difference over all texts, and cosines over those that are not short', () => {
    const expected = [
      [3, 4],
      [1, 0],
      [0, 2],
    ]
    // Cosines: .96, 0, 1. The second text is short.
    const actual = [
      [4, 3],
      [0, 1],
      [0, 5],
    ]
    const { maxAbs, meanCosine, minCosine } = agreement(actual, expected, [20, 19, 400])
    expect(maxAbs).toBe(3)
    expect(meanCosine).toBeCloseTo(0.98, 14)
    expect(minCosine).toBeCloseTo(0.96, 14)
  })

  test('takes short texts into account if there are no others', () => {
    const { meanCosine, minCosine } = agreement([[1, 1]], [[1, 0]], [3])
    expect(meanCosine).toBeCloseTo(Math.SQRT1_2, 14)
    expect(minCosine).toBeCloseTo(Math.SQRT1_2, 14)
  })

  test.each<[string, number[]]>([
    ['a component that is NaN', [1, Number.NaN]],
    ['too few components', [1]],
    ['too many', [1, 0, 0]],
  ])('passes no threshold with %s', (_, vector) => {
    const result = agreement(
      [[1, 0], vector],
      [
        [1, 0],
        [1, 0],
      ],
      [30, 30],
    )
    expect(result).toEqual({ maxAbs: Number.NaN, meanCosine: Number.NaN, minCosine: Number.NaN })
    expect(result.maxAbs <= 1 || result.minCosine >= 0).toBe(false)
  })
})
