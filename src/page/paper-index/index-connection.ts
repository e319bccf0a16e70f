import { within } from '../../core/async/waiting.js'
import { Specter2Error } from '../../core/errors.js'
import type { LibraryProtocol, LibraryState } from '../../workers/library/library-protocol.js'
import type { ResultOf } from '../../workers/rpc/protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { type CallArguments, type ClientKind, WorkerClient } from '../../workers/rpc/worker-client.js'

const LIBRARY: ClientKind = {
  name: 'library',
  // In the form that bundlers recognise.
  start: () => new Worker(new URL('../../workers/library.js', import.meta.url), { type: 'module', name: 'specter2-web library' }),
  instead: 'Open the index in a page.',
  // An index in memory exists only in its worker, so no failed call ends the worker.
  fatal: [],
}

/** What searches need of an index: here that of a worker, elsewhere that of a service. */
export type SearchConnection = Pick<IndexConnection, 'state' | 'setState' | 'call'>

/** A library worker with one open index, and the latest state that this tab knows. */
export class IndexConnection {
  readonly #name: string
  readonly #source: WorkerSource | undefined
  readonly #onChange: () => void
  #worker: { client: WorkerClient<LibraryProtocol>; opened: Promise<void> } | null = null
  #state: LibraryState | null = null
  #closed = false

  /** @param onChange Called after every change of the index, also by other tabs. */
  constructor(name: string, source: WorkerSource | undefined, onChange: () => void) {
    this.#name = name
    this.#source = source
    this.#onChange = onChange
  }

  /** The latest known state; `null` until the index has been opened for the first time. */
  get state(): LibraryState | null {
    return this.#state
  }

  /**
   * Calls a method of the worker, after opening the index if necessary.
   *
   * @throws As WorkerClient.call; Specter2Error `DISPOSED` after close(); `STORAGE_FAILED` if the worker died with an index that
   *   was in memory only; what opening throws.
   */
  async call<Name extends keyof LibraryProtocol>(
    method: Name,
    ...rest: CallArguments<LibraryProtocol[Name]>
  ): Promise<ResultOf<LibraryProtocol[Name]>> {
    const client = await within(this.#client(), { signal: rest[1]?.signal })
    return client.call(method, ...rest)
  }

  /** Brings `state` up to date. */
  async refresh(signal?: AbortSignal): Promise<void> {
    this.setState(await this.call('state', undefined, { signal }))
  }

  /** Sets a state that a call returned. */
  setState(state: LibraryState): void {
    // Reports and answers arrive by different channels, so an older state may arrive later.
    if (!this.#state || state.sequence >= this.#state.sequence) this.#state = state
  }

  /** Terminates the worker; pending calls reject with `DISPOSED`. Idempotent. */
  close(): void {
    this.#closed = true
    this.#worker?.client.end(closedError())
  }

  /** The worker with the open index; a new one if the old one died, unless the index was lost with it. */
  async #client(): Promise<WorkerClient<LibraryProtocol>> {
    if (this.#closed) throw closedError()
    const died = this.#worker?.client.failure
    if (died && this.#state && !this.#state.storage.persistent) {
      const message = `The index "${this.#name}" was in memory only, and its worker has died. Open it again.`
      throw new Specter2Error('STORAGE_FAILED', message, { details: { reason: 'Lost' }, cause: died })
    }
    if (!this.#worker || died) this.#worker = this.#open()
    await this.#worker.opened
    return this.#worker.client
  }

  #open(): { client: WorkerClient<LibraryProtocol>; opened: Promise<void> } {
    const client = new WorkerClient<LibraryProtocol>(this.#source, LIBRARY)
    const onReport = (state: LibraryState) => {
      this.setState(state)
      this.#onChange()
    }
    // Rejects when the worker ends.
    client.call('watch', undefined, { onReport }).catch(() => {})
    const opened = client.call('open', this.#name).then(
      (state) => this.setState(state),
      (error) => {
        // The next call starts a new worker.
        client.end(error)
        throw error
      },
    )
    return { client, opened }
  }
}

function closedError(): Specter2Error {
  return new Specter2Error('DISPOSED', 'This index is closed. Open it again with PaperIndex.open().')
}
