/** Set for one reload: a page that is not isolated after it would not be after another. */
const RELOADED = 'specter2-web: reloaded for isolation'
/** Nobody waits longer for the app to be kept. */
const KEPT_MS = 5_000

let registration: Promise<ServiceWorkerRegistration | null> = Promise.resolve(null)

/**
 * Registers the service worker, which keeps the app for later visits without network, and makes the page cross-origin
 * isolated where its host does not: by one reload at the first visit, unless somebody has begun to use the page by then.
 *
 * @param onUpdate Called when another version of the page waits to be used.
 */
export async function keepApp(onUpdate: () => void): Promise<void> {
  try {
    if (crossOriginIsolated) sessionStorage.removeItem(RELOADED)
    // Missing on plain http outside localhost; in development there is none.
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
    registration = navigator.serviceWorker.register('service-worker.js')
    const registered = (await registration)!
    watch(registered, onUpdate)
    await navigator.serviceWorker.ready
    if (crossOriginIsolated || navigator.userActivation?.hasBeenActive || sessionStorage.getItem(RELOADED) !== null) return
    sessionStorage.setItem(RELOADED, '')
    location.reload()
  } catch {
    // A browser that stores nothing for this site: the page works with network, on one thread.
    registration = Promise.resolve(null)
  }
}

/** Resolves when what is fetched now is kept, or will not be. */
export async function appIsKept(): Promise<void> {
  if (!('serviceWorker' in navigator) || (await registration.catch(() => null)) === null) return
  if (navigator.serviceWorker.controller) return
  await Promise.race([
    new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true })),
    new Promise((resolve) => setTimeout(resolve, KEPT_MS)),
  ])
}

/** Lets the version that waits take over, and shows it. */
export async function useUpdate(): Promise<void> {
  const waiting = (await registration)?.waiting
  if (!waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage('take over')
}

/** Forgets the app: the next visit needs the network. */
export async function forgetApp(): Promise<void> {
  await (await registration.catch(() => null))?.unregister()
  for (const key of await caches.keys()) await caches.delete(key)
}

function watch(registered: ServiceWorkerRegistration, onUpdate: () => void): void {
  const check = () => registered.waiting && navigator.serviceWorker.controller && onUpdate()
  check()
  registered.addEventListener('updatefound', () => {
    registered.installing?.addEventListener('statechange', check)
  })
}
