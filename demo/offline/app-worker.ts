/** Set for one reload: if that does not isolate the page, another would not either. */
const RELOADED = 'specter2-web: reloaded for isolation'
/** Longest wait for the service worker to take control. */
const INSTALL_LIMIT_MS = 5_000

let registration: Promise<ServiceWorkerRegistration | null> = Promise.resolve(null)

/**
 * Registers the service worker, which makes the page work offline and, if its host does not, makes it cross-origin isolated.
 * That takes one reload at the first visit, which is skipped if somebody has begun to use the page.
 *
 * @param onUpdate Called when a new version of the page is ready.
 */
export async function installApp(onUpdate: () => void): Promise<void> {
  try {
    if (crossOriginIsolated) sessionStorage.removeItem(RELOADED)
    // Browsers have no service workers on plain http outside localhost; the development server serves none.
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
    registration = navigator.serviceWorker.register('service-worker.js')
    const registered = (await registration)!
    watch(registered, onUpdate)
    await navigator.serviceWorker.ready
    if (crossOriginIsolated || navigator.userActivation?.hasBeenActive || sessionStorage.getItem(RELOADED) !== null) return
    sessionStorage.setItem(RELOADED, '')
    location.reload()
  } catch {
    // The browser blocks storage for this site. The page works online, on one thread.
    registration = Promise.resolve(null)
  }
}

/** Resolves when the service worker caches what the page downloads, or never will. */
export async function appInstalled(): Promise<void> {
  if (!('serviceWorker' in navigator) || (await registration.catch(() => null)) === null) return
  if (navigator.serviceWorker.controller) return
  await Promise.race([
    new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true })),
    new Promise((resolve) => setTimeout(resolve, INSTALL_LIMIT_MS)),
  ])
}

/** Activates the new version and reloads the page. */
export async function applyUpdate(): Promise<void> {
  const waiting = (await registration)?.waiting
  if (!waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage('take over')
}

/** Removes the service worker and its caches; the next visit needs the network. */
export async function uninstallApp(): Promise<void> {
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
