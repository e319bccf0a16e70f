import type { ConversionProtocol, EmbedProtocol } from '../../workers/embed/embed-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { type ClientKind, WorkerClient } from '../../workers/rpc/worker-client.js'

export type EmbedClient = WorkerClient<EmbedProtocol & ConversionProtocol>

const EMBED: ClientKind = {
  name: 'embed',
  // In the form that bundlers recognise.
  start: () => new Worker(new URL('../../workers/embed.js', import.meta.url), { type: 'module', name: 'specter2-web' }),
  instead: 'Embed in a page or, in an extension, in an offscreen document or a side panel, and send it the texts by messages.',
  // After a failed run the runtime repeats its error for every call; after a failed self-test no vector can be trusted.
  fatal: ['RUNTIME_FAILED', 'SELF_TEST_FAILED'],
}

/** @throws Specter2Error `WORKER_FAILED`; with `details.reason` if no worker can be started here at all. */
export const startEmbedWorker = (source: WorkerSource | undefined): EmbedClient => new WorkerClient(source, EMBED)
