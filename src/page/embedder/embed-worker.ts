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

export function startEmbedWorker(source: WorkerSource | undefined): EmbedClient {
  return new WorkerClient(source, EMBED)
}
