import { BASE_WEIGHTS, weightFiles } from '../../../core/checkpoint/base-weights.js'
import { ADAPTER_WEIGHTS } from '../../../core/checkpoint/published-folder.js'
import { Specter2Error } from '../../../core/errors.js'
import { sha256Hex } from '../../../core/sha256.js'
import type { FileProgress } from '../../../core/types.js'
import { deleteDownloadsOf } from '../../../model/downloads.js'
import type { HubFolder } from '../../../model/hub/hub-folder.js'
import { type OpenedModel, openPublishedModel } from '../../../model/hub/open-published.js'
import { isPublishedModel } from '../../../model/hub/published-models.js'
import type { KeyValueStore } from '../../../storage/key-value-store.js'
import type { HubAccess } from '../embed-protocol.js'
import { BrowserDownloads } from './browser-downloads.js'
import type { PublishedInput } from './convert-published.js'

export interface HubModelOptions {
  store: KeyValueStore
  onProgress: (files: readonly FileProgress[]) => void
  signal: AbortSignal
}

/** Files that a conversion needs besides the weights. */
const BASE_FILES = ['config.json', 'tokenizer_config.json', 'tokenizer.json', 'vocab.txt']

/** A published model on a hub, with each repository at a fixed commit. */
export class HubModel implements PublishedInput {
  readonly #model: OpenedModel
  readonly #store: KeyValueStore
  readonly #progress: Map<string, FileProgress>

  private constructor(model: OpenedModel, store: KeyValueStore, progress: Map<string, FileProgress>) {
    this.#model = model
    this.#store = store
    this.#progress = progress
  }

  /**
   * Asks the hub for the repositories' commits and lists of files; downloads no files.
   *
   * @throws as `openPublishedModel`.
   */
  static async open(
    name: string,
    { endpoint, token, revision }: HubAccess,
    { store, onProgress, signal }: HubModelOptions,
  ): Promise<HubModel> {
    if (!isPublishedModel(name)) {
      const message = `This worker does not know the published model ${name}. Serve the worker of the same version as the page's script.`
      throw new Specter2Error('MODEL_NOT_FOUND', message, { details: { model: name } })
    }
    const progress = new Map<string, FileProgress>()
    const resumed = new Map<string, number>()
    const model = await openPublishedModel(name, {
      endpoint,
      token,
      revision,
      store: new BrowserDownloads(store),
      signal,
      onProgress: ({ file, loaded, total }) => {
        // An earlier visit stored the bytes of the first report.
        if (!resumed.has(file)) resumed.set(file, loaded)
        progress.set(file, { path: file, loaded, fromCache: Math.min(resumed.get(file)!, loaded), total })
        onProgress([...progress.values()])
      },
    })
    return new HubModel(model, store, progress)
  }

  get base(): PublishedInput['base'] {
    return this.#model.base
  }

  get adapters(): PublishedInput['adapters'] {
    return this.#model.adapters
  }

  get options(): PublishedInput['options'] {
    return this.#model.options
  }

  /** Digest of the repositories' commits. */
  digest(): Promise<string> {
    const { base, adapters } = this.#model
    const names = [base.name, ...[...adapters].map(([name, folder]) => [name, folder.name])]
    return sha256Hex(new TextEncoder().encode(JSON.stringify(names)))
  }

  /** Bytes downloaded by this visit. */
  get bytesDownloaded(): number {
    return [...this.#progress.values()].reduce((sum, { loaded, fromCache }) => sum + loaded - fromCache, 0)
  }

  /** Downloads the files that a conversion reads; reports all sizes before the first byte of the weights. */
  async download(): Promise<void> {
    const { base, adapters } = this.#model
    const weights = await Promise.all(firstOf(base, BASE_WEIGHTS).map((file) => weightFiles(base, file)))
    const wanted = [
      ...[...BASE_FILES, ...weights.flat()].map((path) => ({ folder: base, path })),
      ...[...adapters.values()].flatMap((folder) =>
        ['adapter_config.json', ...firstOf(folder, ADAPTER_WEIGHTS)].map((path) => ({ folder, path })),
      ),
    ].filter(({ folder, path }) => folder.has(path))
    for (const { folder, path } of wanted) {
      const file = `${folder.repo}/${path}`
      // The index of shards is here already.
      if (!this.#progress.has(file))
        this.#progress.set(file, { path: file, loaded: 0, fromCache: 0, total: folder.byteLength(path)! })
    }
    for (const { folder, path } of wanted) {
      await folder.open(path)
      const file = this.#progress.get(`${folder.repo}/${path}`)!
      // The file was already stored.
      if (file.loaded === 0) Object.assign(file, { loaded: file.total, fromCache: file.total })
    }
  }

  /** Deletes the downloads of all revisions. */
  async release(): Promise<void> {
    const { base, adapters } = this.#model
    try {
      for (const { repo } of [base, ...adapters.values()]) await deleteDownloadsOf(this.#store, repo)
    } catch {
      // The user can still delete it: listCachedModels() lists it.
    }
  }
}

function firstOf(folder: HubFolder, paths: readonly string[]): string[] {
  return paths.filter((path) => folder.has(path)).slice(0, 1)
}
