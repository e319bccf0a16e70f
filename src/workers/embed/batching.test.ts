import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planBatches, planGroups } from './batching.js'

const lengthsOf = (lengths: number[]) => planBatches(lengths).map((batch) => batch.map((index) => lengths[index]))

test('groups texts of near-equal length, longest first', () => {
  expect(lengthsOf([20, 500, 22, 480, 21, 510])).toEqual([
    [510, 500, 480],
    [22, 21, 20],
  ])
})

test('puts texts that differ by up to 64 tokens in one batch: padding them costs less than another run', () => {
  expect(lengthsOf([3, 60, 17, 30])).toEqual([[60, 30, 17, 3]])
  expect(lengthsOf([100, 36, 35])).toEqual([[100, 36], [35]])
})

test('limits a batch to 4,096 tokens, padding included, and to 32 texts', () => {
  expect(lengthsOf(Array(20).fill(512)).map(({ length }) => length)).toEqual([8, 8, 4])
  expect(lengthsOf(Array(70).fill(10)).map(({ length }) => length)).toEqual([32, 32, 6])
})

test('gives a text that is longer than a batch its own batch, and makes no batches of no texts', () => {
  expect(lengthsOf([8192, 5000])).toEqual([[8192], [5000]])
  expect(planBatches([])).toEqual([])
})

test('puts every text in exactly one batch within the limits, for any lengths', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 512 }), { maxLength: 300 }), (lengths) => {
      const batches = planBatches(lengths)
      expect(batches.flat().toSorted((a, b) => a - b)).toEqual([...lengths.keys()])
      for (const batch of batches) {
        const tokens = batch.map((index) => lengths[index]!)
        expect(batch.length).toBeLessThanOrEqual(32)
        expect(Math.max(...tokens) * tokens.length).toBeLessThanOrEqual(4096)
        expect(Math.max(...tokens) - Math.min(...tokens)).toBeLessThanOrEqual(64)
      }
    }),
  )
})

test('the own encoder gets neighbouring texts together, up to 256 tokens, and longer ones alone', () => {
  expect(planGroups([])).toEqual([])
  expect(planGroups([512])).toEqual([[0]])
  expect(planGroups([100, 100, 56, 1, 300, 200, 56])).toEqual([[0, 1, 2], [3], [4], [5, 6]])
})
