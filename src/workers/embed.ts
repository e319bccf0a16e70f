import { expose, transfer } from 'comlink'
import { ConversionService } from '../conversion/conversion-service.js'
import { EmbedService } from '../engine/embed-service.js'
import { idbStore } from '../model/idb-cache.js'
import { ModelCache } from '../model/model-cache.js'
import type { ConversionWorker, EmbedWorker } from '../protocol.js'

const store = idbStore()
const cache = new ModelCache(store)
const service = new EmbedService(cache)
const conversions = new ConversionService(store, cache)
const lifeLock = holdLock()

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

/** Resolves when the lock is held. It is free again when this worker ends, however it ends. */
function holdLock(): Promise<string | null> {
  const { locks } = globalThis.navigator
  if (!locks) return Promise.resolve(null)
  const name = `specter2-web:${crypto.randomUUID()}`
  return new Promise((resolve) => {
    const held = () => {
      resolve(name)
      return new Promise(() => {})
    }
    locks.request(name, held).catch(() => resolve(null))
  })
}
