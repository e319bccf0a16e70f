import { type CachedModel, listCachedModels } from '../../src/index.js'
import type { ModelChoice } from './model-choice.js'

/** A model that can be chosen. */
export interface ModelOffer {
  model: string
  name: string
  license: string
  /** Bytes that are fetched the first time, without the runtime; `null` where nobody knows. */
  bytes: number | null
  cached: boolean
  /** Names for papers' adapter, the model's own first. */
  adapters: readonly string[]
}

/** What the build writes of each served folder: `models/index.json`. */
interface ServedModel {
  path: string
  id: string
  license: string
  bytes: number
  adapters: readonly string[]
  defaultAdapter: string
}

/** The WASM runtime, fetched once besides any model. */
export const RUNTIME_BYTES = 14_100_000

/** Models that are served with this page, and those that were converted here. */
export async function modelOffers(): Promise<ModelOffer[]> {
  const [served, cached] = await Promise.all([servedModels(), listCachedModels().catch(() => [])])
  const offers = served.map(
    ({ path, id, license, bytes, adapters, defaultAdapter }): ModelOffer => ({
      model: path === 'models/minilm' ? 'minilm' : path,
      name: shortName(id),
      license,
      bytes,
      cached: isCached(path, cached),
      adapters: [defaultAdapter, ...adapters.filter((name) => name !== defaultAdapter)],
    }),
  )
  const converted = cached
    .filter(({ url }) => url.startsWith('converted:'))
    .map(
      ({ url, id, bytes }): ModelOffer => ({
        model: url,
        name: shortName(id),
        license: 'as published',
        bytes,
        cached: true,
        adapters: [],
      }),
    )
  return [...offers, ...converted]
}

/** Whether a choice runs without fetching anything large. */
export async function isChoiceCached({ model }: ModelChoice): Promise<boolean> {
  const cached = await listCachedModels().catch(() => [])
  return isCached(model === 'minilm' ? 'models/minilm' : model, cached)
}

export function shortName(id: string): string {
  return id
    .split('/')
    .at(-1)!
    .replace(/_base$/, '')
}

function isCached(model: string, cached: readonly CachedModel[]): boolean {
  const plain = (url: string) => url.replace(/\/?(manifest\.json)?(\?.*)?$/, '')
  const url = model.startsWith('converted:') ? model : plain(new URL(model, document.baseURI).href)
  return cached.some((entry) => plain(entry.url) === url && entry.complete.some((path) => path.startsWith('onnx/')))
}

async function servedModels(): Promise<ServedModel[]> {
  try {
    const response = await fetch('models/index.json')
    return response.ok ? ((await response.json()) as ServedModel[]) : []
  } catch {
    return []
  }
}
