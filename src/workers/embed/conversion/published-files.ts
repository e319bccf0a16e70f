import { BASE_WEIGHTS, weightFiles } from '../../../core/checkpoint/base-weights.js'
import { type ByteSource, blobSource } from '../../../core/checkpoint/byte-source.js'
import { FUSION_CONFIG, type PublishedFolder, readJson, unsupportedAdapter } from '../../../core/checkpoint/published-folder.js'
import { oldLayout } from '../../../core/converter/model-config.js'
import { Specter2Error } from '../../../core/errors.js'
import { CHUNK_BYTES } from '../../../core/model-folder/manifest.js'
import { sha256Hex } from '../../../core/sha256.js'
import type { AdapterName } from '../../../core/types.js'

/** A published model found among the user's files. */
export interface PublishedFiles {
  base: PublishedFolder
  /** By adapter name: SPECTER2's own first, in their usual order, so that the same files always give the same model. */
  adapters: ReadonlyMap<AdapterName, PublishedFolder>
  /** Digest of all that a conversion may read. */
  digest(signal: AbortSignal): Promise<string>
}

/** A folder and its files by relative path, subfolders included. */
interface Folder {
  /** Path; `''` for files without a folder. */
  path: string
  files: ReadonlyMap<string, Blob>
}

/** Adapter names by the folder that they are published in, or by the name in their configuration. */
const ADAPTER_NAMES: Readonly<Record<string, AdapterName>> = {
  specter2: 'proximity',
  specter2_proximity: 'proximity',
  specter2_adhoc_query: 'adhoc_query',
  specter2_classification: 'classification',
  specter2_regression: 'regression',
  scirepeval_adapters_prx: 'proximity',
  scirepeval_adapters_qry: 'adhoc_query',
  scirepeval_adapters_clf: 'classification',
  scirepeval_adapters_rgn: 'regression',
  '[PRX]': 'proximity',
  '[QRY]': 'adhoc_query',
  '[CLF]': 'classification',
  '[RGN]': 'regression',
}
const USUAL_ORDER: readonly AdapterName[] = ['proximity', 'adhoc_query', 'classification', 'regression']

/** Weights, which may be in several formats; only one of these files is read. */
const UNREAD = /\.(bin|safetensors|h5|msgpack|ot|onnx|tflite|ckpt|pt|gguf)$/i

/** At most this many names in an error message. */
const MAX_LISTED = 8

/**
 * Finds a published base checkpoint and its adapters among files by path, such as those of dropped folders. Recognizes folders by
 * their contents, wherever they are. An adapter is named by its folder or, if that has an unknown name, by its configuration.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND` if there is no base; `INVALID_MODEL` if there are several, or two adapters with the same
 *   name; `DAMAGED_FILE` for a configuration that is not JSON. The message says what was found.
 */
export async function findPublishedFiles(files: ReadonlyMap<string, Blob>): Promise<PublishedFiles> {
  const folders = foldersOf(files)
  const bases = folders.filter(({ files }) => files.has('config.json') && BASE_WEIGHTS.some((name) => files.has(name)))
  const adapterFolders = folders.filter(({ files }) => files.has('adapter_config.json'))
  const fusion = folders.find(({ path }) => files.has(path === '' ? FUSION_CONFIG : `${path}/${FUSION_CONFIG}`))
  // Left out silently, its base would give other vectors.
  if (fusion) throw unsupportedAdapter({ name: folderName(fusion.path) }, FUSION_CONFIG, 'AdapterFusion', undefined)
  const [base, ...others] = bases
  if (!base) throw noBase(files, folders, adapterFolders)
  if (others.length > 0) {
    const found = bases.map(showFolder)
    throw new Specter2Error(
      'INVALID_MODEL',
      `The given files hold ${bases.length} base models: ${found.slice(0, MAX_LISTED).join(', ')}. Give only one of them, with its adapters.`,
      { details: { found } },
    )
  }
  const module = /^(.*\/)?(\d+_[^/]*)$/.exec(base.path)
  if (module && files.has(`${module[1] ?? ''}modules.json`))
    throw oldLayout(folderName(parent(base.path)) || 'The model', module[2]!)
  const named = new Map<AdapterName, Folder>()
  for (const folder of adapterFolders) {
    const name = await adapterName(folder)
    const other = named.get(name)
    if (other) {
      const found = [other, folder].map(showFolder)
      throw new Specter2Error(
        'INVALID_MODEL',
        `The given files hold two adapters named ${name}: ${found.join(' and ')}. Give only one of them, or rename a folder.`,
        { details: { adapter: name, found } },
      )
    }
    named.set(name, folder)
  }
  const rank = (name: AdapterName) => (USUAL_ORDER.includes(name) ? USUAL_ORDER.indexOf(name) : USUAL_ORDER.length)
  const adapters = [...named].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const read = {
    base: await readByBase(base),
    adapters: adapters.map(([name, folder]) => [name, readByAdapter(folder)] as const),
  }
  return {
    base: published(base, read.base),
    adapters: new Map(read.adapters.map(([name, files]) => [name, published(named.get(name)!, files)])),
    async digest(signal) {
      const parts: unknown[] = [folderName(base.path), await digestFiles(read.base, signal)]
      for (const [name, files] of read.adapters)
        parts.push(name, folderName(named.get(name)!.path), await digestFiles(files, signal))
      return sha256Hex(new TextEncoder().encode(JSON.stringify(parts)))
    },
  }
}

