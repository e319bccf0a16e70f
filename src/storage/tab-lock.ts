/** Runs one task at a time; across tabs where the browser has Web Locks, which secure pages have. */
export class WritersLock {
  readonly #name: string | null
  #last: Promise<unknown> = Promise.resolve()

  /** @param name Of the Web Lock; `null`: one task of this lock at a time is enough. */
  constructor(name: string | null) {
    this.#name = name
  }

  /** Settles as `task` does. One that is still waiting when `signal` aborts is never begun. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const begin = async () => {
      signal?.throwIfAborted()
      const { locks } = globalThis.navigator ?? {}
      if (this.#name === null || !locks) return task()
      return locks.request(this.#name, signal ? { signal } : {}, task) as Promise<T>
    }
    const result = this.#last.then(begin)
    this.#last = result.catch(() => {})
    return result
  }
}
