/**
 * Caches one version of the app, so that it opens offline, and makes its pages cross-origin isolated if their host sends no
 * headers for that. Models are not its concern: the library caches them in IndexedDB.
 */
const worker = self as unknown as ServiceWorkerGlobalScope

/** The build fills these in: the paths of the app's files, a hash of them all, the runtime's version, and a hash of its scripts. */
declare const __APP_FILES__: readonly string[]
declare const __APP_VERSION__: string
declare const __RUNTIME_VERSION__: string
declare const __SCRIPTS_VERSION__: string

const APP = `app-${__APP_VERSION__}`
/** Large, and the same in many versions of the app, so it is cached when it is first used. */
const RUNTIME = `runtime-${__RUNTIME_VERSION__}`
/** The part of the runtime that holds code of ours. */
const SCRIPTS = `runtime-scripts-${__SCRIPTS_VERSION__}`

const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
/** The pages' own policy, for workers, which take a policy only from a header. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'"
const HUB_POLICY = `${POLICY} https://huggingface.co https://*.huggingface.co https://*.hf.co`

const scope = worker.registration.scope
const scripts = ['transformers', 'convert'].map((name) => `${scope}ort/${name}.js`)
const files = new Set(__APP_FILES__.map((path) => new URL(path, scope).href))

worker.addEventListener('install', (event) => {
  event.waitUntil(install())
})

async function install(): Promise<void> {
  const cache = await caches.open(APP)
  // The browser's HTTP cache may have files of another version.
  await cache.addAll([...files].map((url) => new Request(url, { cache: 'no-cache' })))
  // If the last version used the runtime offline, so can this one.
  if ((await caches.keys()).some((key) => key.startsWith('runtime-')))
    await (await caches.open(SCRIPTS)).addAll(scripts.map((url) => new Request(url, { cache: 'no-cache' })))
}

worker.addEventListener('activate', (event) => {
  event.waitUntil(activate())
})

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((key) => /^(app|runtime)-/.test(key) && ![APP, RUNTIME, SCRIPTS].includes(key))
  for (const key of old) await caches.delete(key)
  // So that the first visit's runtime is cached, too.
  await worker.clients.claim()
}

// A new version waits until the reader updates the page.
worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  url.hash = ''
  url.search = ''
  const page = url.href === scope ? new URL('index.html', scope).href : url.href
  if (files.has(page)) event.respondWith(fromCache(APP, page, event))
  else if (scripts.includes(page)) event.respondWith(fromCache(SCRIPTS, page, event))
  else if (page.startsWith(`${scope}ort/`)) event.respondWith(fromCache(RUNTIME, page, event))
  else if (page === `${scope}models/index.json`) event.respondWith(fresh(page))
})

/** The cached file; a file that is not cached yet is fetched and cached. */
async function fromCache(name: string, url: string, { request, clientId }: FetchEvent): Promise<Response> {
  const cached = await caches.match(url, { cacheName: name }).catch(() => undefined)
  const response = cached ?? (await fetch(request))
  if (!cached && response.status === 200) await keep(name, url, response)
  const isWorker = request.destination === 'worker'
  return withHeaders(response, isWorker ? await policyOf(clientId) : null)
}

/** From the network; offline, the last response. */
async function fresh(url: string): Promise<Response> {
  try {
    const response = await fetch(url)
    if (response.ok) await keep(APP, url, response)
    return response
  } catch (error) {
    const last = await caches.match(url, { cacheName: APP })
    if (last) return last
    throw error
  }
}

/** Caches a response. If there is no room for it, the page still gets it, from the network at the next visit, too. */
async function keep(name: string, url: string, response: Response): Promise<void> {
  const copy = response.clone()
  try {
    await (await caches.open(name)).put(url, copy)
  } catch {
    // Frees what the browser holds of the copy.
    await copy.body?.cancel().catch(() => {})
  }
}

/** Only the hub page and its workers may connect to the hub. */
async function policyOf(clientId: string): Promise<string> {
  const client = await worker.clients.get(clientId)
  return client && new URL(client.url).pathname.endsWith('/hub.html') ? HUB_POLICY : POLICY
}

function withHeaders(response: Response, policy: string | null): Response {
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(ISOLATION)) if (!headers.has(name)) headers.set(name, value)
  if (policy && !headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', policy)
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

export {}
