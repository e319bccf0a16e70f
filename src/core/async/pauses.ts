/** Longest work without a pause, in which the worker handles messages, such as an abort. */
const WORK_MS = 40

/**
 * Pauses long work every 40 ms for other tasks, and stops it when `signal` aborts.
 *
 * @returns A function to await in loops; it returns a promise only when a pause is due.
 * @throws the signal's reason.
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  signal?.throwIfAborted()
  let last = performance.now()
  return () => {
    if (performance.now() - last < WORK_MS) return undefined
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      signal?.throwIfAborted()
      last = performance.now()
    })
  }
}
