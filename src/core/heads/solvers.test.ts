import { describe, expect, test } from 'vitest'
import { normalNumbers } from '../../../testing/random-numbers.js'
import { randomNumbers } from '../random.js'
import { BlockedFeatures } from './blocked-features.js'
import { descend, type MarginProblem } from './coordinate-descent.js'
import { DenseFeatures, type Features, JoinedFeatures, SelectedFeatures, SparseFeatures } from './features.js'
import { logisticLoss, multinomialLoss, oneVsRestLoss, squaredErrorLoss, squaredHingeLoss } from './losses.js'
import { minimize, type SmoothProblem } from './newton.js'
import { runSteps } from './run-steps.js'

const normal = normalNumbers(5)
const count = 40
const dimension = 7
const values = Float64Array.from({ length: count * dimension }, () => normal(0, 1))
const dense = new DenseFeatures(values, dimension)
const sides = Float64Array.from({ length: count }, (_, row) => (values[row * dimension]! + normal(0, 1) > 0 ? 1 : -1))
const numbers = Float64Array.from({ length: count }, (_, row) => 3 + values[row * dimension + 1]! * 2 + normal(0, 1))
const costs = Float64Array.from({ length: count }, (_, row) => 0.2 + (row % 3))

/** The same numbers as words would be stored: every other is 0 and left out. */
function halves(): { sparse: SparseFeatures; filled: DenseFeatures } {
  const kept = values.map((value, at) => (at % 2 === 0 ? value : 0))
  const columns: number[] = []
  const stored: number[] = []
  const starts = [0]
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < dimension; column++) {
      const value = kept[row * dimension + column]!
      if (value === 0) continue
      columns.push(column)
      stored.push(value)
    }
    starts.push(columns.length)
  }
  const matrix = { starts: Uint32Array.from(starts), columns: Uint32Array.from(columns), values: Float64Array.from(stored) }
  return { sparse: new SparseFeatures({ ...matrix, dimension }), filled: new DenseFeatures(kept, dimension) }
}

const solve = (problem: Partial<SmoothProblem>) =>
  runSteps(minimize({ features: dense, loss: logisticLoss(sides), costs, intercept: 'free', tolerance: 1e-10, ...problem }))
const descendAll = (problem: Partial<MarginProblem>) =>
  runSteps(
    descend({ features: dense, targets: sides, costs, loss: 'hinge', tolerance: 1e-9, random: randomNumbers(1), ...problem }),
  )

/** The objective, computed without the solver. */
function objective(weights: Float64Array, lossOf: (score: number, row: number) => number, penalised: boolean): number {
  let sum = 0
  for (let at = 0; at < dimension + (penalised ? 1 : 0); at++) sum += weights[at]! ** 2 / 2
  for (let row = 0; row < count; row++) sum += costs[row]! * lossOf(dense.dot(row, weights, 0) + weights[dimension]!, row)
  return sum
}

describe('minimize', () => {
  test.each([
    ['logistic', logisticLoss(sides), 1],
    ['squared hinge', squaredHingeLoss(sides), 1],
    ['squared error', squaredErrorLoss(numbers, 0.3), 1],
    [
      'multinomial',
      multinomialLoss(
        Float64Array.from(sides, (side, row) => (side > 0 ? row % 2 : 2)),
        3,
      ),
      3,
    ],
  ])('%s: no step away from the result descends', (_, loss, outputs) => {
    const { weights, objective: least, converged } = solve({ loss, intercept: 'penalised' })
    expect(converged).toBe(true)
    expect(weights).toHaveLength(outputs * (dimension + 1))
    for (let at = 0; at < weights.length; at++)
      for (const change of [1e-3, -1e-3]) {
        const moved = weights.map((value, index) => value + (index === at ? change : 0))
        // At the minimum of a function with curvature of 1 or more, a step of 1e-3 ascends by 5e-7 or more.
        const { objective } = solve({ loss, intercept: 'penalised', start: moved, maxIterations: 0 })
        expect(objective).toBeGreaterThan(least + 4.9e-7)
      }
  })

  test('a start near the result needs fewer steps and gives the same', () => {
    const cold = solve({})
    const warm = solve({ start: cold.weights.map((value) => value * 1.01) })
    expect(warm.iterations).toBeLessThan(cold.iterations)
    for (let at = 0; at <= dimension; at++) expect(warm.weights[at]).toBeCloseTo(cold.weights[at]!, 8)
  })

  test('a row of twice the cost counts as two', () => {
    const rows = Array.from({ length: count }, (_, row) => [row, ...(row < 9 ? [row] : [])]).flat()
    const twice = solve({ costs: Float64Array.from({ length: count }, (_, row) => (row < 9 ? 2 : 1)) })
    const repeated = solve({
      features: new SelectedFeatures(dense, rows),
      loss: logisticLoss(rows.map((row) => sides[row]!)),
      costs: new Float64Array(rows.length).fill(1),
    })
    for (let at = 0; at <= dimension; at++) expect(twice.weights[at]).toBeCloseTo(repeated.weights[at]!, 7)
  })

  test('sparse rows give what the same numbers give as dense ones, and joined ones what one wide row gives', () => {
    const { sparse, filled } = halves()
    const fits = [sparse, filled].map((features: Features) => solve({ features }).weights)
    const joined = solve({ features: new JoinedFeatures([{ features: sparse, factor: 0.5 }, { features: dense }]) })
    const wide = new Float64Array(count * dimension * 2)
    for (let row = 0; row < count; row++)
      for (let column = 0; column < dimension; column++) {
        wide[row * 2 * dimension + column] =
          column + row * dimension === 0 || (row * dimension + column) % 2 === 0 ? 0.5 * values[row * dimension + column]! : 0
        wide[row * 2 * dimension + dimension + column] = values[row * dimension + column]!
      }
    const whole = solve({ features: new DenseFeatures(wide, 2 * dimension) })
    for (let at = 0; at <= dimension; at++) expect(fits[0]![at]).toBeCloseTo(fits[1]![at]!, 8)
    for (let at = 0; at <= 2 * dimension; at++) expect(joined.weights[at]).toBeCloseTo(whole.weights[at]!, 8)
  })
})

