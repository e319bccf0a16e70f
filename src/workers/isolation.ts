/**
 * A service worker that makes pages cross-origin isolated if their host does not send the headers: without isolation, WASM has no
 * threads. It lies beside the app's page, since it serves its own folder and those below. A scope has only one service worker: if
 * an app needs it for more, such as working offline, add that here in place of `fetch`.
 */
const worker = self as unknown as ServiceWorkerGlobalScope

/**
 * Every browser supports `require-corp`, but it blocks images and scripts of other sites that do not opt in.
 * `?coep=credentialless` loads them without cookies; Safari does not support it and leaves the page unisolated.
 */
const embedderPolicy =
  new URL(worker.location.href).searchParams.get('coep') === 'credentialless' ? 'credentialless' : 'require-corp'

const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': embedderPolicy }

/** Only documents and workers have an embedder policy. This worker does not handle other requests, such as a model's files. */
const DESTINATIONS: readonly RequestDestination[] = ['document', 'frame', 'iframe', 'worker', 'sharedworker']

// A new version can take over at once: it answers like the old one, so open pages are not affected.
worker.addEventListener('install', () => void worker.skipWaiting())

worker.addEventListener('fetch', (event) => {
  const { request } = event
  if (DESTINATIONS.includes(request.destination) && new URL(request.url).origin === worker.location.origin)
    event.respondWith(fetch(request).then(isolated))
})

/** The same response with any missing headers added. */
function isolated(response: Response): Response {
  // The browser follows redirects itself and does not allow changing them.
  if (response.type === 'opaqueredirect') return response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value)
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

export {}
