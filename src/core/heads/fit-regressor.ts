import { InvalidArgumentError } from '../errors.js'
import { checkFinite } from '../metrics/check-lengths.js'
import { rSquared } from '../metrics/r2.js'
import { BlockedFeatures } from './blocked-features.js'
import { fitHead } from './fit-head.js'
import { fitNumbers } from './fit-outputs.js'
import { equalFolds } from './folds.js'
import { checkVectors, type RegressorOptions, strengthsOf } from './head-options.js'
import { HeadWeights } from './head-weights.js'
import { LinearRegressor } from './linear-regressor.js'
import { runStepsWithPauses } from './run-steps.js'

/**
 * Fits a linear prediction of numbers. Pauses every 40 ms for other tasks, but uses its thread: call it in a worker for more than some
 * hundred papers.
 *
 * @param vectors [count, dimension], row-major; borrowed. Those of the adapter `regression` are made for this.
 * @param targets The number of each paper. All the same: that number is predicted, by an SVR drawn to 0 by its penalty.
 * @throws InvalidArgumentError if there is not a number and a vector for each paper, or an invalid option; the signal's reason.
 * @example
 * const years = await fitRegressor(vectors, Float64Array.from([1998, 2004, 2011, 2020]), { dimension, alpha: 0.1 })
 * show(years.predict(vectors))
 */
export async function fitRegressor(
  vectors: Float32Array | Float64Array,
  targets: ArrayLike<number>,
  options: RegressorOptions,
): Promise<LinearRegressor> {
  const { dimension, model = 'ridge', loss = 'epsilon-insensitive', epsilon = 0, seed = 1, signal, onProgress } = options
  if (model !== 'ridge' && model !== 'svr') throw new InvalidArgumentError('options.model', model, 'ridge or svr')
  if (loss !== 'epsilon-insensitive' && loss !== 'squared-epsilon-insensitive')
    throw new InvalidArgumentError('options.loss', loss, 'epsilon-insensitive or squared-epsilon-insensitive')
  if (!(epsilon >= 0 && epsilon < Number.POSITIVE_INFINITY))
    throw new InvalidArgumentError('options.epsilon', epsilon, 'a number of at least 0')
  const isRidge = model === 'ridge'
  const strengths = isRidge ? strengthsOf('options.alpha', options.alpha ?? 1) : strengthsOf('options.C', options.C ?? 1)
  if (targets.length === 0) throw new InvalidArgumentError('targets.length', 0, 'at least 1')
  checkFinite(targets, 'targets')
  checkVectors(vectors, dimension, targets.length)
  const numbers = Float64Array.from(targets)
  const count = options.folds ?? Math.max(2, Math.min(5, targets.length))
  const steps = fitHead({
    features: new BlockedFeatures(vectors, dimension),
    strengths,
    standardize: options.standardize ?? false,
    folds: strengths.length > 1 ? { assigned: equalFolds(targets.length, count, seed), count } : null,
    heldOut: false,
    outputs: 1,
    fit: (part, rows, strength, start) => {
      const own = rows ? Float64Array.from(rows, (row) => numbers[row]!) : numbers
      return fitNumbers(part, own, strength, { model, loss, epsilon, seed: seed ?? 1 }, start)
    },
    score: (decisions, rows) =>
      rSquared(
        rows.map((row) => numbers[row]!),
        decisions,
      ),
    onProgress,
  })
  const { weights, strength, tried, converged } = await runStepsWithPauses(steps, signal)
  return new LinearRegressor(new HeadWeights(weights, dimension), { strength, tried, converged })
}
