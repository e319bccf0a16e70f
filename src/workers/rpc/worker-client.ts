import { proxy, type Remote, releaseProxy, wrap } from 'comlink'
import { within } from '../../core/async/waiting.js'
import { type ErrorCode, type ErrorDetails, Specter2Error } from '../../core/errors.js'
import { VERSION } from '../../core/version.js'
import { withLock } from '../../storage/web-locks.js'
import type { Endpoint, ReportOf, RequestOf, ResultOf } from './protocol.js'
import { startWorker, type WorkerKind, type WorkerSource, workerFailed } from './start-worker.js'
import { fromWireError } from './wire-errors.js'

/** A worker that does not answer for this long does not run our script. */
const START_LIMIT_MS = 30_000

/** A worker as its client sees it. */
export interface ClientKind extends WorkerKind {
  /** Codes of errors after which the worker cannot be used any more. */
  fatal: readonly ErrorCode[]
}

export interface CallOptions<T> {
  /** Aborting rejects with the signal's reason at once, and aborts the signal of the worker's method. */
  signal?: AbortSignal | undefined
  /** Called with each report until the call has settled; the worker waits for the promise if it waits for the report. */
  onReport?: ((value: T) => void | Promise<void>) | undefined
}

/** A request may be left out if the method takes none. */
export type CallArguments<Method> =
  undefined extends RequestOf<Method>
    ? [request?: undefined, options?: CallOptions<ReportOf<Method>>]
    : [request: RequestOf<Method>, options?: CallOptions<ReportOf<Method>>]

/** One running worker of a {@link Service}. Every call to it settles, even if the worker crashes or is ended. */
export class WorkerClient<Protocol> {
  readonly #kind: ClientKind
  readonly #worker: Worker
  readonly #remote: Remote<Endpoint>
  readonly #ready: Promise<void>
  /** Rejects when the worker is gone; never resolves. */
  readonly #gone: Promise<never>
  readonly #ended = new AbortController()
  #failure: Error | null = null
  #calls = 0

  constructor(source: WorkerSource | undefined, kind: ClientKind) {
    this.#kind = kind
    this.#worker = startWorker(source, kind)
    this.#remote = wrap<Endpoint>(this.#worker)
    this.#gone = new Promise<never>((_, reject) => {
      this.#ended.signal.addEventListener('abort', () => reject(this.#ended.signal.reason))
    })
    this.#gone.catch(() => {})
    this.#worker.addEventListener('error', (event) => {
      this.#fail(event.message || 'its script did not load', { message: event.message ?? null })
    })
    this.#worker.addEventListener('messageerror', () => this.#fail('a message could not be read'))
    this.#ready = this.#start()
    this.#ready.catch(() => {})
  }

  /** Why this worker cannot be used any more; `null` while it lives. */
  get failure(): Error | null {
    return this.#failure
  }

  /**
   * Calls a method of the worker.
   *
   * @throws The signal's reason; a typed error of the worker; Specter2Error `WORKER_FAILED` if the worker dies.
   */
  async call<Name extends keyof Protocol & string>(
    method: Name,
    ...[request, { signal, onReport } = {}]: CallArguments<Protocol[Name]>
  ): Promise<ResultOf<Protocol[Name]>> {
    signal?.throwIfAborted()
    const id = ++this.#calls
    let isSettled = false
    const report = async (value: unknown) => {
      if (!isSettled) await onReport!(value as ReportOf<Protocol[Name]>)
    }
    const send = async () => {
      await this.#ready
      signal?.throwIfAborted()
      // The remote of a worker that has ended throws errors of its own.
      if (this.#failure) throw this.#failure
      return this.#remote.call(id, method, request, onReport ? proxy(report) : null)
    }
    let cancel = () => {}
    const cancelled = new Promise<never>((_, reject) => {
      cancel = () => {
        if (!this.#failure) void this.#remote.cancel(id)
        reject(signal?.reason)
      }
    })
    signal?.addEventListener('abort', cancel)
    try {
      // One race, so that whichever comes first decides: the end of the worker or an abort right after it.
      const settled = await Promise.race([send(), this.#gone, cancelled])
      if ('error' in settled) throw fromWireError(settled.error)
      return settled.value as ResultOf<Protocol[Name]>
    } catch (error) {
      if (error instanceof Specter2Error && this.#kind.fatal.includes(error.code)) this.end(error)
      throw error
    } finally {
      isSettled = true
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Ends the worker; pending calls reject with `reason`. Idempotent. */
  end(reason: Error): void {
    if (this.#failure) return
    this.#failure = reason
    this.#ended.abort(reason)
    this.#remote[releaseProxy]()
    this.#worker.terminate()
  }

  async #start(): Promise<void> {
    const onLimit = () => {
      throw this.#fail(`it did not start within ${START_LIMIT_MS / 1000} seconds`)
    }
    const starting = Promise.race([this.#remote.hello(), this.#gone])
    const { lock, version } = await within(starting, { limitMs: START_LIMIT_MS, onLimit })
    if (version !== VERSION) throw this.#otherVersion(version)
    // No event tells when a worker is killed, but the Web Lock that it holds is free then.
    if (lock === null) return
    const { signal } = this.#ended
    withLock(lock, async () => void this.#fail('it ended, perhaps for lack of memory'), signal).catch(() => {})
  }

  /** Vectors of another version may differ, and its calls. */
  #otherVersion(version: string): Specter2Error {
    const { name } = this.#kind
    const message = `The ${name} worker is of specter2-web ${version}, the page of ${VERSION}. Run \`npx specter2-web assets <dir>\` again, build the app, and reload the page.`
    const error = new Specter2Error('ASSETS_OUTDATED', message, {
      details: { file: `${name}.js`, actual: version, expected: VERSION },
    })
    this.end(error)
    return error
  }

  #fail(found: string, details: ErrorDetails = {}): Specter2Error {
    const error = workerFailed(this.#kind, found, details)
    this.end(error)
    return error
  }
}
