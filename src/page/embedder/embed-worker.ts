import { Specter2Error } from '../../core/errors.js'
import type { ConversionProtocol, EmbedProtocol } from '../../workers/embed/embed-protocol.js'
import { WorkerClient, type WorkerKind, type WorkerSource } from '../../workers/rpc/worker-client.js'

export type EmbedClient = WorkerClient<EmbedProtocol & ConversionProtocol>

const EMBED: WorkerKind = {
  name: 'embed',
  // In the form that bundlers recognise.
  start: () => new Worker(new URL('../../workers/embed.js', import.meta.url), { type: 'module', name: 'specter2-web' }),
  // After a failed run the runtime repeats its error for every call; after a failed self-test no vector can be trusted.
  fatal: ['RUNTIME_FAILED', 'SELF_TEST_FAILED'],
}

/** @throws Specter2Error `WORKER_FAILED`; with `details.reason` if no worker can be started here at all. */
export function startEmbedWorker(source: WorkerSource | undefined): EmbedClient {
  try {
    return new WorkerClient(source, EMBED)
  } catch (error) {
    throw noWorkers(error as Error) ?? error
  }
}

/** The error where no script could be served so that a worker starts; `null` if it may be the script. */
function noWorkers(error: Error): Specter2Error | null {
  const scope = globalThis.constructor.name
  if (typeof Worker === 'undefined') {
    const message = `Embedding needs workers, which cannot be started here (${scope}). Embed in a page or, in an extension, in an offscreen document or a side panel, and send it the texts by messages.`
    return new Specter2Error('WORKER_FAILED', message, { details: { reason: 'no Worker', scope }, cause: error })
  }
  // A script of another origin is also a SecurityError, but that can be served from this one.
  if ((error.cause as Error | undefined)?.name !== 'SecurityError' || globalThis.origin !== 'null') return null
  const message =
    'Embedding needs workers, which this frame may not start, since it has no origin. Add allow-same-origin to the sandbox attribute of its iframe, or embed in the page around it.'
  return new Specter2Error('WORKER_FAILED', message, { details: { reason: 'sandboxed frame', scope }, cause: error })
}
