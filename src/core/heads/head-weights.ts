import { InvalidArgumentError } from '../errors.js'
import { DenseFeatures } from './features.js'
import { decide } from './fit-head.js'
import { checkVectors, type FitReport } from './head-options.js'

/** Weights of a head as JSON. */
export interface WeightsJson {
  /** Numbers in a vector. */
  dimension: number
  /** [outputs][dimension] */
  coefficients: number[][]
  /** [outputs] */
  intercepts: number[]
}

/** The linear part of a head. */
export class HeadWeights {
  readonly dimension: number
  readonly outputs: number
  /** [outputs, dimension + 1], the intercept last. */
  readonly #weights: Float64Array

  constructor(weights: Float64Array, dimension: number) {
    this.#weights = weights
    this.dimension = dimension
    this.outputs = weights.length / (dimension + 1)
  }

  /** [outputs, dimension], a copy. */
  get coefficients(): Float64Array<ArrayBuffer> {
    const all = new Float64Array(this.outputs * this.dimension)
    for (let k = 0; k < this.outputs; k++) {
      const start = k * (this.dimension + 1)
      all.set(this.#weights.subarray(start, start + this.dimension), k * this.dimension)
    }
    return all
  }

  /** [outputs], a copy. */
  get intercepts(): Float64Array<ArrayBuffer> {
    return Float64Array.from({ length: this.outputs }, (_, k) => this.#weights[(k + 1) * (this.dimension + 1) - 1]!)
  }

  /** [count, outputs] of vectors [count, dimension]. @throws InvalidArgumentError */
  decide(vectors: Float32Array | Float64Array): Float64Array {
    checkVectors(vectors, this.dimension)
    return decide(new DenseFeatures(vectors, this.dimension), this.#weights, this.outputs)
  }

  toJson(): WeightsJson {
    const { coefficients, dimension } = this
    return {
      dimension,
      coefficients: Array.from({ length: this.outputs }, (_, k) => [
        ...coefficients.subarray(k * dimension, (k + 1) * dimension),
      ]),
      intercepts: [...this.intercepts],
    }
  }

  /** @throws InvalidArgumentError naming the field. */
  static fromJson(json: Record<string, unknown>, outputs: number): HeadWeights {
    const { dimension, coefficients, intercepts } = json as Partial<WeightsJson>
    if (!Number.isInteger(dimension) || dimension! < 1)
      throw new InvalidArgumentError('json.dimension', dimension, 'a whole number of at least 1')
    const isNumbers = (value: unknown, length: number): value is number[] =>
      Array.isArray(value) && value.length === length && value.every((each) => Number.isFinite(each))
    if (!Array.isArray(coefficients) || coefficients.length !== outputs)
      throw new InvalidArgumentError('json.coefficients', coefficients, `a list of ${outputs} lists, one for each output`)
    if (!isNumbers(intercepts, outputs))
      throw new InvalidArgumentError('json.intercepts', intercepts, `a list of ${outputs} numbers`)
    const weights = new Float64Array(outputs * (dimension! + 1))
    for (const [k, row] of coefficients.entries()) {
      if (!isNumbers(row, dimension!))
        throw new InvalidArgumentError(`json.coefficients[${k}]`, row, `a list of ${dimension} numbers`)
      weights.set(row, k * (dimension! + 1))
      weights[(k + 1) * (dimension! + 1) - 1] = intercepts[k]!
    }
    return new HeadWeights(weights, dimension!)
  }
}

/** A field of JSON that names what it is. @throws InvalidArgumentError if it is not an object of this kind and version. */
export function checkJson(json: unknown, kind: string): Record<string, unknown> {
  const value = json as Record<string, unknown> | null
  if (typeof value !== 'object' || value === null) throw new InvalidArgumentError('json', json, 'an object, as toJSON() gives it')
  if (value.kind !== kind) throw new InvalidArgumentError('json.kind', value.kind, kind)
  if (value.version !== 1)
    throw new InvalidArgumentError('json.version', value.version, '1, which this version of the package reads')
  return value
}

/** How a head of JSON was fitted. @throws InvalidArgumentError */
export function reportOf(field: string, json: unknown): FitReport {
  const { strength, tried, converged } = Object(json) as Partial<FitReport>
  const isTried = (value: unknown) => Number.isFinite(Object(value).value) && Number.isFinite(Object(value).score)
  if (typeof strength === 'number' && Array.isArray(tried) && tried.every(isTried) && typeof converged === 'boolean')
    return { strength, tried, converged }
  throw new InvalidArgumentError(field, json, 'a report with strength, tried and converged')
}
