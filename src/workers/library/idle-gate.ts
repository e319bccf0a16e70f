import { macrotask } from '../../core/async/macrotask.js'

/** Makes background work wait while a caller waits for an answer. */
export class IdleGate {
  #running = 0
  #ended: Promise<void> = Promise.resolve()
  #end = () => {}

  /** Runs work that a caller waits for. */
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

  /** Resolves when no caller waits, after every call that has arrived by now. */
  async idle(): Promise<void> {
    await macrotask()
    while (this.#running > 0) await this.#ended
  }
}
