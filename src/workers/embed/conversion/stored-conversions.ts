import { PUBLISHED_MODELS, type PublishedModelName } from '../../../model/hub/published-models.js'
import type { ModelCache } from '../../../model/model-cache.js'
import type { HubAccess, WeightsRequest } from '../embed-protocol.js'
import { convertedPrefix, FILES, isCurrent } from './converted-key.js'

export const DEFAULT_REVISION = 'main'

/** A model on a hub. */
export interface HubRequest {
  name: string
  hub: HubAccess
}

/** The models that earlier conversions stored. */
export class StoredConversions {
  readonly #cache: ModelCache

  constructor(cache: ModelCache) {
    this.#cache = cache
  }

  /**
   * The key of a published model that was converted before: from the hub at this revision; or, if no revision is asked for, from
   * given files whose base was in a folder with its repository's name, with all of its adapters.
   */
  async findByName({ name, hub }: HubRequest, weights: WeightsRequest): Promise<string | null> {
    const fromHub = convertedPrefix({ name, revision: hub.revision ?? DEFAULT_REVISION }, weights)
    const { base, adapters } = PUBLISHED_MODELS[name as PublishedModelName] ?? { base: '', adapters: {} }
    const folder = base.slice(base.lastIndexOf('/') + 1)
    const fromFiles = hub.revision === undefined ? convertedPrefix({ name: folder, revision: FILES }, weights) : null
    try {
      const models = (await this.#cache.list()).filter(({ url }) => isCurrent(url)).sort((a, b) => b.savedAt - a.savedAt)
      for (const { url } of models) if (url.startsWith(fromHub) && (await this.has(url))) return url
      for (const { url } of models) {
        if (fromFiles === null || !url.startsWith(fromFiles)) continue
        const manifest = await this.#cache.usableManifest(url)
        if (manifest && Object.keys(adapters).every((adapter) => Object.hasOwn(manifest.adapters, adapter))) return url
      }
    } catch {
      // Without storage, no model is stored.
    }
    return null
  }

  /** `key` if its model is stored completely; `null` if not, or if storage fails. */
  async has(key: string): Promise<string | null> {
    const manifest = await this.#cache.usableManifest(key).catch(() => null)
    return manifest && key
  }
}
