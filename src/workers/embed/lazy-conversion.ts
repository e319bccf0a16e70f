import type { ModelCache } from '../../model/model-cache.js'
import type { KeyValueStore } from '../../storage/key-value-store.js'
import type { Service } from '../rpc/protocol.js'
import { StoredConversions } from './conversion/stored-conversions.js'
import type * as conversion from './conversion.js'
import type { ConversionProtocol } from './embed-protocol.js'
import { loadScript } from './load-runtime.js'

const loadConversion = (runtime: string) => loadScript<typeof conversion>(runtime, 'convert.js', 'wasm')

/**
 * The embed worker's methods that convert published files into a model folder. Their code is fetched when it is needed: not for a
 * model folder that an app serves, nor for a published model that was converted before.
 *
 * @param cache The models in `store`.
 */
export function lazyConversion(store: KeyValueStore, cache: ModelCache, load = loadConversion): Service<ConversionProtocol> {
  const stored = new StoredConversions(cache)
  let service: ReturnType<typeof conversion.conversionService> | null = null
  return {
    async findConverted({ model, runtime, ...weights }, { signal }) {
      if ('name' in model) return model.hub.update ? null : stored.findByName(model, weights)
      const { keyOfFiles } = await load(runtime)
      return stored.has(await keyOfFiles(model.files, weights, signal))
    },
    async convert(request, context) {
      const { conversionService } = await load(request.runtime)
      service ??= conversionService(store, cache)
      return service.convert(request, context)
    },
    conversionsEnded: (request, context) => service?.conversionsEnded(request, context),
  }
}
