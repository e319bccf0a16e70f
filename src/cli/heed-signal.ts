import { setImmediate } from 'node:timers/promises'

/**
 * Lets the process hear its signals, for which work on WASM leaves no time by itself.
 *
 * @throws the signal's reason.
 */
export async function heedSignal(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}
