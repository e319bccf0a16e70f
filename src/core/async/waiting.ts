import { Specter2Error } from '../errors.js'

/** Waits; rejects with the signal's reason if it aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

/** Failures in a row, without progress in between, after which {@link retrying} gives up. */
const MAX_FAILURES = 5
const FIRST_DELAY_MS = 500
/** A server may ask for an hour (`Retry-After`); a reader in front of a page waits a minute at most. */
const MAX_DELAY_MS = 60_000

/** Options of {@link within}. */
export interface WithinOptions<T> {
  signal?: AbortSignal | undefined
  /** Default: no limit. */
  limitMs?: number
  /** Returns the result, or throws the error, if `promise` takes longer than `limitMs`. */
  onLimit?: () => T
}

/**
 * Settles as `promise` does, unless `signal` aborts first (then it rejects with its reason) or `limitMs` pass. The work behind
 * the promise continues.
 */
export function within<T>(promise: Promise<T>, { signal, limitMs, onLimit }: WithinOptions<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let abort = () => {}
  return new Promise<T>((resolve, reject) => {
    promise.then(resolve, reject)
    abort = () => reject(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    if (limitMs === undefined || onLimit === undefined) return
    timer = setTimeout(() => {
      try {
        resolve(onLimit())
      } catch (error) {
        reject(error)
      }
    }, limitMs)
  }).finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  })
}

/** {@link Sleep} by the real clock. */
export const sleep: Sleep = (ms, signal) => within<void>(new Promise(() => {}), { signal, limitMs: ms, onLimit: () => {} })

/** Options of {@link retrying}. */
export interface RetryOptions {
  signal?: AbortSignal | undefined
  /** Default {@link sleep}. */
  sleep?: Sleep | undefined
  /** A number that grows as the work advances: after progress, failures are counted from 1 again. */
  progress?: () => number
}

/**
 * Calls `attempt` until it succeeds. Waits 0.5, 1, 2 and 4 s after a `retryable` failure, or the `retryAfterMs` of its details,
 * at most a minute; any other failure, or five in a row, end it. Rejects with the last error, or with the signal's reason.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { signal, sleep: wait = sleep, progress = () => 0 }: RetryOptions = {},
): Promise<T> {
  for (let failures = 0; ; ) {
    const before = progress()
    try {
      return await attempt()
    } catch (error) {
      signal?.throwIfAborted()
      failures = progress() > before ? 1 : failures + 1
      if (!(error instanceof Specter2Error) || !error.retryable || failures === MAX_FAILURES) throw error
      const asked = error.details.retryAfterMs
      const delayMs = typeof asked === 'number' ? asked : FIRST_DELAY_MS * 2 ** (failures - 1)
      await wait(Math.min(delayMs, MAX_DELAY_MS), signal)
    }
  }
}
