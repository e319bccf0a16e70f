import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's `dist`, which holds the commands beside workers, runtime and default model; from the sources, this folder. */
export const packageFolder = fileURLToPath(new URL('.', import.meta.url))

/** The runtime's files: the package's, or from the sources those of the dependency. */
export const runtimeFolder = existsSync(join(packageFolder, 'ort'))
  ? join(packageFolder, 'ort/')
  : join(dirname(createRequire(import.meta.url).resolve('onnxruntime-web')), '/')

/** The model named `minilm`: the package's, or from the sources that of `public/`. */
export const defaultModelFolder = join(
  packageFolder,
  existsSync(join(packageFolder, 'models')) ? 'models' : '../../public/models',
  'minilm',
)

/** Default number of WASM threads: more than eight bring nothing. */
export const nodeThreads = (): number => Math.min(8, availableParallelism())

/** The version of this package. */
export const packageVersion: string = JSON.parse(readFileSync(nearestPackageJson(packageFolder), 'utf8')).version

/** Sources and builds lie at different depths below it. */
function nearestPackageJson(folder: string): string {
  const path = join(folder, 'package.json')
  return existsSync(path) || dirname(folder) === folder ? path : nearestPackageJson(dirname(folder))
}
