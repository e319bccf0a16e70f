import { expose, transfer } from 'comlink'
import { ModelCache } from '../model/model-cache.js'
import { idbStore } from '../storage/key-value-store.js'
import { ConversionService } from './embed/conversion/conversion-service.js'
import type { ConversionWorker, EmbedWorker } from './embed/embed-protocol.js'
import { EmbedService } from './embed/embed-service.js'
import { holdLifeLock } from './rpc/life-lock.js'

const store = idbStore()
const cache = new ModelCache(store)
const service = new EmbedService(cache)
const conversions = new ConversionService(store, cache)
const lifeLock = holdLifeLock()

const worker: EmbedWorker & ConversionWorker = {
  lifeLock: () => lifeLock,
  load: (call, options, onProgress) => service.load(call, options, onProgress),
  embed: (call, inputs, adapter, onPart) =>
    service.embed(call, inputs, adapter, (part) => onPart(transfer(part, [part.vectors.buffer]))),
  preload: (call, adapters, onProgress) => service.preload(call, adapters, onProgress),
  addAdapter: (call, address, name) => service.addAdapter(call, address, name),
  findConverted: (call, request) => conversions.findConverted(call, request),
  convert: (call, request, onProgress) => conversions.convert(call, request, onProgress),
  conversionsEnded: () => conversions.conversionsEnded(),
  cancel: (call) => {
    service.cancel(call)
    conversions.cancel(call)
  },
}
expose(worker)
