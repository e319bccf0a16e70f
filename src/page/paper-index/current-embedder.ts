import { within } from '../../core/async/waiting.js'
import { Specter2Error } from '../../core/errors.js'
import { type ModelStamp, RUNTIME_VERSION } from '../../core/model-folder/model-stamp.js'
import type { LikenessScale } from '../../core/search/likeness.js'
import type { Embedder } from '../embedder/embedder.js'
import { measureLikeness } from '../embedder/measure-likeness.js'

/** Identifies the model of an embedder's vectors of papers. */
export function modelStamp({ info }: Pick<Embedder, 'info'>): ModelStamp {
  const { model, dtype, defaultAdapter, dimension, metric } = info
  const { id, revision } = model
  return { id, revision, dtype, adapter: defaultAdapter, dimension, metric, runtime: RUNTIME_VERSION }
}

/** The embedder that an index uses, which may still be loading. */
export class CurrentEmbedder {
  readonly #onChange: () => void
  #embedder: Embedder | null = null
  #loading: Promise<Embedder> | null = null
  #measured: LikenessScale | null = null
  #isMeasuring = false

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  use(embedder: Embedder | Promise<Embedder> | null): void {
    const loading = embedder && Promise.resolve(embedder)
    this.#embedder = embedder instanceof Promise ? null : embedder
    this.#measured = null
    this.#isMeasuring = false
    this.#loading = loading
    if (!loading) this.#onChange()
    loading?.then(
      (loaded) => {
        if (this.#loading !== loading) return
        this.#embedder = loaded
        this.#onChange()
      },
      // Calls that need the embedder throw this error.
      () => {},
    )
  }

  /** Whether there is an embedder, loaded or not. */
  get exists(): boolean {
    return this.#loading !== null
  }

  /** The embedder's model; `null` without one, or while it loads. */
  get stamp(): ModelStamp | null {
    return this.#embedder && modelStamp(this.#embedder)
  }

  /** What makes likeness of the model's distances; `null` while it is being measured, which the first call starts if need be. */
  get likeness(): LikenessScale | null {
    const embedder = this.#embedder
    const known = embedder?.info.likeness ?? this.#measured
    if (!embedder || known || this.#isMeasuring) return known ?? null
    this.#isMeasuring = true
    measureLikeness(embedder).then(
      (scale) => {
        if (this.#embedder !== embedder) return
        this.#measured = scale
        this.#onChange()
      },
      // Searches go on without likeness; embedding reports this error.
      () => {},
    )
    return null
  }

  /** @throws The signal's reason; Specter2Error `UNSUPPORTED` if there is none; what loading it throws. */
  async loaded(signal: AbortSignal | undefined): Promise<Embedder> {
    if (!this.#loading) {
      const message = 'This index has no embedder. Give one to PaperIndex.open() or useEmbedder() to embed papers and queries.'
      throw new Specter2Error('UNSUPPORTED', message)
    }
    return within(this.#loading, { signal })
  }
}
