import type { Features } from './features.js'
import type { Loss } from './losses.js'

/** Whether a model has an intercept, and whether it counts as a weight: logistic regression leaves it free, liblinear does not. */
export type Intercept = 'free' | 'penalised'

/** What {@link minimize} fits. */
export interface SmoothProblem {
  features: Features
  loss: Loss
  /** Weight of each row's loss, [count]: C times the weight of its class and of the row. */
  costs: Float64Array
  intercept: Intercept
  /** Weights to start from, [outputs, dimension + 1]; default all 0. */
  start?: Float64Array | undefined
  /** Ends when the gradient is this part of that at weights of 0. Default 1e-6, and 1e-4 for rows that are multiplied in blocks. */
  tolerance?: number | undefined
  /** Default 200. */
  maxIterations?: number
}

/** A fitted model. */
export interface Fit {
  /** [outputs, dimension + 1], row-major; the intercept is the last of each row. */
  weights: Float64Array
  /** Value of the objective. */
  objective: number
  iterations: number
  /** Whether it ended by its tolerance. */
  converged: boolean
}

/** Rows between two yields. */
const ROWS_AT_ONCE = 512
/** Until the gradient is this part of that at weights of 0, products in float32 do; all later ones are in float64. */
const NEAR = 1e-3

/**
 * Minimizes Σ costs · loss + ½ ‖weights‖² by Newton's method, as liblinear's primal solvers do: each step by conjugate gradients with
 * a diagonal preconditioner (Hsia, Chiang and Lin 2018), then a line search that needs no pass over the features.
 *
 * Yields between parts of its work, after at most some milliseconds. Many dense rows with several outputs are multiplied in blocks of
 * float32 far from the minimum, and for the steps, which need not be exact; gradients near the minimum are in float64.
 */
