/** The sole call of the converter in a page. */

import { CALIBRATION_PAPERS, CALIBRATION_QUERIES } from '../../../core/calibration-texts.js'
import type { PublishedFolder } from '../../../core/checkpoint/published-folder.js'
import { type ConvertInput, convertModel, type FolderSink } from '../../../core/converter/convert.js'
import type { ModelOptions } from '../../../core/converter/model-options.js'
import { MORE_CALIBRATION_PAPERS } from '../../../core/converter/more-calibration-texts.js'
import { usefulCores } from '../../../core/cores.js'
import type { Manifest } from '../../../core/model-folder/manifest.js'
import type { AdapterName, Dtype } from '../../../core/types.js'
import { loadTransformers } from '../load-runtime.js'
import { expectedBytes } from './expected-bytes.js'

/** A published model to convert. */
export interface PublishedInput {
  base: PublishedFolder
  adapters: ReadonlyMap<AdapterName, PublishedFolder>
  /** Facts that are not in its files. */
  options: ModelOptions & Pick<ConvertInput, 'attribution'>
  /** Called when everything has been read and its files are no longer needed. */
  release?(): Promise<void>
}

export interface ConvertPublishedOptions {
  dtype: Dtype
  errorFeedback: boolean
  sink: FolderSink
  /** Absolute URL of the runtime's own files, with a closing slash. */
  runtime: string
  onProgress: (progress: ConversionWork) => void
  signal: AbortSignal
}

/** Progress of a conversion: bytes of files, and if there is a calibration, as many again for that. */
export interface ConversionWork {
  /** The converter's name for the current step. */
  step: string
  done: number
  total: number
}

/**
 * Converts into a folder of one dtype, with the same bytes as `specter2-web convert --dtype <dtype>`, with
 * `--error-feedback no` unless `errorFeedback` is set.
 */
export async function convertPublished(
  { base, adapters, options }: PublishedInput,
  to: ConvertPublishedOptions,
): Promise<Manifest> {
  const { dtype, errorFeedback, sink, runtime, onProgress, signal } = to
  const { createGraphRuntime } = await loadTransformers(runtime, 'wasm')
  const expected = await expectedBytes(base, dtype)
  const calibration = dtype.startsWith('q') ? expected : 0
  const papers = [...CALIBRATION_PAPERS, ...(errorFeedback ? MORE_CALIBRATION_PAPERS : [])]
  let calibrated = 0
  return convertModel({
    ...options,
    base,
    adapters,
    dtypes: [dtype],
    calibration: { texts: { papers, queries: CALIBRATION_QUERIES }, errorFeedback },
    sink,
    runtime: createGraphRuntime({ runtime, threads: chooseThreads() }),
    onProgress: ({ step, bytes, texts }) => {
      if (texts) calibrated = calibration * (texts.done / texts.total)
      const done = Math.round(calibrated + Math.min(bytes, expected))
      onProgress({ step, done, total: expected + calibration })
    },
    signal,
  })
}

/** WASM threads need a cross-origin isolated page. */
function chooseThreads(): number {
  return globalThis.crossOriginIsolated ? usefulCores(globalThis.navigator.hardwareConcurrency) : 1
}
