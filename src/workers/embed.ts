import { expose, transfer } from 'comlink'
import { EmbedService } from '../engine/embed-service.js'
import { idbStore } from '../model/idb-cache.js'
import { ModelCache } from '../model/model-cache.js'
import type { EmbedWorker } from '../protocol.js'

const service = new EmbedService(new ModelCache(idbStore()))
const lifeLock = holdLock()

const worker: EmbedWorker = {
  lifeLock: () => lifeLock,
  load: (call, options, onProgress) => service.load(call, options, onProgress),
  embed: (call, inputs, adapter, onPart) =>
    service.embed(call, inputs, adapter, (part) => onPart(transfer(part, [part.vectors.buffer]))),
  preload: (call, adapters, onProgress) => service.preload(call, adapters, onProgress),
  addAdapter: (call, address, name) => service.addAdapter(call, address, name),
  cancel: (call) => service.cancel(call),
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
