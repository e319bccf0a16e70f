/** What crosses a worker's boundary with every call: types only. */
import type { ErrorCode, ErrorDetails } from '../../core/errors.js'

/** How a call ended: errors cross as values, so that they keep their code. */
export type Settled<T> = { value: T } | { error: WireError }

/** What every worker has: its death is seen, its calls can be cancelled. */
export interface CallableWorker {
  /** @returns the Web Lock that the worker holds while it lives, by which the page sees it die; `null` where there are none. */
  lifeLock(): Promise<string | null>
  cancel(call: number): void
}

/** An error on its way from the worker. */
export interface WireError {
  name: string
  message: string
  stack: string | undefined
  /** `null` for anything but a Specter2Error. */
  code: ErrorCode | null
  retryable: boolean
  details: ErrorDetails
  /** Of an InvalidArgumentError. */
  field: string | null
}
