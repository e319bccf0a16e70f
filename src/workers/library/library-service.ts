import { Specter2Error } from '../../core/errors.js'
import type { StartThreads } from '../../core/kernels/scan-threads.js'
import { DATABASE_PREFIX } from '../../storage/index-databases.js'
import type { Report, Service } from '../rpc/protocol.js'
import { exportIndex } from './export-index.js'
import { rowsOfGiven } from './given-vectors.js'
import { importIndex } from './import-index.js'
import type { LibraryProtocol, LibraryState } from './library-protocol.js'
import { openStore } from './open-store.js'
import { StoredIndex } from './stored-index.js'

/**
 * The library worker's methods. A worker has one index open.
 *
 * @param startThreads Starts threads for searches. Default: none.
 */
export function libraryService(startThreads?: StartThreads): Service<LibraryProtocol> {
  const watchers = new Set<Report<LibraryState>>()
  let opened: StoredIndex | null = null

  const current = () => {
    if (!opened) throw new Specter2Error('WORKER_FAILED', 'The worker has not opened an index yet.', { retryable: true })
    return opened
  }

  async function open(name: string): Promise<LibraryState> {
    const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(DATABASE_PREFIX + name)
    const store = await openStore(name, () => channel?.close())
    const lock = store.storage.persistent ? DATABASE_PREFIX + name : null
    const index = await StoredIndex.open(store, {
      lock,
      startThreads,
      onChange(state, isOwn) {
        if (isOwn && lock !== null) channel?.postMessage(null)
        for (const report of watchers) report(state).catch(() => {})
      },
    })
    // An error here occurs again when the index is used.
    if (channel) channel.onmessage = () => void index.changedElsewhere().catch(() => {})
    opened = index
    const state = await index.state()
    index.readAhead().catch(() => {})
    return state
  }

  return {
    open,
    watch: (_, { signal, report }) => {
      watchers.add(report)
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          watchers.delete(report)
          reject(signal.reason)
        })
      })
    },
    state: () => current().state(),
    put: ({ papers, given }) => current().put(papers, given && rowsOfGiven(given), given ? 'given' : undefined),
    remove: (ids) => current().remove(ids),
    pending: ({ model, limit }) => current().pending(model, limit),
    putVectors: ({ model, rows, vectors, computedBy }) => current().putVectors(model, rows, vectors, computedBy),
    adopt: (model) => current().adopt(model),
    accept: (key) => current().accept(key),
    search: (request, { signal }) => current().search(request, signal),
    get: (ids) => current().get(ids),
    vectors: ({ ids, model }, { signal }) => current().vectors(ids, model, signal),
    records: (fromRow, { report }) => current().records(fromRow, report),
    data: (prefix) => current().data(prefix),
    setData: (values) => current().setData(values),
    export: (format, { signal, report }) => exportIndex(current(), format, report, signal),
    import: ({ source, once }, { signal, report }) => importIndex(current(), source, once, report, signal),
  }
}
