import { expose, transfer } from 'comlink'
import { ConversionService } from '../conversion/conversion-service.js'
import { EmbedService } from '../engine/embed-service.js'
import { idbStore } from '../model/idb-cache.js'
import { ModelCache } from '../model/model-cache.js'
import type { ConversionWorker, EmbedWorker } from '../protocol.js'
import { holdLifeLock } from './life-lock.js'

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
