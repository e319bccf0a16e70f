/** Web Locks hold across the tabs of a site. Node and pages on plain http have none: each function here then does without. */
const webLocks = (): LockManager | undefined => globalThis.navigator?.locks

/**
 * Runs `task` while holding the lock `name`, which only one tab or worker holds at a time. Without Web Locks, runs it at once.
 * Rejects with the signal's reason if `signal` aborts before the lock is granted.
 */
export async function withLock<T>(name: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted()
  const locks = webLocks()
  return locks ? ((await locks.request(name, signal ? { signal } : {}, task)) as T) : task()
}

/** Waits for the lock `name`. Resolves with the function that releases it, or with `null` if there are no Web Locks. */
export async function acquireLock(name: string): Promise<(() => void) | null> {
  const locks = webLocks()
  if (!locks) return null
  return new Promise((resolve, reject) => {
    locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(reject)
  })
}

/** Names of the locks that any tab or worker of this site holds; empty without Web Locks. */
export async function heldLocks(): Promise<ReadonlySet<string>> {
  const state = await webLocks()?.query()
  return new Set(state?.held?.map(({ name }) => name ?? ''))
}

/** Runs one task at a time, in the order of the calls. */
export class Mutex {
  readonly #name: string | null
  #last: Promise<unknown> = Promise.resolve()

  /** @param name Web Lock that excludes the tasks of other tabs as well; `null` excludes those of this mutex only. */
  constructor(name: string | null) {
    this.#name = name
  }

  /** Settles as `task` does. A task that is still waiting when `signal` aborts never starts. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const result = this.#last.then(() => {
      signal?.throwIfAborted()
      return this.#name === null ? task() : withLock(this.#name, task, signal)
    })
    this.#last = result.catch(() => {})
    return result
  }
}
