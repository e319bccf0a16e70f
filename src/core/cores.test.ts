import { expect, test } from 'vitest'
import { usefulCores } from './cores.js'

test.each([
  [1, 1],
  [4, 4],
  [5, 3],
  [8, 4],
  [12, 6],
  [16, 8],
  [64, 8],
])('of %i cores, %i are used', (cores, expected) => {
  expect(usefulCores(cores)).toBe(expected)
})
