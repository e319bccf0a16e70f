/**
 * A service worker that makes pages cross-origin isolated where their host sends no headers for that: WASM has threads only
 * there. It lies beside the app's page, since it serves its own folder and those below. A scope has one service worker: where an
 * app needs one for more, such as to work offline, that goes in here, in place of `fetch`.
 */
const worker = self as unknown as ServiceWorkerGlobalScope

/**
 * `require-corp` is what every browser knows. It refuses images and scripts of other sites that do not allow it, which a page
 * may have; `?coep=credentialless` loads them without cookies, except in Safari, which then leaves the page as it is.
 */
const embedderPolicy =
  new URL(worker.location.href).searchParams.get('coep') === 'credentialless' ? 'credentialless' : 'require-corp'

const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': embedderPolicy }

/** What has a policy of its own: documents and workers. All else, such as a model's files, goes past this worker. */
const DESTINATIONS: readonly RequestDestination[] = ['document', 'frame', 'iframe', 'worker', 'sharedworker']

// A new version takes over at once: it answers as the old one did, so a page in use notices nothing.
worker.addEventListener('install', () => void worker.skipWaiting())

worker.addEventListener('fetch', (event) => {
  const { request } = event
  if (DESTINATIONS.includes(request.destination) && new URL(request.url).origin === worker.location.origin)
    event.respondWith(fetch(request).then(isolated))
})

/** The same answer with the headers that it lacks. */
function isolated(response: Response): Response {
  // A redirect is followed by the browser itself, and may not be touched.
  if (response.type === 'opaqueredirect') return response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value)
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

export {}
