import { expect, test } from 'vitest'
import { fuse, spread } from './fuse.js'

test('spread is the mean and the standard deviation, over those with a score and those without', () => {
  expect(spread([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: Math.sqrt(1.25) })
  expect(spread([2, 4], 4)).toEqual({ mean: 1.5, deviation: Math.sqrt((0.25 + 6.25 + 2.25 + 2.25) / 4) })
  expect(spread([], 3)).toEqual({ mean: 0, deviation: 0 })
  expect(spread([])).toEqual({ mean: 0, deviation: 0 })
})

test('fuse adds standardised scores by weight, and leaves out a side that says nothing', () => {
  const dense = { scores: [1, 3], mean: 2, deviation: 1 }
  const lexical = { scores: [10, 0], mean: 5, deviation: 5 }
  expect([...fuse([7, 4], dense, lexical, 0.75).scores]).toEqual([0.5, -0.5])
  expect([...fuse([7, 4], dense, lexical, 0.75).rows]).toEqual([4, 7])
  expect([...fuse([7, 4], dense, lexical, 0.5).rows]).toEqual([4, 7])
  expect([...fuse([7, 4], dense, { ...lexical, deviation: 0 }, 0.5).scores]).toEqual([0.5, -0.5])
})
