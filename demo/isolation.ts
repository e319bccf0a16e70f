/** Set for one reload: a page that is not isolated after it would not be after another. */
const RELOADED = 'specter2-web: reloaded for isolation'

/**
 * Makes the page cross-origin isolated, so that the model runs on all cores, where the host sends no headers for that: a
 * service worker adds them from the next load on, and the page is loaded once more at its first visit. A page that somebody
 * has begun to use by then stays as it is, and is isolated at the next visit.
 */
export async function ensureIsolation(): Promise<void> {
  try {
    if (crossOriginIsolated) return sessionStorage.removeItem(RELOADED)
    // Missing on plain http outside localhost.
    if (!('serviceWorker' in navigator)) return
    await navigator.serviceWorker.register('service-worker.js')
    await navigator.serviceWorker.ready
    if (navigator.userActivation?.hasBeenActive || sessionStorage.getItem(RELOADED) !== null) return
    sessionStorage.setItem(RELOADED, '')
    location.reload()
  } catch {
    // A browser that stores nothing for this site: the page works on one thread.
  }
}
