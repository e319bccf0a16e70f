import type { FitReport } from './head-options.js'
import { checkJson, HeadWeights, reportOf, type WeightsJson } from './head-weights.js'

/** A {@link LinearRegressor} as JSON. */
export interface RegressorJson extends WeightsJson {
  /** What this is. */
  kind: 'regressor'
  /** Of this form. */
  version: 1
  /** How it was fitted. */
  report: FitReport
}

/**
 * A linear prediction of a number from vectors. {@link fitRegressor} makes it.
 *
 * @example
 * const years = await fitRegressor(vectors, Float64Array.from([1998, 2004, 2011, 2020]), { dimension })
 * show(years.predict(vectors))
 */
export class LinearRegressor {
  /** How it was fitted. */
  readonly report: FitReport
  readonly #weights: HeadWeights

  /** @internal */
  constructor(weights: HeadWeights, report: FitReport) {
    this.#weights = weights
    this.report = report
  }

  /** Numbers in a vector. */
  get dimension(): number {
    return this.#weights.dimension
  }

  /** [dimension]; a copy. */
  get coefficients(): Float64Array<ArrayBuffer> {
    return this.#weights.coefficients
  }

  /** What is predicted for a vector of zeros. */
  get intercept(): number {
    return this.#weights.intercepts[0]!
  }

  /**
   * The predicted number of each paper.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @throws InvalidArgumentError if the vectors do not fit.
   */
  predict(vectors: Float32Array | Float64Array): Float64Array {
    return this.#weights.decide(vectors)
  }

  /** All that {@link LinearRegressor.fromJSON} needs, for `JSON.stringify`. */
  toJSON(): RegressorJson {
    return { kind: 'regressor', version: 1, report: this.report, ...this.#weights.toJson() }
  }

  /**
   * The regressor that {@link LinearRegressor.toJSON} gave.
   *
   * @throws InvalidArgumentError naming the field that is not as it should be.
   */
  static fromJSON(json: unknown): LinearRegressor {
    const value = checkJson(json, 'regressor')
    return new LinearRegressor(HeadWeights.fromJson(value, 1), reportOf('json.report', value.report))
  }
}
