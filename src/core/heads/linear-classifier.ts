import { InvalidArgumentError, Specter2Error } from '../errors.js'
import type { Label } from '../metrics/classification.js'
import { probabilityOf, type Sigmoid } from './calibration.js'
import type { FitReport } from './head-options.js'
import { checkJson, HeadWeights, reportOf, type WeightsJson } from './head-weights.js'
import { sigmoid, softmax } from './losses.js'

/** How decisions become probabilities: by a softmax of a temperature, by a sigmoid for each output, or not at all. */
export type Calibration = { temperature: number } | { sigmoids: readonly Sigmoid[] } | null

/** A {@link LinearClassifier} as JSON. */
export interface ClassifierJson extends WeightsJson {
  /** What this is. */
  kind: 'classifier'
  /** Of this form. */
  version: 1
  /** In order. */
  classes: readonly Label[]
  /** Of the probabilities; `null`: there are none. */
  calibration: Calibration
  /** How it was fitted. */
  report: FitReport
}

/**
 * A linear classifier of vectors, with one class for each paper. {@link fitClassifier} makes it.
 *
 * @example
 * const classifier = await fitClassifier(vectors, labels, { dimension })
 * show([classifier.predict(vectors), classifier.probabilities(vectors)])
 */
export class LinearClassifier {
  /** In order: false before true, numbers by value, texts by code unit. */
  readonly classes: readonly Label[]
  /** How it was fitted. */
  readonly report: FitReport
  readonly #weights: HeadWeights
  readonly #calibration: Calibration

  /** @internal */
  constructor(classes: readonly Label[], weights: HeadWeights, calibration: Calibration, report: FitReport) {
    this.classes = classes
    this.#weights = weights
    this.#calibration = calibration
    this.report = report
  }

  /** Numbers in a vector. */
  get dimension(): number {
    return this.#weights.dimension
  }

  /** Weight vectors: 1 for two classes, about the second, otherwise one for each class. */
  get outputs(): number {
    return this.#weights.outputs
  }

  /** [outputs, dimension], row-major; a copy. */
  get coefficients(): Float64Array<ArrayBuffer> {
    return this.#weights.coefficients
  }

  /** [outputs]; a copy. */
  get intercepts(): Float64Array<ArrayBuffer> {
    return this.#weights.intercepts
  }

  /**
   * Decision values: the higher, the more a class is meant. Of two classes there is one, above 0 for the second.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @returns [count, outputs]
   * @throws InvalidArgumentError if the vectors do not fit.
   */
  decisions(vectors: Float32Array | Float64Array): Float64Array {
    return this.#weights.decide(vectors)
  }

  /**
   * The class with the highest decision value of each paper; of equals the first.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @throws InvalidArgumentError if the vectors do not fit.
   */
  predict(vectors: Float32Array | Float64Array): Label[] {
    const decisions = this.decisions(vectors)
    const { outputs, classes } = this
    return Array.from({ length: decisions.length / outputs }, (_, row) => {
      if (outputs === 1) return classes[decisions[row]! > 0 ? 1 : 0]!
      let best = 0
      for (let k = 1; k < outputs; k++) if (decisions[row * outputs + k]! > decisions[row * outputs + best]!) best = k
      return classes[best]!
    })
  }

  /**
   * Probabilities of all classes.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @returns [count, classes]; each row has the sum 1.
   * @throws InvalidArgumentError if the vectors do not fit; Specter2Error `UNSUPPORTED` for an SVC fitted without `calibrate`.
   */
  probabilities(vectors: Float32Array | Float64Array): Float64Array {
    const calibration = this.#calibration
    if (!calibration)
      throw new Specter2Error('UNSUPPORTED', 'This SVC has no probabilities. Fit it with calibrate: true, or take decisions().')
    const { outputs } = this
    const decisions = this.decisions(vectors)
    const count = decisions.length / outputs
    if ('temperature' in calibration && outputs > 1) {
      for (let at = 0; at < decisions.length; at++) decisions[at]! *= calibration.temperature
      for (let row = 0; row < count; row++) softmax(decisions, row * outputs, outputs, decisions)
      return decisions
    }
    const of = (k: number, decision: number) =>
      'temperature' in calibration
        ? sigmoid(calibration.temperature * decision)
        : probabilityOf(calibration.sigmoids[k]!, decision)
    if (outputs === 1) {
      const both = new Float64Array(2 * count)
      for (let row = 0; row < count; row++) {
        both[2 * row + 1] = of(0, decisions[row]!)
        both[2 * row] = 1 - both[2 * row + 1]!
      }
      return both
    }
    for (let row = 0; row < count; row++) {
      let sum = 0
      for (let k = 0; k < outputs; k++) {
        decisions[row * outputs + k] = of(k, decisions[row * outputs + k]!)
        sum += decisions[row * outputs + k]!
      }
      for (let k = 0; k < outputs; k++) decisions[row * outputs + k] = sum > 0 ? decisions[row * outputs + k]! / sum : 1 / outputs
    }
    return decisions
  }

  /** All that {@link LinearClassifier.fromJSON} needs, for `JSON.stringify`. */
  toJSON(): ClassifierJson {
    const { classes, report } = this
    return { kind: 'classifier', version: 1, classes, calibration: this.#calibration, report, ...this.#weights.toJson() }
  }

  /**
   * The classifier that {@link LinearClassifier.toJSON} gave.
   *
   * @throws InvalidArgumentError naming the field that is not as it should be.
   */
  static fromJSON(json: unknown): LinearClassifier {
    const value = checkJson(json, 'classifier')
    const classes = classesOf(value, 2)
    const weights = HeadWeights.fromJson(value, classes.length === 2 ? 1 : classes.length)
    return new LinearClassifier(classes, weights, calibrationOf(value, weights.outputs), reportOf('json.report', value.report))
  }
}

/** @throws InvalidArgumentError */
export function classesOf({ classes }: Record<string, unknown>, least: number): Label[] {
  const isLabel = (label: unknown) => ['string', 'number', 'boolean'].includes(typeof label)
  if (Array.isArray(classes) && classes.length >= least && classes.every(isLabel)) return classes
  throw new InvalidArgumentError('json.classes', classes, `a list of ${least} labels or more`)
}

/** @throws InvalidArgumentError */
export function calibrationOf({ calibration }: Record<string, unknown>, outputs: number): Calibration {
  if (calibration === null) return null
  const { temperature, sigmoids } = Object(calibration) as { temperature?: unknown; sigmoids?: unknown }
  if (Number.isFinite(temperature)) return { temperature: temperature as number }
  const isSigmoid = (value: unknown) => Number.isFinite(Object(value).slope) && Number.isFinite(Object(value).offset)
  if (Array.isArray(sigmoids) && sigmoids.length === outputs && sigmoids.every(isSigmoid)) return { sigmoids }
  throw new InvalidArgumentError('json.calibration', calibration, `null, a temperature, or ${outputs} sigmoids`)
}
