import { formatBytes } from '../ui/format.js'

/** What is to be stored does not fit. */
class StorageFull extends Error {
  constructor(needed: number, free: number) {
    super(`About ${formatBytes(needed)} are needed, and the browser has ${formatBytes(free)} left for this page.`)
    this.name = 'StorageFull'
  }
}

/** A paper takes more room than its text: keys, indexes, and later its vector. */
const ROOM = 1.5

/** @throws StorageFull if the browser says that so much text does not fit. */
export async function checkSpace(bytes: number): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate().catch(() => ({ quota: undefined, usage: undefined }))
  if (quota === undefined || usage === undefined) return
  const free = Math.max(0, quota - usage)
  if (bytes * ROOM > free) throw new StorageFull(bytes * ROOM, free)
}

/** Bytes that this site stores; `null` if the browser does not say. */
export async function usedBytes(): Promise<number | null> {
  try {
    return (await navigator.storage.estimate()).usage ?? null
  } catch {
    return null
  }
}

export async function isPersisted(): Promise<boolean> {
  try {
    return await navigator.storage.persisted()
  } catch {
    return false
  }
}

/** Asks the browser never to clear this site's storage by itself. */
export async function persist(): Promise<boolean> {
  try {
    return await navigator.storage.persist()
  } catch {
    return false
  }
}