test('blocks of float32 lead to the minimum that rows in float64 do', () => {
  const [rows, columns, classes] = [700, 600, 10]
  const random = normalNumbers(11)
  const targets = Array.from({ length: rows }, (_, row) => row % classes)
  // Around a mean that all share, as embeddings are.
  const wide = Float32Array.from({ length: rows * columns }, (_, at) =>
    random(1 + (at % columns) / columns + (at % columns === targets[Math.floor(at / columns)] ? 1 : 0), 0.5),
  )
  const features = new BlockedFeatures(wide, columns)
  expect(features.blocks(classes)).not.toBe(null)
  const all = new SelectedFeatures(features, [...targets.keys()])
  for (const loss of [multinomialLoss(targets, classes), oneVsRestLoss(squaredHingeLoss, targets, classes)]) {
    const fits = [features, all].map((some) =>
      runSteps(
        minimize({ features: some, loss, costs: new Float64Array(rows).fill(0.01), intercept: 'penalised', tolerance: 1e-6 }),
      ),
    )
    expect(fits.map(({ converged }) => converged)).toEqual([true, true])
    for (const [at, weight] of fits[0]!.weights.entries()) expect(weight).toBeCloseTo(fits[1]!.weights[at]!, 6)
  }
})

describe('descend', () => {
  test('squared losses have the minimum that Newton finds', () => {
    const hinge = solve({ loss: squaredHingeLoss(sides), intercept: 'penalised' })
    const error = solve({ loss: squaredErrorLoss(numbers, 0.3), intercept: 'penalised' })
    const descended = descendAll({ loss: 'squared-hinge' })
    const regressed = descendAll({ loss: 'squared-epsilon-insensitive', targets: numbers, epsilon: 0.3 })
    for (let at = 0; at <= dimension; at++) {
      expect(descended.weights[at]).toBeCloseTo(hinge.weights[at]!, 6)
      expect(regressed.weights[at]).toBeCloseTo(error.weights[at]!, 6)
    }
  })

  test.each<[string, Partial<MarginProblem>, (score: number, row: number) => number]>([
    ['hinge', { maxIterations: 20_000 }, (score, row) => Math.max(0, 1 - sides[row]! * score)],
    [
      'epsilon-insensitive',
      { loss: 'epsilon-insensitive', targets: numbers, epsilon: 0.3, maxIterations: 20_000 },
      (score, row) => Math.max(0, Math.abs(score - numbers[row]!) - 0.3),
    ],
  ])('%s: the dual value equals the primal one, which proves the minimum', (_, problem, lossOf) => {
    const { weights, duals } = descendAll(problem)
    const targets = problem.targets ?? sides
    const half = weights.reduce((sum, value) => sum + value * value, 0) / 2
    let dual = -half
    for (let row = 0; row < count; row++) dual += duals[row]! * targets[row]! - (problem.epsilon ?? 0) * Math.abs(duals[row]!)
    expect(objective(weights, lossOf, true)).toBeCloseTo(dual, 5)
  })

  test('a start from the duals of before needs fewer passes', () => {
    const cold = descendAll({ loss: 'squared-hinge' })
    const warm = descendAll({ loss: 'squared-hinge', start: cold.duals })
    expect(warm.iterations).toBeLessThan(cold.iterations / 2)
  })
})
