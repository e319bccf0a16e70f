import { randomNumbers } from '../random.js'
import { BlockedFeatures } from './blocked-features.js'
import { descend } from './coordinate-descent.js'
import type { Features } from './features.js'
import { logisticLoss, multinomialLoss, oneVsRestLoss, squaredErrorLoss, squaredHingeLoss } from './losses.js'
import { type Fit, minimize } from './newton.js'

/** A fit of the solvers without its history: weights [outputs, dimension + 1], the intercept last. */
export interface Outputs {
  weights: Float64Array
  converged: boolean
}

/** How classes are told apart. */
export interface ClassesModel {
  model: 'logistic' | 'one-vs-rest-logistic' | 'svc'
  /** Of an SVC. */
  loss: 'squared-hinge' | 'hinge'
  seed: number
}

/**
 * Fits the weights that tell classes apart: one output for two classes, otherwise one for each.
 *
 * @param targets The class of each row, 0 … count - 1.
 * @param weights Of each class.
 * @param start Weights of a fit of the same form.
 */
export function* fitClasses(
  features: Features,
  targets: ArrayLike<number>,
  weights: Float64Array,
  C: number,
  { model, loss, seed }: ClassesModel,
  start?: Float64Array,
): Generator<void, Outputs, void> {
  const classes = weights.length
  const costs = Float64Array.from(targets, (target) => C * weights[target]!)
  const stride = features.dimension + 1
  if (model === 'logistic' && classes > 2) {
    const fit = yield* minimize({ features, loss: multinomialLoss(targets, classes), costs, intercept: 'free', start })
    // The same number may be added to all intercepts; their mean is 0 by convention.
    let mean = 0
    for (let k = 0; k < classes; k++) mean += fit.weights[k * stride + stride - 1]! / classes
    for (let k = 0; k < classes; k++) fit.weights[k * stride + stride - 1]! -= mean
    return fit
  }
  const sidesOf = (positive: number) => Int8Array.from(targets, (target) => (target === positive ? 1 : -1))
  if (model === 'svc' && loss === 'hinge') {
    const outputs = classes === 2 ? 1 : classes
    const all: Outputs = { weights: new Float64Array(outputs * stride), converged: true }
    for (let k = 0; k < outputs; k++) {
      const sides = sidesOf(classes === 2 ? 1 : k)
      const fit = yield* descend({ features, targets: sides, costs, loss, random: randomNumbers(seed) })
      all.weights.set(fit.weights, k * stride)
      all.converged &&= fit.converged
    }
    return all
  }
  const lossOf = model === 'svc' ? squaredHingeLoss : logisticLoss
  const objective = classes === 2 ? lossOf(sidesOf(1)) : oneVsRestLoss(lossOf, targets, classes)
  return yield* minimize({ features, loss: objective, costs, intercept: model === 'svc' ? 'penalised' : 'free', start })
}

/** How numbers are predicted. */
export interface NumbersModel {
  model: 'svr' | 'ridge'
  /** Of an SVR. */
  loss: 'epsilon-insensitive' | 'squared-epsilon-insensitive'
  /** Of an SVR. */
  epsilon: number
  seed: number
}

/** Fits the weights that predict numbers. @param strength C of an SVR, alpha of a ridge regression. */
export function* fitNumbers(
  features: Features,
  targets: Float64Array,
  strength: number,
  { model, loss, epsilon, seed }: NumbersModel,
  start?: Float64Array,
): Generator<void, Outputs, void> {
  const costs = new Float64Array(targets.length).fill(model === 'ridge' ? 1 / (2 * strength) : strength)
  if (model === 'svr' && loss === 'epsilon-insensitive')
    return yield* descend({ features, targets, costs, loss, epsilon, random: randomNumbers(seed) })
  const isRidge = model === 'ridge'
  const objective = squaredErrorLoss(targets, isRidge ? 0 : epsilon)
  const intercept = isRidge ? 'free' : 'penalised'
  const fit: Fit = yield* minimize({ features, loss: objective, costs, intercept, start, tolerance: 1e-8 })
  return fit
}

/** Mean and standard deviation of each column; 1 for a constant one. */
export interface Scale {
  means: Float64Array
  deviations: Float64Array
}

/** Features whose columns have mean 0 and standard deviation 1, as a copy, and what they had before. */
export function standardize(features: Features): { features: Features; scale: Scale } {
  const { count, dimension } = features
  const means = new Float64Array(dimension)
  for (let row = 0; row < count; row++) features.addTo(row, 1 / count, means, 0)
  const values = new Float64Array(count * dimension)
  const deviations = new Float64Array(dimension)
  for (let row = 0; row < count; row++) {
    features.addTo(row, 1, values, row * dimension)
    for (let column = 0; column < dimension; column++) {
      values[row * dimension + column]! -= means[column]!
      deviations[column]! += values[row * dimension + column]! ** 2 / count
    }
  }
  for (let column = 0; column < dimension; column++) {
    const deviation = Math.sqrt(deviations[column]!)
    // A constant column differs from its mean by rounding alone.
    deviations[column] = deviation > 1e-12 * Math.abs(means[column]!) && deviation > 0 ? deviation : 1
  }
  for (let at = 0; at < values.length; at++) values[at]! /= deviations[at % dimension]!
  return { features: new BlockedFeatures(values, dimension), scale: { means, deviations } }
}

/** Turns weights for standardized columns into those for the columns as they are, in place. */
export function unscale(weights: Float64Array, { means, deviations }: Scale): void {
  const stride = means.length + 1
  for (let start = 0; start < weights.length; start += stride)
    for (let column = 0; column < means.length; column++) {
      weights[start + column]! /= deviations[column]!
      weights[start + stride - 1]! -= weights[start + column]! * means[column]!
    }
}
