import { describe, expect, test } from 'vitest'
import { normalNumbers } from '../../../testing/random-numbers.js'
import { classificationQuality } from '../metrics/classification.js'
import { fitClassifier, fitMultiLabelClassifier } from './fit-classifier.js'
import { fitRegressor } from './fit-regressor.js'
import { stratifiedFolds } from './folds.js'
import { LinearClassifier } from './linear-classifier.js'
import { LinearRegressor } from './linear-regressor.js'
import { MultiLabelClassifier } from './multi-label-classifier.js'

const dimension = 4
const names = ['bat', 'cat', 'dog']

/** Papers of three topics around three points, the later topics rarer. */
function papers(count: number, seed: number) {
  const normal = normalNumbers(seed)
  const vectors = new Float32Array(count * dimension)
  const labels: string[] = []
  for (let row = 0; row < count; row++) {
    const topic = row % 6 < 3 ? 0 : row % 6 < 5 ? 1 : 2
    labels.push(names[topic]!)
    for (let column = 0; column < dimension; column++) vectors[row * dimension + column] = normal(column === topic ? 1.5 : 0, 1)
  }
  return { vectors, labels }
}

const { vectors, labels } = papers(120, 3)
const others = papers(60, 4)

describe('fitClassifier', () => {
  test.each(['logistic', 'one-vs-rest-logistic', 'svc'] as const)(
    '%s tells topics apart in papers that it has not seen',
    async (model) => {
      const classifier = await fitClassifier(vectors, labels, { dimension, model })
      expect(classifier.classes).toEqual(names)
      expect(classifier.coefficients).toHaveLength(3 * dimension)
      expect(classifier.report).toMatchObject({ strength: 1, tried: [], converged: true })
      expect(classificationQuality(others.labels, classifier.predict(others.vectors)).macroF1).toBeGreaterThan(0.65)
    },
  )

  test('of two classes has one output, about the second', async () => {
    const classifier = await fitClassifier(Float32Array.of(0, 1, 4, 5), [true, true, false, false], { dimension: 1 })
    expect(classifier.classes).toEqual([false, true])
    expect(classifier.outputs).toBe(1)
    expect(classifier.coefficients[0]).toBeLessThan(0)
    expect(classifier.predict(Float32Array.of(-1, 9))).toEqual([true, false])
    const [no, yes] = classifier.probabilities(Float32Array.of(-1))
    expect(yes).toBeGreaterThan(0.9)
    expect(no! + yes!).toBeCloseTo(1, 14)
  })

  test('chooses C by folds, the same by the same seed, and reports what it tried', async () => {
    const reports: number[] = []
    const options = { dimension, C: [1e-6, 1, 1e-6], folds: 3, scoring: 'macroF1' } as const
    const classifier = await fitClassifier(vectors, labels, {
      ...options,
      onProgress: ({ done, total }) => reports.push(done, total),
    })
    expect(classifier.report.strength).toBe(1)
    expect(classifier.report.tried.map(({ value }) => value)).toEqual([1e-6, 1])
    expect(classifier.report.tried[1]!.score).toBeGreaterThan(classifier.report.tried[0]!.score)
    expect(reports).toEqual([1, 7, 2, 7, 3, 7, 4, 7, 5, 7, 6, 7, 7, 7])
    const again = await fitClassifier(vectors, labels, options)
    expect(again.toJSON()).toEqual(classifier.toJSON())
  })

  test('standardized columns give the same head whatever their units', async () => {
    const scaled = vectors.map((value, at) => (at % dimension === 1 ? 1000 * value + 7 : value))
    const [a, b] = await Promise.all([vectors, scaled].map((all) => fitClassifier(all, labels, { dimension, standardize: true })))
    expect(b!.coefficients[1]! * 1000).toBeCloseTo(a!.coefficients[1]!, 3)
    expect(b!.decisions(scaled)[5]).toBeCloseTo(a!.decisions(vectors)[5]!, 3)
  })

  test('balanced classes find more of the rare one; weights by name do the same', async () => {
    const found = async (classWeight?: 'balanced' | Map<string, number>) => {
      const classifier = await fitClassifier(vectors, labels, { dimension, ...(classWeight && { classWeight }) })
      return classifier.predict(others.vectors).filter((label) => label === 'dog').length
    }
    const plain = await found()
    expect(await found('balanced')).toBeGreaterThan(plain)
    expect(await found(new Map([['dog', 5]]))).toBeGreaterThan(plain)
  })

  test.each(['logistic', 'one-vs-rest-logistic', 'svc'] as const)(
    '%s: calibrated probabilities are as often right as they say',
    async (model) => {
      const many = papers(600, 9)
      const classifier = await fitClassifier(vectors, labels, { dimension, model, calibrate: true })
      const probabilities = classifier.probabilities(many.vectors)
      let [said, right] = [0, 0]
      for (const [row, label] of many.labels.entries()) {
        const own = probabilities.subarray(row * 3, row * 3 + 3)
        expect(own[0]! + own[1]! + own[2]!).toBeCloseTo(1, 12)
        const best = own.indexOf(Math.max(...own))
        said += own[best]!
        if (names[best] === label) right++
      }
      expect(Math.abs(said - right) / 600).toBeLessThan(0.05)
    },
  )

  test('an SVC has no probabilities without calibration', async () => {
    const classifier = await fitClassifier(vectors, labels, { dimension, model: 'svc' })
    expect(() => classifier.probabilities(vectors)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
  })

  test('stops with the reason of its signal', async () => {
    const reason = new Error('stop')
    await expect(fitClassifier(vectors, labels, { dimension, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('points of one class apart by far have finite weights', async () => {
    const classifier = await fitClassifier(Float32Array.of(1e6, -1e6), ['a', 'b'], { dimension: 1, C: 1e6 })
    expect(classifier.predict(Float32Array.of(1, -1))).toEqual(['a', 'b'])
  })
})

describe('fitMultiLabelClassifier', () => {
  const sets = labels.map((label, row) => (row % 10 === 9 ? [] : label === 'dog' ? ['dog', 'cat', 'all'] : [label, 'all']))

  test('gives each paper its labels', async () => {
    const classifier = await fitMultiLabelClassifier(vectors, sets, { dimension, calibrate: true })
    expect(classifier.classes).toEqual(['all', 'bat', 'cat', 'dog'])
    const predictions = classifier.predict(vectors)
    expect(predictions.filter((own) => own.length > 2).length).toBeGreaterThan(3)
    const probabilities = classifier.probabilities(vectors)
    expect(probabilities).toHaveLength(120 * 4)
    expect(Math.max(...probabilities)).toBeLessThanOrEqual(1)
  })

  test('a label that every paper has is always given', async () => {
    const classifier = await fitMultiLabelClassifier(
      vectors,
      labels.map((label) => [label, 'all']),
      { dimension },
    )
    expect(classifier.predict(new Float32Array(dimension).fill(-99))[0]).toContain('all')
    expect(classifier.probabilities(vectors)[0]).toBe(1)
  })
})

describe('fitRegressor', () => {
  const targets = Float64Array.from(labels, (_, row) => 3 + 2 * vectors[row * dimension]! - vectors[row * dimension + 1]!)

  test.each([
    ['ridge', { alpha: 1e-6 }],
    ['svr', { model: 'svr', C: 100 }],
    ['squared svr', { model: 'svr', C: 100, loss: 'squared-epsilon-insensitive', epsilon: 0.001 }],
  ] as const)('%s finds the plane behind the numbers', async (_, options) => {
    const regressor = await fitRegressor(vectors, targets, { dimension, ...options })
    expect(regressor.intercept).toBeCloseTo(3, 1)
    expect([...regressor.coefficients].map((value) => Math.round(value * 10) / 10 + 0)).toEqual([2, -1, 0, 0])
  })

  test('chooses alpha by R²', async () => {
    const regressor = await fitRegressor(vectors, targets, { dimension, alpha: [0.01, 1e6], folds: 4 })
    expect(regressor.report.strength).toBe(0.01)
    expect(regressor.report.tried[0]!.score).toBeGreaterThan(0.99)
  })

  test('of a constant predicts it', async () => {
    const regressor = await fitRegressor(vectors, new Float64Array(120).fill(7), { dimension })
    for (const value of regressor.predict(vectors)) expect(value).toBeCloseTo(7, 7)
  })
})

describe('JSON', () => {
  test('gives heads back that decide as before', async () => {
    const classifier = await fitClassifier(vectors, labels, { dimension, model: 'svc', calibrate: true })
    const topics = await fitMultiLabelClassifier(
      vectors,
      labels.map((label) => [label]),
      { dimension },
    )
    const regressor = await fitRegressor(
      vectors,
      labels.map((label) => label.charCodeAt(0)),
      { dimension },
    )
    const copy = (head: unknown) => JSON.parse(JSON.stringify(head))
    const [a, b, c] = [
      LinearClassifier.fromJSON(copy(classifier)),
      MultiLabelClassifier.fromJSON(copy(topics)),
      LinearRegressor.fromJSON(copy(regressor)),
    ]
    expect(a.probabilities(others.vectors)).toEqual(classifier.probabilities(others.vectors))
    expect(b.probabilities(others.vectors)).toEqual(topics.probabilities(others.vectors))
    expect(c.predict(others.vectors)).toEqual(regressor.predict(others.vectors))
    expect([a.report, b.reports, c.report]).toEqual([classifier.report, topics.reports, regressor.report])
  })

  test('that is none is refused by field', async () => {
    const json = JSON.parse(JSON.stringify(await fitClassifier(vectors, labels, { dimension })))
    const wrong: [unknown, string][] = [
      [null, 'json'],
      [{ ...json, kind: 'regressor' }, 'json.kind'],
      [{ ...json, version: 2 }, 'json.version'],
      [{ ...json, classes: ['bat'] }, 'json.classes'],
      [{ ...json, dimension: 5 }, 'json.coefficients[0]'],
      [{ ...json, intercepts: [1, 2] }, 'json.intercepts'],
      [{ ...json, calibration: { sigmoids: [] } }, 'json.calibration'],
      [{ ...json, report: {} }, 'json.report'],
    ]
    for (const [value, field] of wrong)
      expect(() => LinearClassifier.fromJSON(value)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

describe('stratifiedFolds', () => {
  test('deals classes as scikit-learn does, in order and by seed', () => {
    // StratifiedKFold(3) of scikit-learn 1.9 on the same labels.
    expect([...stratifiedFolds(['b', 'a', 'b', 'b', 'a', 'c', 'b', 'a'], 3, null)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2])
    for (const seed of [1, 2]) {
      const folds = stratifiedFolds(labels, 4, seed)
      expect([...folds]).toEqual([...stratifiedFolds(labels, 4, seed)])
      for (let fold = 0; fold < 4; fold++)
        expect([...folds].filter((own, row) => own === fold && labels[row] === 'dog')).toHaveLength(5)
    }
    expect([...stratifiedFolds(labels, 4, 1)]).not.toEqual([...stratifiedFolds(labels, 4, 2)])
  })
})

describe('wrong arguments are refused by field', () => {
  const two = Float32Array.of(1, 2)
  test.each<[string, () => Promise<unknown>, string]>([
    ['one class', () => fitClassifier(two, ['a', 'a'], { dimension: 1 }), 'labels'],
    ['no papers', () => fitClassifier(new Float32Array(0), [], { dimension: 1 }), 'labels'],
    ['a label too few', () => fitClassifier(two, ['a'], { dimension: 1 }), 'vectors.length'],
    ['a label that is none', () => fitClassifier(two, ['a', Number.NaN], { dimension: 1 }), 'labels[1]'],
    ['a vector that is none', () => fitClassifier(Float32Array.of(1, Number.NaN), ['a', 'b'], { dimension: 1 }), 'vectors[1]'],
    ['a C of 0', () => fitClassifier(two, ['a', 'b'], { dimension: 1, C: 0 }), 'options.C'],
    ['no C', () => fitClassifier(two, ['a', 'b'], { dimension: 1, C: [] }), 'options.C'],
    ['too few papers to compare', () => fitClassifier(two, ['a', 'b'], { dimension: 1, C: [1, 2] }), 'labels'],
    [
      'more folds than papers of a class',
      () => fitClassifier(vectors, labels, { dimension, C: [1, 2], folds: 50 }),
      'options.folds',
    ],
    ['no label at all', () => fitMultiLabelClassifier(two, [[], []], { dimension: 1 }), 'labels'],
    ['a target that is none', () => fitRegressor(two, [1, Number.NaN], { dimension: 1 }), 'targets[1]'],
    ['a dimension of 0', () => fitRegressor(two, [1, 2], { dimension: 0 }), 'dimension'],
    ['a negative epsilon', () => fitRegressor(two, [1, 2], { dimension: 1, epsilon: -1 }), 'options.epsilon'],
  ])('%s', async (_, call, field) => {
    await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
  })
})
