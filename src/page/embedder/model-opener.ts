import type { Device, Dtype } from '../../core/types.js'
import { convertInWorker } from './convert-in-worker.js'
import type { EmbedClient } from './embed-worker.js'
import type { EmbedderOptions, LoadProgress, ModelOption } from './embedder-options.js'
import type { OpenedFolder } from './worker-pool.js'

export interface ModelOpenerOptions extends Pick<EmbedderOptions, 'device' | 'dtype' | 'errorFeedback' | 'worker'> {
  model: ModelOption
  /** Absolute URL of the runtime's own files, with a closing slash. */
  runtime: string
  onProgress: (progress: LoadProgress) => void
}

/** Finds the folder that workers load. Published files are converted first, unless an earlier visit converted them. */
export class ModelOpener {
  readonly #options: ModelOpenerOptions
  /** A converted model that could not be stored: its files live as long as this object. */
  #unstored: OpenedFolder | null = null

  constructor(options: ModelOpenerOptions) {
    this.#options = options
  }

  /** @param client The worker that will load the model. */
  async open(client: EmbedClient, signal: AbortSignal | undefined): Promise<OpenedFolder> {
    const { model, device = 'auto', dtype = 'auto', errorFeedback = false, worker, runtime, onProgress } = this.#options
    if ('folder' in model) return { model: model.folder, isNew: false }
    if (this.#unstored) return this.#unstored
    const request = { model: model.published, dtype: convertedDtype(dtype, device), errorFeedback, runtime }
    const converted = await convertInWorker(request, { client, worker, onProgress, signal })
    const { reason, bytesDownloaded, isNew } = converted
    if (!isNew) return { model: converted.model, isNew }
    const folder: OpenedFolder = {
      model: converted.model,
      isNew,
      from: 'files' in model.published ? 'files' : 'network',
      bytesDownloaded,
    }
    if (reason === null) return folder
    this.#unstored = { ...folder, storage: { cached: false, reason } }
    return this.#unstored
  }
}

/** WebGPU does not run int8. */
function convertedDtype(dtype: 'auto' | Dtype, device: 'auto' | Device): Dtype {
  if (dtype !== 'auto') return dtype
  return device === 'webgpu' ? 'fp32' : 'q8'
}
