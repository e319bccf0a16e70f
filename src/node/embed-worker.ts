import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import type { EmbedProtocol, ModelAddress } from '../workers/embed/embed-protocol.js'
import { embedService, modelSource } from '../workers/embed/embed-service.js'
import { serve } from '../workers/rpc/serve.js'
import { diskSource } from './disk-source.js'
import { nativeRuntime } from './native-model.js'
import { findRuntime, runtimeFolder } from './paths.js'

/** The embed worker of Node: models are read from the disk or the network, and stored nowhere. */
serve<EmbedProtocol>(
  embedService({
    cache: null,
    openSource: (address: ModelAddress) =>
      'url' in address && address.url.startsWith('file:') ? diskSource(fileURLToPath(address.url)) : modelSource(address),
    async transformers() {
      runtimeFolder()
      return import('../engine/transformers-runtime.js')
    },
    // Most models run without it.
    runtime: () => findRuntime() ?? '',
    // Each of the workers that share the work has a session of its own.
    native: nativeRuntime({ threads: 1 }),
  }),
  parentPort as unknown as MessagePort,
)
