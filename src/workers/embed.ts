import { ModelCache } from '../model/model-cache.js'
import { idbStore } from '../storage/key-value-store.js'
import type { ConversionProtocol, EmbedProtocol } from './embed/embed-protocol.js'
import { embedService } from './embed/embed-service.js'
import { isEncoderHelper, runEncoderHelper } from './embed/encoder-helper.js'
import { lazyConversion } from './embed/lazy-conversion.js'
import { serve } from './rpc/serve.js'

if (isEncoderHelper()) runEncoderHelper()
else {
  const store = idbStore()
  const cache = new ModelCache(store)
  serve<EmbedProtocol & ConversionProtocol>({ ...embedService({ cache }), ...lazyConversion(store, cache) })
}
