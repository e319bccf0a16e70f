import { ModelCache } from '../model/model-cache.js'
import { idbStore } from '../storage/key-value-store.js'
import { conversionService } from './embed/conversion/conversion-service.js'
import type { ConversionProtocol, EmbedProtocol } from './embed/embed-protocol.js'
import { embedService } from './embed/embed-service.js'
import { isEncoderHelper, runEncoderHelper } from './embed/encoder-helper.js'
import { serve } from './rpc/serve.js'

if (isEncoderHelper()) runEncoderHelper()
else {
  const store = idbStore()
  const cache = new ModelCache(store)
  serve<EmbedProtocol & ConversionProtocol>({ ...embedService({ cache }), ...conversionService(store, cache) })
}
