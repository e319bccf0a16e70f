/** A Web Lock by which the page sees this worker die. Resolves when the lock is held. It is free again when this worker ends, however it ends. */
export function holdLifeLock(): Promise<string | null> {
  const { locks } = globalThis.navigator
  if (!locks) return Promise.resolve(null)
  const name = `specter2-web:${crypto.randomUUID()}`
  return new Promise((resolve) => {
    const held = () => {
      resolve(name)
      return new Promise(() => {})
    }
    locks.request(name, held).catch(() => resolve(null))
  })
}
