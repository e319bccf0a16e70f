import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Specter2Error } from '../core/errors.js'
import { VERSION } from '../core/version.js'
import { cacheFolder } from './cache-folder.js'

/** The package, or this repository. Found when it is needed: on a server of webpack, importing the package must not ask for it. */
const root = () => dirname(nearestPackageJson(dirname(fileURLToPath(import.meta.url))))

/** What the package ships, once it is built. */
export const packageFolder = () => join(root(), 'dist')

/** What is large is in packages of its own: `runtime` has onnxruntime-web's files, `minilm` the default model. */
export type Companion = 'runtime' | 'minilm'

/** Where the repository has them. */
const SOURCES: Readonly<Record<Companion, string>> = { runtime: 'build/packages/runtime', minilm: 'public/models/minilm' }

/** Where a companion is downloaded to if the app has not installed it. */
export const companionCache = (name: Companion) => join(cacheFolder(), `${companionName(name)}-${VERSION}`)

/** Name under which a companion is published. */
export const companionName = (name: Companion) => `specter2-web-${name}`

/** The folder of a companion of this version: installed in the app or beside this package, downloaded, or in the repository. */
export function findCompanion(name: Companion): string | null {
  for (const from of [packageFolder(), process.cwd(), companionCache(name)]) {
    try {
      const path = createRequire(join(from, 'index.js')).resolve(`${companionName(name)}/package.json`)
      if (JSON.parse(readFileSync(path, 'utf8')).version === VERSION) return dirname(path)
    } catch {}
  }
  const source = join(root(), SOURCES[name])
  return existsSync(source) ? source : null
}

/** @throws Specter2Error `MODEL_NOT_FOUND` or `RUNTIME_FAILED` if the companion is not installed. */
export function companionFolder(name: Companion): string {
  const folder = findCompanion(name)
  if (folder !== null) return folder
  const code = name === 'runtime' ? 'RUNTIME_FAILED' : 'MODEL_NOT_FOUND'
  const spec = `${companionName(name)}@${VERSION}`
  throw new Specter2Error(
    code,
    `${spec} is not installed. Run \`npm install ${spec}\`, or \`npx specter2-web assets <dir>\` once.`,
    {
      details: { package: spec },
    },
  )
}

/** The runtime's files for Node: the package's, or from the sources those of the dependency; `null` without either. */
export function findRuntime(): string | null {
  const folder = findCompanion('runtime')
  if (folder !== null && existsSync(join(folder, 'ort'))) return join(folder, 'ort/')
  try {
    return join(dirname(createRequire(import.meta.url).resolve('onnxruntime-web')), '/')
  } catch {
    return null
  }
}

/** @throws Specter2Error `RUNTIME_FAILED` if there are none. */
export const runtimeFolder = (): string => findRuntime() ?? join(companionFolder('runtime'), 'ort/')

/** The folder of the model named `minilm`. @throws Specter2Error `MODEL_NOT_FOUND` if its package is not installed. */
export const defaultModelFolder = (): string => companionFolder('minilm')

/** Default number of WASM threads: more than eight bring nothing. */
export const nodeThreads = (): number => Math.min(8, availableParallelism())

/** Sources and builds of it lie at different depths below it. */
function nearestPackageJson(folder: string): string {
  const path = join(folder, 'package.json')
  return existsSync(path) || dirname(folder) === folder ? path : nearestPackageJson(dirname(folder))
}
