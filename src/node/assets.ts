import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Specter2Error } from '../core/errors.js'
import { graphFiles, type Manifest, parseManifest } from '../core/model-folder/manifest.js'
import type { Device, Dtype } from '../core/types.js'
import { VERSION } from '../core/version.js'
import { fetchCompanion } from './companions.js'
import { packageFolder } from './paths.js'

/** Which of the files that a page loads by URL an app serves. */
export interface AssetsOptions {
  /** The runtime's files for one device only. Default: for both. */
  only?: Device | undefined
  /** Whether the default model is served. Default `true`. */
  model?: boolean | undefined
  /** The default model's dtypes. Default: all. */
  dtypes?: readonly Dtype[] | undefined
  /** Folder of packed packages from which runtime and model are taken. Default: npm's registry. */
  from?: string | undefined
  /** Called before a download. */
  tell?: ((line: string) => void) | undefined
}

/** A file of the folder: where it lies, or what it says. */
type Asset = { source: string } | { text: string }

/** Lists the folder's files, and is the list of what a next run may delete. */
const STAMP = 'assets.json'

/**
 * The files that a page loads by URL: workers, runtime and model, by their path in the folder.
 *
 * @throws Specter2Error `DOWNLOAD_FAILED` if a package with them is not installed and cannot be downloaded; `UNSUPPORTED` if the model has no such dtype.
 */
export async function listAssets(options: AssetsOptions = {}): Promise<Map<string, Asset>> {
  const { only, model = true, dtypes, from, tell = () => {} } = options
  const assets = new Map<string, Asset>()
  const add = async (folder: string, under: string, wanted: (name: string) => boolean) => {
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter(wanted)) assets.set(`${under}${name}`, { source: join(folder, name) })
  }
  await add(join(packageFolder(), 'workers'), 'workers/', (name) => name.endsWith('.js'))
  await add(packageFolder(), '', (name) => name === 'isolation-worker.js')
  if (assets.size < 4)
    throw new Specter2Error('UNSUPPORTED', `${packageFolder()} has no built workers. Run npm run build first.`, {
      details: { folder: packageFolder() },
    })
  const ort = join(await fetchCompanion('runtime', from, tell), 'ort')
  await add(
    ort,
    'ort/',
    (name) => !/^ort-/.test(name) || only === undefined || (only === 'webgpu') === /\.(jspi|asyncify)\./.test(name),
  )
  if (model) {
    const folder = await fetchCompanion('minilm', from, tell)
    const manifest = withDtypes(parseManifest(await readFile(join(folder, 'manifest.json'), 'utf8'), folder), dtypes)
    const under = 'models/minilm/'
    for (const path of [...Object.keys(manifest.files), 'LICENSE', 'NOTICE.md'])
      assets.set(`${under}${path}`, { source: join(folder, path) })
    assets.set(`${under}manifest.json`, dtypes ? { text: JSON.stringify(manifest) } : { source: join(folder, 'manifest.json') })
  }
  return assets
}

/**
 * Writes these files into a folder, and deletes those that an earlier version wrote there.
 *
 * @returns Their number and bytes.
 * @throws as {@link listAssets}.
 */
export async function writeAssets(folder: string, options: AssetsOptions = {}): Promise<{ files: number; bytes: number }> {
  const assets = await listAssets(options)
  const files: Record<string, { bytes: number; sha256: string }> = {}
  for (const [path, asset] of assets) {
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    if ('text' in asset) await writeFile(target, asset.text)
    else await copyFile(asset.source, target)
    files[path] = { bytes: (await stat(target)).size, sha256: await sha256(target) }
  }
  for (const path of await stampedFiles(folder)) if (!assets.has(path)) await rm(join(folder, path), { force: true })
  await writeFile(join(folder, STAMP), `${JSON.stringify({ version: VERSION, files }, null, 1)}\n`)
  return { files: assets.size, bytes: Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** Paths that an earlier run wrote; those that lead elsewhere are not ours. */
async function stampedFiles(folder: string): Promise<string[]> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, STAMP), 'utf8'))
    return Object.keys(files).filter(
      (path) => /^(workers|ort|models)\/|^isolation-worker\.js$/.test(path) && !path.includes('..'),
    )
  } catch {
    return []
  }
}

/** The manifest with these dtypes only. */
function withDtypes(manifest: Manifest, wanted: readonly Dtype[] | undefined): Manifest {
  if (!wanted) return manifest
  const has = Object.keys(manifest.dtypes) as Dtype[]
  const missing = wanted.find((dtype) => !has.includes(dtype))
  if (missing !== undefined) {
    const message = `${manifest.id} has no weights of dtype ${missing}; it has ${has.join(', ')}. Name one of these.`
    throw new Specter2Error('UNSUPPORTED', message, { details: { dtype: missing, has } })
  }
  const filesOf = (dtypes: readonly Dtype[]) =>
    dtypes.flatMap((dtype) => (['wasm', 'webgpu'] as const).flatMap((device) => graphFiles(manifest, dtype, device)))
  const kept = new Set(filesOf(wanted))
  const dropped = new Set(filesOf(has).filter((path) => !kept.has(path)))
  const pick = <T>(all: Readonly<Record<string, T>>, keep: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => keep(key)))
  return {
    ...manifest,
    dtypes: pick(manifest.dtypes, (dtype) => wanted.includes(dtype as Dtype)),
    files: pick(manifest.files, (path) => !dropped.has(path)),
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
