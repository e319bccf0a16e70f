import type { Settled } from './rpc-protocol.js'
import { settle } from './wire-errors.js'

/** The calls that a worker is at, by number. */
export class WorkerCalls {
  readonly #calls = new Map<number, AbortController>()

  /** Works on a call; errors become values, so that they keep their code on the way to the page. */
  run<T>(call: number, work: (signal: AbortSignal) => Promise<T>): Promise<Settled<T>> {
    const controller = new AbortController()
    this.#calls.set(call, controller)
    return settle(work(controller.signal).finally(() => this.#calls.delete(call)))
  }

  /** Aborts the signal of a call; one that has ended is left so. */
  cancel(call: number): void {
    this.#calls.get(call)?.abort()
  }
}
