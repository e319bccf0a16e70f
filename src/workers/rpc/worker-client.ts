import { type Remote, releaseProxy, wrap } from 'comlink'
import { within } from '../../core/async/waiting.js'
import { type ErrorCode, Specter2Error } from '../../core/errors.js'
import type { ConversionWorker, EmbedWorker } from '../embed/embed-protocol.js'
import type { CallableWorker, Settled } from './rpc-protocol.js'
import { unwrap } from './wire-errors.js'

/** The caller's own worker, made by the caller or from its URL. */
export type WorkerSource = Worker | string | URL | (() => Worker)

/** A worker that is silent for so long runs no script of ours. */
const START_LIMIT_MS = 30_000

/** Which of the package's workers it is. */
export interface WorkerKind {
  /** As messages name it. */
  name: string
  /** Makes the package's own. */
  start: () => Worker
  /** Codes of errors after which the worker can be used no more. */
  fatal: readonly ErrorCode[]
}

const EMBED: WorkerKind = {
  name: 'embed',
  // Written so that bundlers see it.
  start: () => new Worker(new URL('../embed.js', import.meta.url), { type: 'module', name: 'specter2-web' }),
  // After a failed run the runtime answers every call with the same error; after a failed test none can be trusted.
  fatal: ['RUNTIME_FAILED', 'SELF_TEST_FAILED'],
}

/** One running worker: every call to it settles, also when it crashes, is aborted or ended. */
export class WorkerClient<W extends CallableWorker = EmbedWorker & ConversionWorker> {
  readonly #kind: WorkerKind
  readonly #worker: Worker
  readonly #remote: Remote<W>
  readonly #ready: Promise<void>
  /** Rejects when the worker is gone; never resolves. */
  readonly #gone: Promise<never>
  readonly #fail: (reason: Error) => void
  readonly #ended = new AbortController()
  #failure: Error | null = null
  #calls = 0

  /** @param kind Default: the embed worker. */
  constructor(source: WorkerSource | undefined, kind = EMBED) {
    this.#kind = kind
    this.#worker = startWorker(source, kind)
    this.#remote = wrap<W>(this.#worker)
    let fail!: (reason: Error) => void
    this.#gone = new Promise<never>((_, reject) => {
      fail = reject
    })
    this.#gone.catch(() => {})
    this.#fail = fail
    this.#worker.addEventListener('error', (event) => {
      this.end(this.#died(event.message || 'its script did not load', { message: event.message ?? null }))
    })
    this.#worker.addEventListener('messageerror', () => this.end(this.#died('a message could not be read')))
    this.#ready = this.#start()
    this.#ready.catch(() => {})
  }

  /** Why this worker can be used no more; `null` while it lives. */
  get failure(): Error | null {
    return this.#failure
  }

  /**
   * Makes one call: `method` gets the worker and the call's number.
   *
   * @throws the signal's reason; a typed error of the worker; `WORKER_FAILED` where it dies.
   */
  async call<T>(method: (worker: Remote<W>, call: number) => Promise<Settled<T>>, signal?: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    const call = ++this.#calls
    let onAbort: (() => void) | undefined
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        if (!this.#failure) void this.#control.cancel(call)
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    })
    try {
      const answer = this.#ready.then(() => method(this.#remote, call))
      return unwrap(await Promise.race([answer, aborted, this.#gone]))
    } catch (error) {
      if (error instanceof Specter2Error && this.#kind.fatal.includes(error.code)) this.end(error)
      throw error
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Resolves when conversions that were cancelled have left nothing behind. Rejects where the worker dies. */
  conversionsEnded(this: WorkerClient<EmbedWorker & ConversionWorker>): Promise<void> {
    return Promise.race([this.#ready.then(() => this.#remote.conversionsEnded()), this.#gone])
  }

  /** Ends the worker, and every pending call with `reason`. Idempotent. */
  end(reason: Error): void {
    if (this.#failure) return
    this.#failure = reason
    this.#fail(reason)
    this.#ended.abort()
    this.#control[releaseProxy]()
    this.#worker.terminate()
  }

  /** The same remote by what every worker has. */
  get #control(): Remote<CallableWorker> {
    return this.#remote as unknown as Remote<CallableWorker>
  }

  #died(found: string, details: Record<string, string | null> = {}): Specter2Error {
    return workerFailed(this.#kind, found, details)
  }

  async #start(): Promise<void> {
    const onLimit = () => {
      const error = this.#died(`it did not start within ${START_LIMIT_MS / 1000} seconds`)
      this.end(error)
      throw error
    }
    const lock = await within(Promise.race([this.#control.lifeLock(), this.#gone]), { limitMs: START_LIMIT_MS, onLimit })
    if (lock !== null) this.#watch(lock)
  }

  /** The worker holds this lock while it lives: who gets it knows that it died, which no event tells. */
  #watch(lock: string): void {
    navigator.locks
      .request(lock, { signal: this.#ended.signal }, () => this.end(this.#died('it ended, perhaps for want of memory')))
      .catch(() => {})
  }
}

function startWorker(source: WorkerSource | undefined, kind: WorkerKind): Worker {
  try {
    if (typeof source === 'function') return source()
    if (source instanceof Worker) return source
    if (source !== undefined) return new Worker(source, { type: 'module', name: 'specter2-web' })
    return kind.start()
  } catch (cause) {
    throw workerFailed(kind, (cause as Error).message, {}, cause)
  }
}

function workerFailed(
  { name }: WorkerKind,
  found: string,
  details: Record<string, string | null>,
  cause?: unknown,
): Specter2Error {
  const advice =
    'Check that its script is served (specter2-web assets <dir>, option `worker`) and that the content security policy allows it; then call again.'
  return new Specter2Error('WORKER_FAILED', `The ${name} worker failed: ${found}. ${advice}`, { retryable: true, details, cause })
}
