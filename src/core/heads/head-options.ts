import { InvalidArgumentError } from '../errors.js'
import type { Label } from '../metrics/classification.js'

/** What a long fit reports. */
export interface FitProgress {
  /** Fits that are done. */
  done: number
  /** All fits: one for each value of C and fold, and the last one. */
  total: number
}

/** Options that all heads share. */
export interface HeadOptions {
  /** Numbers in a vector. */
  dimension: number
  /**
   * Whether columns are brought to mean 0 and standard deviation 1 before the fit. The head takes vectors as they are all the same.
   * Default `false`, as in the published evaluation.
   */
  standardize?: boolean
  /** Folds in which values of C are compared, and on which probabilities are calibrated. Default 5, or fewer if a class has too few papers. */
  folds?: number
  /** Of folds and orders: the same seed gives the same head. `null`: folds in the order of the papers. Default 1. */
  seed?: number | null
  /** Aborting rejects with the signal's reason; a head is complete or none. */
  signal?: AbortSignal | undefined
  /** Called after each fit. */
  onProgress?: ((progress: FitProgress) => void) | undefined
}

/** Options of {@link fitClassifier} and {@link fitMultiLabelClassifier}. */
export interface ClassifierOptions extends HeadOptions {
  /**
   * `logistic`: multinomial logistic regression; `one-vs-rest-logistic`: a logistic regression for each class; `svc`: a linear
   * support vector machine for each class, as the published evaluation has it. Default `logistic`.
   */
  model?: 'logistic' | 'one-vs-rest-logistic' | 'svc'
  /**
   * Weight of the errors against that of the coefficients; a list is compared in folds, and the best value by `scoring` taken, the
   * smallest of equals. Default 1.
   */
  C?: number | readonly number[]
  /** How values of C are compared. Default `accuracy`. */
  scoring?: 'accuracy' | 'macroF1'
  /** Loss of an SVC. Default `squared-hinge`. */
  loss?: 'squared-hinge' | 'hinge'
  /** How much the papers of a class count: `balanced` gives all classes the same weight in sum. Default: 1 each. */
  classWeight?: 'balanced' | ReadonlyMap<Label, number>
  /**
   * Whether probabilities are fitted to papers that were not trained on: for an SVC and one-vs-rest by a sigmoid for each class
   * (Platt), for a multinomial regression by a temperature. Default `false`; an SVC has no probabilities without it.
   */
  calibrate?: boolean
}

/** Options of {@link fitRegressor}. */
export interface RegressorOptions extends HeadOptions {
  /** `svr`: linear support vector regression; `ridge`: least squares with an L2 penalty. Default `ridge`. */
  model?: 'svr' | 'ridge'
  /** Weight of an SVR's errors against that of the coefficients; a list is compared in folds by R². Default 1. */
  C?: number | readonly number[]
  /** Weight of a ridge's coefficients; a list is compared in folds by R². Default 1. */
  alpha?: number | readonly number[]
  /** Errors up to this do not count in an SVR. Default 0. */
  epsilon?: number
  /** Loss of an SVR. Default `epsilon-insensitive`. */
  loss?: 'epsilon-insensitive' | 'squared-epsilon-insensitive'
}

/** How one value of C or alpha did in the folds. */
export interface Tried {
  /** C or alpha. */
  value: number
  /** Mean score of the folds: accuracy, macro F1 or R². */
  score: number
}

/** How a head was fitted. */
export interface FitReport {
  /** C or alpha of the head. */
  strength: number
  /** Scores of the values that were compared; empty if there was one. */
  tried: readonly Tried[]
  /** Whether the solver ended by its tolerance rather than by its limit of steps. */
  converged: boolean
}

/** The values of C or alpha, each once, ascending. @throws InvalidArgumentError */
export function strengthsOf(field: string, value: number | readonly number[]): number[] {
  const values = typeof value === 'number' ? [value] : [...new Set(value)].sort((a, b) => a - b)
  if (values.length === 0) throw new InvalidArgumentError(field, value, 'a number or a list with at least one')
  for (const each of values)
    if (typeof each !== 'number' || !(each > 0 && each < Number.POSITIVE_INFINITY))
      throw new InvalidArgumentError(field, each, 'a number above 0')
  return values
}

/** @throws InvalidArgumentError unless there is a vector of finite numbers for each of `count` papers. */
export function checkVectors(vectors: Float32Array | Float64Array, dimension: number, count?: number): void {
  if (!Number.isInteger(dimension) || dimension < 1)
    throw new InvalidArgumentError('dimension', dimension, 'a whole number of at least 1')
  if (!(vectors instanceof Float32Array || vectors instanceof Float64Array))
    throw new InvalidArgumentError('vectors', vectors, 'a Float32Array or Float64Array, row-major')
  if (count === undefined ? vectors.length % dimension !== 0 : vectors.length !== count * dimension)
    throw new InvalidArgumentError(
      'vectors.length',
      vectors.length,
      count === undefined ? `a multiple of the dimension, ${dimension}` : `${count * dimension}, ${dimension} for each paper`,
    )
  const at = vectors.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw new InvalidArgumentError(`vectors[${at}]`, vectors[at], 'a finite number')
}
