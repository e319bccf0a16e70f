import type { FilesProgress } from '../../workers/embed/embed-protocol.js'
import { notify } from '../notify.js'
import type { Demotion, EmbedderOptions, LoadProgress } from './embedder-options.js'

/** A stage's progress over all of its files. Default stage: `download` until every byte is here, then `start`. */
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

/** Passes the loading of one worker on to the caller's `onProgress`. */
export class LoadListener {
  readonly #onProgress: EmbedderOptions['onProgress']
  readonly #demotion: Demotion | null
  #latest: LoadProgress | null = null
  #isConverted = false

  /** @param demotion Why another device is made ready, if it is. */
  constructor(onProgress: EmbedderOptions['onProgress'], demotion: Demotion | null) {
    this.#onProgress = onProgress
    this.#demotion = demotion
  }

  /** The files that follow are those of a folder that has just been made: nothing is downloaded any more. */
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
