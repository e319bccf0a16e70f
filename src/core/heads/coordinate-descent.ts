import { shuffle } from '../random.js'
import type { Features } from './features.js'

/** What {@link descend} fits, with one output. */
export interface MarginProblem {
  features: Features
  /** Classification: 1 or -1; regression: the numbers. [count] */
  targets: ArrayLike<number>
  /** Weight of each row's loss, [count]. */
  costs: Float64Array
  /** `hinge`: max(0, 1 - y f); `epsilon-insensitive`: max(0, |y - f| - epsilon). Squared: their squares. */
  loss: 'hinge' | 'squared-hinge' | 'epsilon-insensitive' | 'squared-epsilon-insensitive'
  /** Default 0. */
  epsilon?: number
  /** Dual variables to start from, [count], as a fit of these rows gave them; rows that are new have 0. */
  start?: Float64Array | undefined
  /** Ends when the violation of optimality is this part of that at weights of 0. Default 1e-4. */
  tolerance?: number
  /** Most passes over all rows. Default 1000. */
  maxIterations?: number
  /** Numbers in [0, 1): `randomNumbers(seed)`. */
  random: () => number
}

/** A fitted model with its dual variables. */
export interface MarginFit {
  /** [dimension + 1]; the intercept is the last. */
  weights: Float64Array
  /** Dual variables: weights = Σ duals · row. [count] */
  duals: Float64Array
  iterations: number
  /** Whether it ended by its tolerance. */
  converged: boolean
}

/** Rows between two yields. */
const ROWS_AT_ONCE = 1024

/**
 * Minimizes Σ costs · loss + ½ ‖[weights, intercept]‖² by dual coordinate descent, for the objectives of liblinear that have no second
 * derivative (Hsieh et al. 2008; Ho and Lin 2012), and for their squares. With the signed dual β of a row both tasks have one form:
 * classification bounds β to the side of its class, regression adds epsilon · |β|.
 */
export function* descend({
  features,
  targets,
  costs,
  loss,
  epsilon = 0,
  start,
  tolerance = 1e-4,
  maxIterations = 1000,
  random,
}: MarginProblem): Generator<void, MarginFit, void> {
  const { count, dimension } = features
  const isSquared = loss.startsWith('squared')
  const isClassification = loss.endsWith('hinge')
  const margin = isClassification ? 0 : epsilon
  const duals = start ? Float64Array.from(start) : new Float64Array(count)
  const weights = new Float64Array(dimension + 1)
  const curvatures = new Float64Array(count)
  let least = 0
  for (let row = 0; row < count; row++) {
    curvatures[row] = features.squaredLength(row) + 1 + (isSquared ? 0.5 / costs[row]! : 0)
    least += Math.max(0, Math.abs(targets[row]!) - margin)
    const dual = duals[row]!
    if (dual === 0) continue
    features.addTo(row, dual, weights, 0)
    weights[dimension]! += dual
  }
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  for (let iteration = 0; ; iteration++) {
    if (iteration === maxIterations) return { weights, duals, iterations: iteration, converged: false }
    shuffle(order, random)
    let violation = 0
    for (let turn = 0; turn < count; turn++) {
      const row = order[turn]!
      const cost = costs[row]!
      const target = targets[row]!
      const curvature = curvatures[row]!
      if (cost === 0) continue
      const before = duals[row]!
      const score = features.dot(row, weights, 0) + weights[dimension]!
      const slope = score - target + (isSquared ? before * (0.5 / cost) : 0)
      const free = before - slope / curvature
      const most = isSquared ? Infinity : cost
      const after = isClassification
        ? clamp(free, target > 0 ? 0 : -most, target > 0 ? most : 0)
        : clamp(Math.sign(free) * Math.max(0, Math.abs(free) - margin / curvature), -most, most)
      const change = after - before
      if (change !== 0) {
        violation += Math.abs(change) * curvature
        duals[row] = after
        features.addTo(row, change, weights, 0)
        weights[dimension]! += change
      }
      if (turn % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
    }
    yield
    if (violation <= tolerance * least) return { weights, duals, iterations: iteration + 1, converged: true }
  }
}

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))
