import { expect, test } from 'vitest'
import { numpyChoice } from './numpy-random.js'

test('draws what NumPy draws', () => {
  // [int(RandomState(s).choice(827, 1, replace=False)[0]) for s in range(5)]
  expect([0, 1, 2, 3, 4].map((seed) => numpyChoice(827, seed))).toEqual([627, 370, 573, 28, 220])
  expect(numpyChoice(1, 7)).toBe(0)
})