export function* minimize({
  features,
  loss,
  costs,
  intercept,
  start,
  tolerance: given,
  maxIterations = 200,
}: SmoothProblem): Generator<void, Fit, void> {
  const { count, dimension } = features
  const { outputs } = loss
  const blocks = features.blocks?.(outputs) ?? null
  // As scikit-learn has it: more digits of thousands of papers' weights take several times as long, and change no prediction.
  const tolerance = given ?? (blocks ? 1e-4 : 1e-6)
  const stride = dimension + 1
  const size = outputs * stride
  const penalty = (at: number) => (at % stride === dimension && intercept === 'free' ? 0 : 1)
  const weights = start ? Float64Array.from(start) : new Float64Array(size)
  const gradients = new Float64Array(count * outputs)
  const state = new Float64Array(count * outputs)

  /** Sum of the rows' losses; writes gradients and state. */
  const evaluate = (scores: Float64Array) => {
    let sum = 0
    for (let row = 0; row < count; row++) sum += costs[row]! * loss.evaluate(row, scores, row * outputs, gradients, state)
    return sum
  }
  const penaltyOf = (of: Float64Array) => of.reduce((sum, value, at) => sum + penalty(at) * value * value, 0) / 2

  let isNear = blocks === null

  /** Scores of all rows. */
  function* multiply(by: Float64Array, out: Float64Array, exact = isNear): Generator<void, void, void> {
    if (blocks && !exact) {
      yield* blocks.multiply(by, outputs, out)
      for (let at = 0; at < out.length; at++) out[at]! += by[(at % outputs) * stride + dimension]!
      return
    }
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < outputs; k++) out[row * outputs + k] = features.dot(row, by, k * stride) + by[k * stride + dimension]!
      if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
    }
  }
  /** Sum of the rows by these factors, and the penalty's part. */
  function* gather(
    factors: Float64Array,
    penalized: Float64Array,
    out: Float64Array,
    exact = isNear,
  ): Generator<void, void, void> {
    for (let at = 0; at < size; at++) out[at] = penalty(at) * penalized[at]!
    if (blocks && !exact) {
      const weighted = factors.map((factor, at) => costs[Math.floor(at / outputs)]! * factor)
      for (let at = 0; at < weighted.length; at++) out[(at % outputs) * stride + dimension]! += weighted[at]!
      yield* blocks.gather(weighted, outputs, out)
      return
    }
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < outputs; k++) {
        const factor = costs[row]! * factors[row * outputs + k]!
        if (factor === 0) continue
        features.addTo(row, factor, out, k * stride)
        out[k * stride + dimension]! += factor
      }
      if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
    }
  }
  /** What residuals are multiplied by: the inverse of the second derivative's diagonal. */
  function* preconditioner(): Generator<void, Float64Array, void> {
    const out = new Float64Array(size)
    for (let at = 0; at < size; at++) out[at] = penalty(at)
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < outputs; k++) {
        const factor = costs[row]! * loss.diagonal(state, row * outputs + k)
        if (factor === 0) continue
        features.addSquaresTo(row, factor, out, k * stride)
        out[k * stride + dimension]! += factor
      }
      if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
    }
    return out.map((value) => 1 / (value > 0 ? value : 1))
  }

  const scores = new Float64Array(count * outputs)
  const gradient = new Float64Array(size)
  let sum = evaluate(scores)
  yield* gather(gradients, new Float64Array(size), gradient)
  const limit = tolerance * length(gradient)
  if (start) {
    yield* multiply(weights, scores)
    sum = evaluate(scores)
    yield* gather(gradients, weights, gradient)
  }
  let objective = sum + penaltyOf(weights)

  let isStuck = false
  const stepScores = new Float64Array(count * outputs)
  const product = new Float64Array(size)
  let scale: Float64Array = new Float64Array(size)
  for (let iteration = 0; ; iteration++) {
    if (!isNear && (isStuck || length(gradient) <= (NEAR * limit) / tolerance)) {
      isNear = true
      yield* multiply(weights, scores)
      objective = evaluate(scores) + penaltyOf(weights)
      yield* gather(gradients, weights, gradient)
    } else if (isStuck) return { weights, objective, iterations: iteration, converged: length(gradient) <= limit * 1e3 }
    const norm = length(gradient)
    if (norm <= limit) return { weights, objective, iterations: iteration, converged: true }
    if (iteration === maxIterations) return { weights, objective, iterations: iteration, converged: false }

    // Conjugate gradients for the step; the nearer the minimum, the more exactly.
    // It need not be exact, so it is computed anew ever more rarely.
    if ((iteration & (iteration - 1)) === 0) scale = yield* preconditioner()
    const step = new Float64Array(size)
    const residual = gradient.map((value) => -value)
    const direction = residual.map((value, at) => value * scale[at]!)
    let energy = dot(residual, direction)
    const enough = Math.min(0.1, Math.sqrt(norm / Math.max(norm, limit / tolerance))) * norm
    for (let turn = 0; turn < 200 && length(residual) > Math.max(enough, limit / 10); turn++) {
      yield* multiply(direction, stepScores, blocks === null)
      for (let row = 0; row < count; row++) loss.multiply(state, row * outputs, stepScores)
      yield* gather(stepScores, direction, product, blocks === null)
      const curvature = dot(direction, product)
      if (!(curvature > 0)) break
      const factor = energy / curvature
      for (let at = 0; at < size; at++) {
        step[at]! += factor * direction[at]!
        residual[at]! -= factor * product[at]!
      }
      let next = 0
      for (let at = 0; at < size; at++) next += residual[at]! * residual[at]! * scale[at]!
      for (let at = 0; at < size; at++) direction[at] = residual[at]! * scale[at]! + (next / energy) * direction[at]!
      energy = next
    }

    yield* multiply(step, stepScores)
    const slope = dot(gradient, step)
    const before = objective
    let taken = 0
    for (let length = 1; length > 1e-10; length /= 2) {
      for (let at = 0; at < scores.length; at++) scores[at]! += (length - taken) * stepScores[at]!
      for (let at = 0; at < size; at++) weights[at]! += (length - taken) * step[at]!
      taken = length
      objective = evaluate(scores) + penaltyOf(weights)
      if (objective <= before + 1e-4 * length * slope) break
    }
    yield* gather(gradients, weights, gradient)
    // In the last digits of the objective no step descends any more.
    isStuck = !(objective < before - 1e-15 * Math.abs(before))
  }
}

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}
const length = (a: Float64Array) => Math.sqrt(dot(a, a))
