import { expect, test } from 'vitest'
import { chooseWorkers } from './worker-pool.js'

/** SPECTER2 in q8: 480 MB a worker. */
const modelBytes = 110e6

test.each([
  [1, 8, 1],
  [2, 8, 2],
  [4, 8, 4],
  [6, 8, 3],
  [16, 32, 8],
  [64, 32, 8],
])('%d cores with %d GiB of memory get %d workers', (cores, memoryGiB, workers) => {
  expect(chooseWorkers({ cores, memoryGiB, modelBytes })).toBe(workers)
})

test('memory limits the number of workers, and a browser that does not report it is assumed to have 4 GiB', () => {
  expect(chooseWorkers({ cores: 4, memoryGiB: 2, modelBytes })).toBe(2)
  expect(chooseWorkers({ cores: 4, memoryGiB: 0.5, modelBytes })).toBe(1)
  expect(chooseWorkers({ cores: 8, modelBytes: 440e6 })).toBe(1)
  expect(chooseWorkers({ cores: 8, memoryGiB: 8, modelBytes: 440e6 })).toBe(2)
})
