import { InvalidArgumentError, Specter2Error } from '../errors.js'
import type { Label } from '../metrics/classification.js'
import { probabilityOf } from './calibration.js'
import type { FitReport } from './head-options.js'
import { checkJson, HeadWeights, reportOf, type WeightsJson } from './head-weights.js'
import { type Calibration, calibrationOf, classesOf } from './linear-classifier.js'
import { sigmoid } from './losses.js'

/** A {@link MultiLabelClassifier} as JSON. */
export interface MultiLabelJson extends WeightsJson {
  /** What this is. */
  kind: 'multi-label-classifier'
  /** Of this form. */
  version: 1
  /** In order. */
  classes: readonly Label[]
  /** Of the probabilities; `null`: there are none. */
  calibration: Calibration
  /** Of each label. */
  reports: readonly FitReport[]
}

/**
 * A linear classifier of vectors, with any number of labels for each paper. {@link fitMultiLabelClassifier} makes it.
 *
 * @example
 * const topics = await fitMultiLabelClassifier(vectors, [['fever'], ['fever', 'cough'], [], ['cough']], { dimension })
 * show(topics.predict(vectors))
 */
export class MultiLabelClassifier {
  /** All labels, in order. */
  readonly classes: readonly Label[]
  /** How each label's part was fitted: C is chosen for each. */
  readonly reports: readonly FitReport[]
  readonly #weights: HeadWeights
  readonly #calibration: Calibration

  /** @internal */
  constructor(classes: readonly Label[], weights: HeadWeights, calibration: Calibration, reports: readonly FitReport[]) {
    this.classes = classes
    this.#weights = weights
    this.#calibration = calibration
    this.reports = reports
  }

  /** Numbers in a vector. */
  get dimension(): number {
    return this.#weights.dimension
  }

  /** [labels, dimension], row-major; a copy. */
  get coefficients(): Float64Array<ArrayBuffer> {
    return this.#weights.coefficients
  }

  /** [labels]; a copy. */
  get intercepts(): Float64Array<ArrayBuffer> {
    return this.#weights.intercepts
  }

  /**
   * Decision values, above 0 where a label is meant.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @returns [count, labels]
   * @throws InvalidArgumentError if the vectors do not fit.
   */
  decisions(vectors: Float32Array | Float64Array): Float64Array {
    return this.#weights.decide(vectors)
  }

  /**
   * The labels of each paper.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @throws InvalidArgumentError if the vectors do not fit.
   */
  predict(vectors: Float32Array | Float64Array): Label[][] {
    const decisions = this.decisions(vectors)
    const { classes } = this
    return Array.from({ length: decisions.length / classes.length }, (_, row) =>
      classes.filter((_, k) => decisions[row * classes.length + k]! > 0),
    )
  }

  /**
   * The probability of each label, whatever the others.
   *
   * @param vectors [count, dimension], row-major; borrowed.
   * @returns [count, labels]
   * @throws InvalidArgumentError if the vectors do not fit; Specter2Error `UNSUPPORTED` for an SVC fitted without `calibrate`.
   */
  probabilities(vectors: Float32Array | Float64Array): Float64Array {
    const calibration = this.#calibration
    if (!calibration)
      throw new Specter2Error('UNSUPPORTED', 'This SVC has no probabilities. Fit it with calibrate: true, or take decisions().')
    const decisions = this.decisions(vectors)
    const labels = this.classes.length
    return decisions.map((decision, at) =>
      'temperature' in calibration
        ? sigmoid(calibration.temperature * decision)
        : probabilityOf(calibration.sigmoids[at % labels]!, decision),
    )
  }

  /** All that {@link MultiLabelClassifier.fromJSON} needs, for `JSON.stringify`. */
  toJSON(): MultiLabelJson {
    return {
      kind: 'multi-label-classifier',
      version: 1,
      classes: this.classes,
      calibration: this.#calibration,
      reports: this.reports,
      ...this.#weights.toJson(),
    }
  }

  /**
   * The classifier that {@link MultiLabelClassifier.toJSON} gave.
   *
   * @throws InvalidArgumentError naming the field that is not as it should be.
   */
  static fromJSON(json: unknown): MultiLabelClassifier {
    const value = checkJson(json, 'multi-label-classifier')
    const classes = classesOf(value, 1)
    const { reports } = value
    if (!Array.isArray(reports) || reports.length !== classes.length)
      throw new InvalidArgumentError('json.reports', reports, `a list of ${classes.length} reports`)
    return new MultiLabelClassifier(
      classes,
      HeadWeights.fromJson(value, classes.length),
      calibrationOf(value, classes.length),
      reports.map((report, k) => reportOf(`json.reports[${k}]`, report)),
    )
  }
}
