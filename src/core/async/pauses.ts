/** Work without a pause; then the worker hears what came in, an abort among it. */
const WORK_MS = 40

/**
 * Lets other work in, at most every 40 ms, and heeds the signal.
 *
 * @returns To be awaited in loops; a promise only where a pause is due.
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
