import { Specter2Error } from '../../core/errors.js'
import type { ClassifierOptions, FitProgress, RegressorOptions } from '../../core/heads/head-options.js'
import type { LinearClassifier } from '../../core/heads/linear-classifier.js'
import type { LinearRegressor } from '../../core/heads/linear-regressor.js'
import type { MultiLabelClassifier } from '../../core/heads/multi-label-classifier.js'
import type { Label } from '../../core/metrics/classification.js'
import type { HeadsProtocol } from '../../workers/heads/heads-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { type ClientKind, WorkerClient } from '../../workers/rpc/worker-client.js'

const HEADS: ClientKind = {
  name: 'heads',
  // In the form that bundlers recognise.
  start: () => new Worker(new URL('../../workers/heads.js', import.meta.url), { type: 'module', name: 'specter2-web heads' }),
  instead: 'Call fitClassifier() or fitRegressor() of specter2-web/heads, which need none.',
  fatal: [],
}

/** Where a head is fitted. */
export interface HeadWorkerOptions {
  /** The heads worker, its URL or a function that creates it, for bundlers that do not find the package's own. The call terminates it. */
  worker?: WorkerSource | undefined
}

/**
 * Runs `fitClassifier` of `specter2-web/heads` in a worker of its own, which ends with the call.
 *
 * @param vectors [count, dimension], row-major; copied.
 * @param labels The class of each paper.
 * @throws InvalidArgumentError as `fitClassifier` does; the signal's reason, at once; Specter2Error `WORKER_FAILED`.
 * @example
 * const classifier = await fitClassifierInWorker(vectors, labels, { dimension, classWeight: 'balanced' })
 * show(classifier.predict(vectors))
 */
export async function fitClassifierInWorker(
  vectors: Float32Array | Float64Array,
  labels: readonly Label[],
  { worker, ...options }: ClassifierOptions & HeadWorkerOptions,
): Promise<LinearClassifier> {
  const json = await inWorker(worker, options, (client, sent, following) =>
    client.call('classifier', { vectors, labels, options: sent }, following),
  )
  const { LinearClassifier } = await import('../../core/heads/linear-classifier.js')
  return LinearClassifier.fromJSON(json)
}

/**
 * Runs `fitMultiLabelClassifier` of `specter2-web/heads` in a worker of its own, which ends with the call.
 *
 * @param vectors [count, dimension], row-major; copied.
 * @param labels The labels of each paper.
 * @throws InvalidArgumentError as `fitMultiLabelClassifier` does; the signal's reason, at once; Specter2Error `WORKER_FAILED`.
 * @example
 * const topics = await fitMultiLabelClassifierInWorker(vectors, labels.map((label) => [label, 'any']), { dimension })
 * show(topics.predict(vectors))
 */
export async function fitMultiLabelClassifierInWorker(
  vectors: Float32Array | Float64Array,
  labels: readonly (readonly Label[])[],
  { worker, ...options }: ClassifierOptions & HeadWorkerOptions,
): Promise<MultiLabelClassifier> {
  const json = await inWorker(worker, options, (client, sent, following) =>
    client.call('multiLabel', { vectors, labels, options: sent }, following),
  )
  const { MultiLabelClassifier } = await import('../../core/heads/multi-label-classifier.js')
  return MultiLabelClassifier.fromJSON(json)
}

/**
 * Runs `fitRegressor` of `specter2-web/heads` in a worker of its own, which ends with the call.
 *
 * @param vectors [count, dimension], row-major; copied.
 * @param targets The number of each paper.
 * @throws InvalidArgumentError as `fitRegressor` does; the signal's reason, at once; Specter2Error `WORKER_FAILED`.
 * @example
 * const lengths = await fitRegressorInWorker(vectors, labels.map((label) => label.length), { dimension })
 * show(lengths.predict(vectors))
 */
export async function fitRegressorInWorker(
  vectors: Float32Array | Float64Array,
  targets: ArrayLike<number>,
  { worker, ...options }: RegressorOptions & HeadWorkerOptions,
): Promise<LinearRegressor> {
  const json = await inWorker(worker, options, (client, sent, following) =>
    client.call('regressor', { vectors, targets: Float64Array.from(targets), options: sent }, following),
  )
  const { LinearRegressor } = await import('../../core/heads/linear-regressor.js')
  return LinearRegressor.fromJSON(json)
}

interface Following {
  signal: AbortSignal | undefined
  onReport: (progress: FitProgress) => void
}

// The classes of heads are imported when one is there, so that an app that fits none does not load them.
async function inWorker<Options extends ClassifierOptions | RegressorOptions, Json>(
  worker: WorkerSource | undefined,
  { signal, onProgress, ...sent }: Options,
  call: (
    client: WorkerClient<HeadsProtocol>,
    sent: Omit<Options, 'signal' | 'onProgress'>,
    following: Following,
  ) => Promise<Json>,
): Promise<Json> {
  signal?.throwIfAborted()
  const client = new WorkerClient<HeadsProtocol>(worker, HEADS)
  try {
    return await call(client, sent, { signal, onReport: (progress) => onProgress?.(progress) })
  } finally {
    client.end(new Specter2Error('DISPOSED', 'The call has ended, so its worker was terminated.'))
  }
}
