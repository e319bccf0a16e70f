import type { FilesProgress } from '../../workers/embed/embed-protocol.js'
import { notify } from '../notify.js'
import type { Demotion, EmbedderOptions, LoadProgress } from './embedder-options.js'

/** A stage's progress over all of its files. Default stage: `download` until every byte is loaded, then `start`. */
export function loadProgress(files: FilesProgress, stage?: LoadProgress['stage']): LoadProgress {
  const sum = (field: 'loaded' | 'total' | 'fromCache') => files.reduce((total, file) => total + file[field], 0)
  const [loaded, total] = [sum('loaded'), sum('total')]
  return {
    stage: stage ?? (total > 0 && loaded === total ? 'start' : 'download'),
    loaded,
    total,
    fromCache: sum('fromCache'),
    files: files.map(({ path, loaded, total }) => ({ path, loaded, total })),
  }
}

/** Passes one worker's loading progress on to the caller's `onProgress`. */
export class LoadListener {
  readonly #onProgress: EmbedderOptions['onProgress']
  readonly #demotion: Demotion | null
  #latest: LoadProgress | null = null
  #isConverted = false

  /** @param demotion Why another device is being prepared; `null` for the first one. */
  constructor(onProgress: EmbedderOptions['onProgress'], demotion: Demotion | null) {
    this.#onProgress = onProgress
    this.#demotion = demotion
  }

  /** Called after a conversion: the files that follow are not downloaded. */
  converted(): void {
    this.#isConverted = true
  }

  readonly files = (files: FilesProgress): void => {
    this.#latest = {
      ...loadProgress(files, this.#isConverted ? 'start' : undefined),
      ...(this.#demotion && { demoted: this.#demotion }),
    }
    notify(this.#onProgress, this.#latest)
  }

  ready(): void {
    if (this.#latest) notify(this.#onProgress, { ...this.#latest, stage: 'ready' })
  }
}
