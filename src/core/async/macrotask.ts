/**
 * Resolves at the next turn of the event loop. Unlike a timer, which waits four milliseconds and longer in a hidden page, at
 * once.
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
