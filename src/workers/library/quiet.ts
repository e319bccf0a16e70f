import { macrotask } from '../../core/async/macrotask.js'

/** Lets work in the background wait while a reader waits. */
export class Quiet {
  #running = 0
  #ended: Promise<void> = Promise.resolve()
  #end = () => {}

  /** Work that a reader waits for. */
  async during<T>(work: () => Promise<T>): Promise<T> {
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

  /** Resolves after all calls that have arrived by now, when none is waited for. */
  async next(): Promise<void> {
    await macrotask()
    while (this.#running > 0) await this.#ended
  }
}
