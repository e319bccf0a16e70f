import { type ErrorDetails, Specter2Error } from '../../core/errors.js'

/** The caller's own worker, its URL, or a function that makes it. */
export type WorkerSource = Worker | string | URL | (() => Worker)

/** One of the package's workers. */
export interface WorkerKind {
  /** Its name in messages, and of its script. */
  name: string
  /** Starts the package's own script. */
  start: () => Worker
  /** Where no worker can start: what to do instead. */
  instead: string
}

/**
 * Starts a worker. A script of another origin, such as a CDN, is imported by a blob of this one, which a browser may start.
 *
 * @throws Specter2Error `WORKER_FAILED`; with `details.reason` if no worker can be started here at all.
 */
export function startWorker(source: WorkerSource | undefined, kind: WorkerKind): Worker {
  try {
    if (typeof source === 'function') return source()
    if (typeof source === 'object' && !(source instanceof URL)) return source
    const start = source === undefined ? kind.start : () => new Worker(source, { type: 'module', name: 'specter2-web' })
    return startAnywhere(start)
  } catch (error) {
    throw noWorkers(error as Error, kind) ?? workerFailed(kind, (error as Error).message, {}, error)
  }
}

/** The error of a worker that cannot be used any more. */
export function workerFailed({ name }: WorkerKind, found: string, details: ErrorDetails = {}, cause?: unknown): Specter2Error {
  const advice = `Check that ${name}.js is served as JavaScript and that the content security policy allows it (worker-src). If the app's bundler does not bundle workers, serve what \`npx specter2-web assets <dir>\` writes and pass the option \`worker\`, the URL of its workers/${name}.js. Then call again.`
  return new Specter2Error('WORKER_FAILED', `The ${name} worker failed: ${found}. ${advice}`, { retryable: true, details, cause })
}

function startAnywhere(start: () => Worker): Worker {
  try {
    return start()
  } catch (error) {
    // A frame without an origin may not start any.
    if ((error as Error).name !== 'SecurityError' || globalThis.origin === 'null') throw error
    const [url, options] = argumentsOf(start)
    if (url === undefined || new URL(url, location.href).origin === location.origin) throw error
    const href = JSON.stringify(new URL(url, location.href).href)
    const script = options?.type === 'module' ? `import ${href}` : `importScripts(${href})`
    const blob = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
    // Not revoked: when the worker has read it, nobody tells.
    return new Worker(blob, options)
  }
}

/** What `start` passes to `new Worker`, whose own form an app's bundler has replaced. */
function argumentsOf(start: () => Worker): ConstructorParameters<typeof Worker> | [] {
  const { Worker: Started } = globalThis
  let passed: ConstructorParameters<typeof Worker> | [] = []
  const Recorder = class {
    constructor(...values: ConstructorParameters<typeof Worker>) {
      passed = values
    }
  }
  try {
    globalThis.Worker = Recorder as unknown as typeof Worker
    start()
  } finally {
    globalThis.Worker = Started
  }
  return passed
}

/** The error where no script could be served so that a worker starts; `null` if it may be the script. */
function noWorkers(error: Error, { name, instead }: WorkerKind): Specter2Error | null {
  const found = globalThis.constructor?.name ?? 'unknown'
  const scope = found === 'Object' ? 'Node or another server' : found
  const failed = (reason: string, message: string) =>
    new Specter2Error('WORKER_FAILED', `The ${name} worker cannot be started here (${scope}): ${message}`, {
      details: { reason, scope },
      cause: error,
    })
  if (typeof Worker === 'undefined') return failed('no Worker', `there is no Worker. ${instead}`)
  // A script of another origin is also a SecurityError, but that can be served from this one.
  if (error.name !== 'SecurityError' || globalThis.origin !== 'null') return null
  return failed(
    'sandboxed frame',
    'this frame has no origin. Add allow-same-origin to the sandbox attribute of its iframe, or call in the page around it.',
  )
}
