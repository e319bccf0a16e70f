/** Types of the messages between page and heads worker. */
import type { ClassifierOptions, FitProgress, RegressorOptions } from '../../core/heads/head-options.js'
import type { ClassifierJson } from '../../core/heads/linear-classifier.js'
import type { RegressorJson } from '../../core/heads/linear-regressor.js'
import type { MultiLabelJson } from '../../core/heads/multi-label-classifier.js'
import type { Label } from '../../core/metrics/classification.js'
import type { Report } from '../rpc/protocol.js'

type Vectors = Float32Array | Float64Array
type Sent<T> = Omit<T, 'signal' | 'onProgress'>

/** A head crosses as the plain data of its `toJSON()`. */
export interface HeadsProtocol {
  classifier(
    request: { vectors: Vectors; labels: readonly Label[]; options: Sent<ClassifierOptions> },
    report: Report<FitProgress>,
  ): ClassifierJson
  multiLabel(
    request: { vectors: Vectors; labels: readonly (readonly Label[])[]; options: Sent<ClassifierOptions> },
    report: Report<FitProgress>,
  ): MultiLabelJson
  regressor(
    request: { vectors: Vectors; targets: Float64Array; options: Sent<RegressorOptions> },
    report: Report<FitProgress>,
  ): RegressorJson
}
