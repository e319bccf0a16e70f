import { Specter2Error } from '../../core/errors.js'
import type { StartThreads } from '../../core/kernels/scan-threads.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { DATABASE_PREFIX } from '../../storage/index-databases.js'
import type { Settled } from '../rpc/rpc-protocol.js'
import { WorkerCalls } from '../rpc/worker-calls.js'
import { exportIndex } from './export-index.js'
import { importIndex } from './import-index.js'
import type {
  CountProgress,
  ExportFormat,
  ImportResult,
  ImportSource,
  LibraryHit,
  LibraryState,
  LibraryWorker,
  PendingPaper,
  PutResult,
  RecordsPart,
  RecordsState,
  SearchRequest,
} from './library-protocol.js'
import { openStore } from './open-store.js'
import { StoredIndex } from './stored-index.js'

/** What the library worker does: one index, and its changes by other tabs. */
export class LibraryService implements Omit<LibraryWorker, 'lifeLock'> {
  readonly #startThreads: StartThreads | undefined
  readonly #calls = new WorkerCalls()
  #index: StoredIndex | null = null

  /** @param startThreads For searches on several threads. */
  constructor(startThreads?: StartThreads) {
    this.#startThreads = startThreads
  }

  open(call: number, name: string, onChange: (state: LibraryState) => void): Promise<Settled<LibraryState>> {
    return this.#calls.run(call, async () => {
      const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(DATABASE_PREFIX + name)
      const store = await openStore(name, () => channel?.close())
      const lock = store.storage.persistent ? DATABASE_PREFIX + name : null
      const index = await StoredIndex.open(store, {
        lock,
        startThreads: this.#startThreads,
        onChange(state, isOwn) {
          if (isOwn && lock !== null) channel?.postMessage(null)
          onChange(state)
        },
      })
      if (channel) {
        // What fails now fails again, and is told, when the index is used.
        channel.onmessage = () => void index.changedElsewhere().catch(() => {})
      }
      this.#index = index
      const state = await index.state()
      // What fails now fails again, and is told, when it is needed.
      index.readAhead().catch(() => {})
      return state
    })
  }

  state(call: number): Promise<Settled<LibraryState>> {
    return this.#calls.run(call, () => this.#opened().state())
  }

  put(call: number, papers: readonly PaperRecord[]): Promise<Settled<PutResult>> {
    return this.#calls.run(call, () => this.#opened().put(papers))
  }

  remove(call: number, ids: readonly string[]): Promise<Settled<number>> {
    return this.#calls.run(call, () => this.#opened().remove(ids))
  }

  pending(call: number, model: ModelStamp, limit: number): Promise<Settled<{ papers: PendingPaper[]; total: number }>> {
    return this.#calls.run(call, () => this.#opened().pending(model, limit))
  }

  putVectors(
    call: number,
    model: ModelStamp,
    rows: readonly number[],
    vectors: Float32Array<ArrayBuffer>,
  ): Promise<Settled<LibraryState>> {
    return this.#calls.run(call, () => this.#opened().putVectors(model, rows, vectors))
  }

  adopt(call: number, model: ModelStamp): Promise<Settled<LibraryState>> {
    return this.#calls.run(call, () => this.#opened().adopt(model))
  }

  search(call: number, request: SearchRequest): Promise<Settled<LibraryHit[]>> {
    return this.#calls.run(call, (signal) => this.#opened().search(request, signal))
  }

  get(call: number, ids: readonly string[]): Promise<Settled<(PaperRecord | null)[]>> {
    return this.#calls.run(call, () => this.#opened().get(ids))
  }

  vectors(call: number, ids: readonly string[]): Promise<Settled<(Float32Array<ArrayBuffer> | null)[]>> {
    return this.#calls.run(call, () => this.#opened().vectors(ids))
  }

  records(call: number, fromRow: number, onPart: (part: RecordsPart) => void | Promise<void>): Promise<Settled<RecordsState>> {
    return this.#calls.run(call, () => this.#opened().records(fromRow, onPart))
  }

  export(call: number, format: ExportFormat, onProgress: CountProgress): Promise<Settled<Blob>> {
    return this.#calls.run(call, (signal) => exportIndex(this.#opened(), format, onProgress, signal))
  }

  import(call: number, source: ImportSource, once: boolean, onProgress: CountProgress): Promise<Settled<ImportResult>> {
    return this.#calls.run(call, (signal) => importIndex(this.#opened(), source, once, onProgress, signal))
  }

  cancel(call: number): void {
    this.#calls.cancel(call)
  }

  #opened(): StoredIndex {
    if (!this.#index) throw new Specter2Error('WORKER_FAILED', 'The worker has no index yet.', { retryable: true })
    return this.#index
  }
}
