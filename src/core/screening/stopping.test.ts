import { expect, test } from 'vitest'
import { hypergeometricCdf, stoppingTest } from './stopping.js'

test('hypergeometric probabilities are those of counting', () => {
  // Of 10 papers 4 are relevant, 3 are drawn: C(6, 3) / C(10, 3), and so on.
  expect(hypergeometricCdf(0, 10, 4, 3)).toBeCloseTo(20 / 120, 12)
  expect(hypergeometricCdf(1, 10, 4, 3)).toBeCloseTo(80 / 120, 12)
  expect(hypergeometricCdf(3, 10, 4, 3)).toBe(1)
  // So many are drawn that one at least is relevant.
  expect(hypergeometricCdf(0, 10, 4, 7)).toBe(0)
})

/** p-values of `buscarpy` 0.0.2, `calculate_h0`; `foundAt` as in the progress of a screening. */
const REFERENCE: readonly { total: number; recall: number; screened: number; foundAt: number[]; p: number }[] = [
  {
    total: 1000,
    recall: 0.95,
    screened: 600,
    foundAt: [
      3, 5, 10, 13, 15, 17, 19, 20, 22, 28, 31, 36, 39, 43, 48, 52, 54, 59, 60, 64, 77, 79, 84, 86, 88, 97, 99, 101, 104, 113,
      125, 132, 139, 149, 164, 171, 177, 180, 184, 193, 195, 197, 207, 208, 225, 239, 278, 328, 369, 373,
    ],
    p: 0.25893697356956147,
  },
  {
    total: 2000,
    recall: 0.95,
    screened: 1600,
    foundAt: [
      27, 32, 33, 42, 47, 57, 63, 68, 73, 76, 83, 88, 100, 107, 123, 125, 147, 159, 189, 192, 197, 201, 202, 236, 237, 241, 253,
      267, 293, 301, 313, 319, 321, 344, 367, 373, 430, 456, 501, 916,
    ],
    p: 0.05000701821397043,
  },
  {
    total: 300,
    recall: 0.95,
    screened: 285,
    foundAt: [
      1, 2, 5, 10, 13, 14, 15, 16, 17, 18, 23, 31, 32, 34, 37, 40, 44, 46, 53, 55, 56, 57, 59, 61, 68, 69, 72, 79, 82, 85, 88, 92,
      94, 97, 100, 102, 112, 116, 117, 119, 124, 125, 134, 137, 146, 148, 154, 159, 160, 175, 176, 177, 189, 200, 224, 230, 243,
      244, 245, 252,
    ],
    p: 0.007015109466543326,
  },
  { total: 50, recall: 0.8, screened: 35, foundAt: [2, 3, 6, 10, 15], p: 0.17647058823529407 },
]

const labelsOf = (screened: number, foundAt: readonly number[]) =>
  Array.from({ length: screened }, (_, at) => foundAt.includes(at + 1))

test.each(REFERENCE)('of $total papers, $screened screened, recall $recall: the p-value is that of buscarpy', (reference) => {
  const { total, recall, screened, foundAt, p } = reference
  const statement = stoppingTest(labelsOf(screened, foundAt), total, { recall })
  expect(statement.pValue / p).toBeCloseTo(1, 9)
  expect(statement.confidence).toBe(1 - statement.pValue)
})

test('the proven recall is the largest whose p-value is below', () => {
  const labels = labelsOf(600, REFERENCE[0]?.foundAt ?? [])
  const { provenRecall } = stoppingTest(labels, 1000)
  expect(stoppingTest(labels, 1000, { recall: provenRecall }).pValue).toBeLessThan(0.05)
  expect(stoppingTest(labels, 1000, { recall: provenRecall + 0.005 }).pValue).toBeGreaterThanOrEqual(0.05)
})

test('nothing is known at first, and all in the end', () => {
  expect(stoppingTest([], 100)).toEqual({ recall: 0.95, pValue: 1, confidence: 0, provenRecall: 0 })
  expect(stoppingTest(labelsOf(100, [3, 90]), 100)).toMatchObject({ pValue: 0, provenRecall: 0.995 })
  // None is relevant: the chance that the one which there may be is among the tenth not seen.
  expect(stoppingTest(labelsOf(90, []), 100).pValue).toBeCloseTo(0.1, 12)
  expect(stoppingTest([], 0).pValue).toBe(1)
})

test.each([
  ['total', () => stoppingTest([true, false], 1)],
  ['options.recall', () => stoppingTest([], 10, { recall: 1 })],
  ['options.confidence', () => stoppingTest([], 10, { confidence: NaN })],
])('%s must be possible', (field, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
})