/** Every folder that directly contains a file, with all files below it. */
function foldersOf(files: ReadonlyMap<string, Blob>): Folder[] {
  const visible = [...files].filter(([path]) => !path.split('/').some((name) => name.startsWith('.') || name === '__MACOSX'))
  const paths = [...new Set(visible.map(([path]) => parent(path)))].sort()
  return paths.map((path) => {
    const prefix = path === '' ? '' : `${path}/`
    return {
      path,
      files: new Map(
        visible.filter(([name]) => name.startsWith(prefix)).map(([name, blob]) => [name.slice(prefix.length), blob]),
      ),
    }
  })
}

const parent = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** The name under which a folder was published. The hub's cache has `models--<owner>--<name>/snapshots/<commit>`. */
function folderName(path: string): string {
  const cached = /(?:^|\/)models--.*--([^/]+)\/snapshots\/[^/]+$/.exec(path)
  return cached?.[1] ?? path.slice(path.lastIndexOf('/') + 1)
}

async function adapterName(folder: Folder): Promise<AdapterName> {
  const own = folderName(folder.path)
  if (Object.hasOwn(ADAPTER_NAMES, own)) return ADAPTER_NAMES[own]!
  const { name } = (await readJson(published(folder, folder.files), 'adapter_config.json'))!
  const known = typeof name === 'string' && Object.hasOwn(ADAPTER_NAMES, name) ? ADAPTER_NAMES[name]! : null
  // A folder that also holds the base is named after the base.
  const chosen = folder.files.has('config.json') ? '' : own
  const candidates = USUAL_ORDER.includes(chosen) ? [chosen] : [known, chosen, name]
  const found = candidates.find((name) => typeof name === 'string' && /^[a-z0-9][\w.-]*$/i.test(name) && name !== 'base')
  if (found) return found as AdapterName
  throw new Specter2Error(
    'INVALID_MODEL',
    `The adapter in ${showFolder(folder)} has no name: neither its folder nor \`name\` in its adapter_config.json is a valid name. Put it in a folder with the adapter's name, such as proximity.`,
    { details: { found: [showFolder(folder)] } },
  )
}

/** A base's files, without adapters in subfolders and weights in other formats. */
async function readByBase(folder: Folder): Promise<ReadonlyMap<string, Blob>> {
  const { files } = folder
  const weights = await weightFiles(published(folder, files), BASE_WEIGHTS.find((name) => files.has(name))!)
  const adapters = [...files.keys()].filter((path) => path.endsWith('/adapter_config.json')).map((path) => `${parent(path)}/`)
  return new Map(
    [...files].filter(
      ([path]) => weights.includes(path) || (!UNREAD.test(path) && !adapters.some((adapter) => path.startsWith(adapter))),
    ),
  )
}

/** An adapter's files. In a folder that also holds the base, `model.safetensors` belongs to the base. */
function readByAdapter({ files }: Folder): ReadonlyMap<string, Blob> {
  const besideBase = files.has('config.json')
  return new Map([...files].filter(([path]) => !path.includes('/') && (!besideBase || path.includes('adapter'))))
}

function published({ path }: Folder, files: ReadonlyMap<string, Blob>): PublishedFolder {
  return {
    name: folderName(path) || 'model',
    async open(name) {
      const blob = files.get(name)
      return blob ? readableSource(blobSource(name, blob)) : null
    },
  }
}

/** The browser refuses to read a file that was changed or deleted on disk after the user gave it. */
function readableSource(source: ByteSource): ByteSource {
  return {
    ...source,
    read: (start, end) =>
      source.read(start, end).catch((cause: Error) => {
        const message = `${source.name} can no longer be read (${cause.name}): it was changed, moved or deleted after it was given. Give it again.`
        throw new Specter2Error('DAMAGED_FILE', message, { details: { file: source.name }, cause })
      }),
  }
}

/** Digest of names and contents, read slice by slice. */
async function digestFiles(files: ReadonlyMap<string, Blob>, signal: AbortSignal): Promise<string> {
  const parts: string[] = []
  for (const [name, blob] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const source = readableSource(blobSource(name, blob))
    parts.push(name)
    for (let start = 0; start < blob.size; start += CHUNK_BYTES) {
      signal.throwIfAborted()
      parts.push(await sha256Hex(await source.read(start, Math.min(start + CHUNK_BYTES, blob.size))))
    }
  }
  return sha256Hex(new TextEncoder().encode(JSON.stringify(parts)))
}

function noBase(files: ReadonlyMap<string, Blob>, folders: readonly Folder[], adapters: readonly Folder[]): Specter2Error {
  const withConfig = folders.filter(({ files }) => files.has('config.json'))
  const found =
    adapters.length > 0 ? adapters.map((folder) => `adapter ${showFolder(folder)}`) : [...files.keys()].map((path) => `"${path}"`)
  const shown = found.length === 0 ? 'nothing' : found.slice(0, MAX_LISTED).join(', ') + (found.length > MAX_LISTED ? ', …' : '')
  const lacks =
    withConfig.length > 0
      ? `${showFolder(withConfig[0]!)} has a config.json but no ${BASE_WEIGHTS.join(', ')} beside it`
      : `no folder has a config.json beside one of ${BASE_WEIGHTS.join(', ')}`
  return new Specter2Error(
    'MODEL_NOT_FOUND',
    `The given files hold no base model: ${lacks}; found ${shown}. Give the whole published folder (such as specter2_base) along with its adapters' folders, or a folder that \`specter2-web convert\` wrote.`,
    { details: { found: found.slice(0, MAX_LISTED) } },
  )
}

function showFolder({ path }: Folder): string {
  return path === '' ? 'the files without a folder' : `"${path}"`
}
