import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidArgumentError, Specter2Error } from '../core/errors.js'
import { shortName } from '../model/hub/model-names.js'
import { createEmbedder as createPageEmbedder, type Embedder } from '../page/embedder/embedder.js'
import { checkOptions, type EmbedderOptions, isPublishedName } from '../page/embedder/embedder-options.js'
import { NodeWorker } from './node-worker.js'
import { defaultModelFolder, nodeThreads, packageFolder } from './paths.js'

/**
 * As in a page, in Node: the same engine, in threads instead of workers, on WASM. Nothing is stored.
 *
 * @param options `model`: a folder that `specter2-web get` or `convert` wrote (path, `file:` or `http(s):` URL), files of one, or `minilm`, from the package `specter2-web-minilm`. `dispose()` ends the threads, for which Node waits before it exits.
 * @throws InvalidArgumentError for wrong options; Specter2Error `UNSUPPORTED` for `device: 'webgpu'` and for published models, which `specter2-web get` converts; `MODEL_NOT_FOUND` if `specter2-web-minilm` is not installed; and what createEmbedder() throws in a page.
 */
export async function createEmbedder(options: EmbedderOptions = {}): Promise<Embedder> {
  checkOptions(options)
  if (options.device === 'webgpu') throw unsupported('Node has no WebGPU. Leave `device` out', { device: 'webgpu' })
  return createPageEmbedder({
    threads: nodeThreads(),
    worker: () => new NodeWorker(pathToFileURL(join(packageFolder(), 'node-worker.js'))) as EventTarget as Worker,
    ...options,
    device: 'wasm',
    model: localModel(options.model ?? 'minilm'),
    assets: pathToFileURL(join(packageFolder(), '/')),
  })
}

/** What `model` is in Node, where a path is one of the disk. */
function localModel(model: NonNullable<EmbedderOptions['model']>): NonNullable<EmbedderOptions['model']> {
  if (model instanceof URL) return model
  if (typeof model === 'string') {
    if (shortName(model) === 'minilm') return pathToFileURL(defaultModelFolder())
    if (isPublishedName(model))
      throw unsupported(`Run \`npx specter2-web get ${model}\` and pass its folder as \`model\``, { model })
    return URL.canParse(model) && !/^[a-z]:[\\/]/i.test(model) ? model : pathToFileURL(resolve(model))
  }
  const paths = model instanceof Map ? [...model.keys()] : Array.isArray(model) ? model.map(({ name }) => String(name)) : null
  if (!paths) throw new InvalidArgumentError('model', model, 'a folder, a URL, an array of File, or a Map of paths to Blobs')
  if (paths.some((path) => /(^|\/)manifest\.json$/.test(path))) return model
  throw unsupported('Node converts published files on the command line: run `npx specter2-web convert`', { files: paths.length })
}

function unsupported(message: string, details: Record<string, string | number>): Specter2Error {
  return new Specter2Error('UNSUPPORTED', `${message}.`, { details })
}
