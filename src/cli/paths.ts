import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's `dist`, where the commands lie beside worker, runtime and default model. */
export const packageFolder = fileURLToPath(new URL('.', import.meta.url))

/** The runtime's own files: the package's, or from the sources the dependency's. */
export const runtimeFolder = existsSync(join(packageFolder, 'ort'))
  ? join(packageFolder, 'ort/')
  : join(dirname(createRequire(import.meta.url).resolve('onnxruntime-web')), '/')

/** The model that `minilm` names: the package's, or from the sources the one that goes into it. */
export const defaultModelFolder = join(
  packageFolder,
  existsSync(join(packageFolder, 'models')) ? 'models' : '../../public/models',
  'minilm',
)

/** WASM threads where none are asked for: more than eight bring nothing. */
export const nodeThreads = (): number => Math.min(8, availableParallelism())
