import { type CachedModel, listCachedModels } from '../../src/index.js'
import type { ModelChoice } from './model-choice.js'

/** A model that can be chosen. */
export interface ModelOffer {
  model: string
  name: string
  license: string
  /** Bytes that the first use downloads, without the runtime that WebGPU and some models need; `null` if unknown. */
  bytes: number | null
  cached: boolean
  /** Adapters for papers, the model's default first. */
  adapters: readonly string[]
}

/** An entry of `models/index.json`, which the build writes. */
interface ServedModel {
  path: string
  id: string
  license: string
  bytes: number
  adapters: readonly string[]
  defaultAdapter: string
}

/** Models served with this page, and those converted in this browser. */
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

/** Whether a choice runs without a large download. */
export async function isChoiceCached({ model }: ModelChoice): Promise<boolean> {
  const cached = await listCachedModels().catch(() => [])
  return isCached(model === 'minilm' ? 'models/minilm' : model, cached)
}

/** The name without its publisher: `specter2` of `allenai/specter2_base`. */
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
