import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { classificationQuality } from '../metrics/classification.js'
import { kendallTauB, pearson } from '../metrics/correlation.js'
import { averagePrecisionScore, ndcgScore } from '../metrics/scored-ranking.js'
import { fitClassifier } from './fit-classifier.js'
import { fitRegressor } from './fit-regressor.js'

/**
 * Fits and measures of scikit-learn and SciPy: `HEADS_REFERENCE=FOLDER npx vitest run src/core/heads/reference.test.ts` with a folder
 * that holds `reference.json`. Without it these tests are skipped.
 */
const folder = process.env.HEADS_REFERENCE

type Numbers = number | number[] | number[][]
interface Reference {
  classification: { X: number[][]; y: number[]; Xtest: number[][]; fits: Record<string, Numbers>[] }
  regression: { X: number[][]; y: number[]; Xtest: number[][]; fits: Record<string, Numbers>[] }
  ndcg: Record<string, Numbers>[]
  'average precision': Record<string, Numbers>[]
  correlation: Record<string, Numbers>[]
  'classification metrics': Record<string, Numbers>[]
}

const list = (value: Numbers | undefined) => [value ?? []].flat(2) as number[]

/** Each number to `relative` of the largest of its list: numbers near 0 have no digits of their own in the file. */
function expectNear(found: ArrayLike<number>, expected: Numbers | undefined, relative: number, absolute = false): void {
  const numbers = list(expected)
  expect(found).toHaveLength(numbers.length)
  for (const [at, number] of numbers.entries())
    expect(Math.abs(found[at]! - number)).toBeLessThanOrEqual(relative * (absolute ? 1 : Math.max(Math.abs(number), 5e-3)))
}

describe.skipIf(folder === undefined)('the reference', () => {
  const reference: Reference = folder === undefined ? null! : JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'))
  const flat = (rows: number[][]) => Float64Array.from(rows.flat())
  const dimension = 12

  test('classifiers: coefficients to 1e-3 relative, probabilities to 1e-4', async () => {
    const { X, y, Xtest, fits } = reference.classification
    for (const fit of fits) {
      const C = fit.C as number
      const name = String(fit.model)
      const isBinary = name.startsWith('binary')
      const labels = isBinary ? y.map((label) => label === 0) : y
      const model = name.includes('SVC') ? 'svc' : 'logistic'
      const head = await fitClassifier(flat(X), labels, { dimension, C, model })
      expectNear(head.coefficients, fit.coef, 1e-3)
      expectNear(head.intercepts, fit.intercept, 1e-3)
      if (model === 'svc') {
        expectNear(head.decisions(flat(Xtest)), fit.decision, 1e-3)
        expect(head.predict(flat(Xtest))).toEqual(fit.predictions)
      } else {
        const probabilities = head.probabilities(flat(Xtest))
        expectNear(isBinary ? probabilities.filter((_, at) => at % 2 === 1) : probabilities, fit.probabilities, 1e-4, true)
      }
    }
  })

  test('regressors: coefficients and predictions to 1e-3 relative', async () => {
    const { X, y, Xtest, fits } = reference.regression
    for (const { C, alpha, coef, intercept, predictions } of fits) {
      const how =
        alpha === undefined
          ? ({ model: 'svr', C: C as number, loss: 'squared-epsilon-insensitive' } as const)
          : ({ alpha: alpha as number } as const)
      const head = await fitRegressor(flat(X), y, { dimension, ...how })
      expectNear(head.coefficients, coef, 1e-3)
      expectNear([head.intercept], intercept, 1e-3)
      expectNear(head.predict(flat(Xtest)), predictions, 1e-3)
    }
  })

  test('measures to 1e-6', () => {
    for (const { relevance, scores, ...expected } of reference.ndcg) {
      expect(ndcgScore(list(relevance), list(scores))).toBeCloseTo(expected['ndcg (linear gain, ties averaged)'] as number, 6)
      expect(ndcgScore(list(relevance), list(scores), 10)).toBeCloseTo(
        expected['ndcg@10 (linear gain, ties averaged)'] as number,
        6,
      )
    }
    for (const { relevance, scores, ...expected } of reference['average precision'])
      expect(averagePrecisionScore(list(relevance), list(scores))).toBeCloseTo(expected['average precision'] as number, 6)
    for (const { a, b, ...expected } of reference.correlation) {
      const [tau, r] = [expected['kendall tau-b'], expected['pearson r']]
      if (tau === null) expect(kendallTauB(list(a), list(b))).toBe(null)
      else expect(kendallTauB(list(a), list(b))).toBeCloseTo(tau as number, 6)
      if (r !== undefined) expect(pearson(list(a), list(b))).toBeCloseTo(r as number, 6)
    }
    for (const { truth, prediction, ...expected } of reference['classification metrics']) {
      const { macroF1, microF1, accuracy } = classificationQuality(list(truth), list(prediction))
      expect(macroF1).toBeCloseTo(expected['macro F1'] as number, 6)
      if (expected['micro F1'] !== undefined) expect(microF1).toBeCloseTo(expected['micro F1'] as number, 6)
      if (expected.accuracy !== undefined) expect(accuracy).toBeCloseTo(expected.accuracy as number, 6)
    }
  })
})
