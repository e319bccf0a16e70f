import { usefulCores } from '../../core/cores.js'
import { Specter2Error } from '../../core/errors.js'
import { adapterFile, graphFiles } from '../../core/model-folder/manifest.js'
import type { Device, Dtype, EngineName } from '../../core/types.js'
import type { EncoderThreads } from '../../engine/encoder/open-encoder.js'
import { Engine, type NativeRuntime, unknownAdapter } from '../../engine/engine.js'
import type { ModelCache } from '../../model/model-cache.js'
import { CONVERTED, convertedSource, filesSource, httpSource, type ModelSource } from '../../model/model-source.js'
import { openModel } from '../../model/open-model.js'
import type { CallContext, Service } from '../rpc/protocol.js'
import { transferred } from '../rpc/transferred.js'
import { chooseDevice } from './choose-device.js'
import type { EmbedProtocol, FilesProgress, LoadedInfo, ModelAddress, WorkerLoadOptions } from './embed-protocol.js'
import { startEncoderHelpers } from './encoder-helper.js'
import { FilesReporter } from './files-reporter.js'
import { loadTransformers } from './load-runtime.js'
import { QueuedModel } from './queued-model.js'

/** What differs between a worker of a page and one of Node. */
export interface EmbedHost {
  /** Where models are stored; `null`: nowhere. */
  cache: ModelCache | null
  /** Default: from the network, the cache or files. */
  openSource?: (address: ModelAddress) => ModelSource
  /** Loads transformers.js. Default: from the runtime's URL. */
  transformers?: typeof loadTransformers
  /** Folder of the runtime's files. Default: what the page says. */
  runtime?: () => string
  /** Native code that runs models. Default: none. */
  native?: NativeRuntime
}

/** The embed worker's methods. A worker loads one model. */
export function embedService(host: EmbedHost): Service<EmbedProtocol> {
  let loaded: QueuedModel | null = null
  const model = () => {
    if (!loaded) throw new Specter2Error('WORKER_FAILED', 'The worker has not loaded a model yet.', { retryable: true })
    return loaded
  }
  return {
    load: (options, context) =>
      load(options, host, context, (ready) => {
        loaded = ready
      }),
    embed: ({ inputs, adapter }, { signal, report }) => model().embed(inputs, adapter, report, signal),
    share: () => {
      try {
        const share = model().share()
        return share && transferred(share, share.memory instanceof ArrayBuffer ? [share.memory] : [])
      } catch {
        // There is no memory for a copy. The other worker reads the files.
        return null
      }
    },
    preload: (adapters, { signal, report }) => model().preload(adapters, report, signal),
    addAdapter: ({ address, name }, { signal }) => model().addAdapter(address, name, signal),
  }
}

async function load(
  options: WorkerLoadOptions,
  { cache, openSource = modelSource, transformers = loadTransformers, runtime: ownRuntime, native }: EmbedHost,
  { signal, report }: CallContext<FilesProgress>,
  onLoaded: (model: QueuedModel) => void,
): Promise<LoadedInfo> {
  const files = new FilesReporter(report)
  const source = openSource(options.model)
  const folder = await openModel({ source, cache: source.cacheKey === null ? null : cache, signal })
  const { manifest } = folder
  const has = Object.keys(manifest.dtypes) as Dtype[]
  const gpu = globalThis.navigator?.gpu
  const isOwn = options.engine === 'own' || options.engine === 'portable'
  const wanted = isOwn ? 'wasm' : options.device
  const { device, dtype, reason } = await chooseDevice({ device: wanted, dtype: options.dtype, has, gpu })
  const adapters = options.adapters.length > 0 ? options.adapters : [manifest.defaultAdapter]
  // Checked before anything large is downloaded.
  const names = ['base', ...Object.keys(manifest.adapters)]
  const unknown = adapters.find((name) => !names.includes(name))
  if (unknown !== undefined) throw unknownAdapter(manifest, unknown, names)
  files.expect(
    [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      ...(Object.hasOwn(manifest.dtypes, dtype) && !options.share ? graphFiles(manifest, dtype, device) : []),
      ...adapters.map((name) => adapterFile(manifest, name, dtype)),
    ],
    manifest.files,
  )
  const reading = { signal, onProgress: files.update }
  const threads = chooseThreads(device, options.threads)
  const encoderThreads: EncoderThreads = threads > 1 ? { helpers: (setup) => startEncoderHelpers(setup, threads - 1) } : {}
  const failed = new Map<EngineName, string>()
  const open = async () => {
    const { tier, share, engine } = options
    const runtime = ownRuntime?.() ?? options.runtime
    const onTransformers = { runtime, transformers: () => transformers(runtime, device) }
    const chosen = { dtype, device, engine, tier, failed, native, threads, encoderThreads, share }
    const loaded = await Engine.load(folder, { ...chosen, ...onTransformers, ...reading })
    await Promise.all(adapters.map((name) => loaded.prepareAdapter(name, reading)))
    return new QueuedModel(loaded, device)
  }
  const test = async (model: QueuedModel) => {
    if (device === 'webgpu' || !options.tested) for (const name of new Set(adapters)) await model.test(name, signal)
  }
  let model = await open()
  await folder.commit()
  for (;;) {
    try {
      await test(model)
      break
    } catch (error) {
      const isWrong = error instanceof Specter2Error && ['SELF_TEST_FAILED', 'RUNTIME_FAILED'].includes(error.code)
      const { engine } = model.runsOn
      if (!isWrong || options.engine !== 'auto' || engine === 'transformers') throw error
      failed.set(engine, error.message)
      model = await open()
    }
  }
  onLoaded(model)
  const bytesDownloaded = folder.from === 'files' ? 0 : files.bytesRead
  return {
    manifest,
    device,
    dtype,
    ...model.runsOn,
    threads,
    deviceReason: reason,
    // The manifest does not count: if only it came over the network, the model came from the cache.
    from: folder.from === 'network' && bytesDownloaded === 0 ? 'cache' : folder.from,
    storage: folder.storage,
    bytes: files.bytes,
    bytesDownloaded,
  }
}

export function modelSource(address: ModelAddress): ModelSource {
  if ('files' in address) return filesSource(address.files)
  return address.url.startsWith(CONVERTED) ? convertedSource(address.url) : httpSource(address.url)
}

/** WASM threads need a cross-origin isolated page; on WebGPU the CPU has next to nothing to do. */
function chooseThreads(device: Device, threads: number | undefined): number {
  if (device === 'webgpu' || !globalThis.crossOriginIsolated) return 1
  return threads ?? usefulCores(globalThis.navigator?.hardwareConcurrency ?? 1)
}
