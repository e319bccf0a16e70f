import { macrotask } from '../../core/async/macrotask.js'

/** Pauses background work while calls are being answered. */
export class IdleGate {
  #running = 0
  #ended: Promise<void> = Promise.resolve()
  #end = () => {}

  /** Runs work that a caller is waiting for. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running++ === 0)
      this.#ended = new Promise((resolve) => {
        this.#end = resolve
      })
    try {
      return await work()
    } finally {
      if (--this.#running === 0) this.#end()
    }
  }

  /** Resolves when no caller is waiting, including calls that have arrived but not started. */
  async idle(): Promise<void> {
    await macrotask()
    while (this.#running > 0) await this.#ended
  }
}
