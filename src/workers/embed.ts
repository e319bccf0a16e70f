import { expose, transfer } from 'comlink'
import { EmbedService } from '../engine/embed-service.js'
import { idbStore } from '../model/idb-cache.js'
import { ModelCache } from '../model/model-cache.js'
import type { EmbedWorker, WorkerReady } from '../protocol.js'

const service = new EmbedService(new ModelCache(idbStore()))

const worker: EmbedWorker = {
  load: (call, options, onProgress) => service.load(call, options, onProgress),
  embed: (call, inputs, adapter, onPart) =>
    service.embed(call, inputs, adapter, (part) => onPart(transfer(part, [part.vectors.buffer]))),
  preload: (call, adapters, onProgress) => service.preload(call, adapters, onProgress),
  addAdapter: (call, address, name) => service.addAdapter(call, address, name),
  cancel: (call) => service.cancel(call),
}
expose(worker)

/** The lock is free again when this worker ends, however it ends: so the page sees it die. */
async function announce(): Promise<void> {
  const lock = globalThis.navigator.locks ? `specter2-web:${crypto.randomUUID()}` : null
  const ready: WorkerReady = { type: 'specter2-web:ready', lock }
  if (lock === null) return postMessage(ready)
  await navigator.locks.request(lock, () => {
    postMessage(ready)
    return new Promise(() => {})
  })
}
void announce()
