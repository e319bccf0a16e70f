import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { Specter2Error } from '../core/errors.js'
import type { ModelSource } from '../model/model-source.js'
import { type ModelFolder, openModel } from '../model/open-model.js'
import { defaultModelFolder } from './paths.js'

/**
 * A model folder on this disk, whose files are checked as a page checks them.
 *
 * @param path The folder, or `minilm` for the package's own model.
 * @throws Specter2Error `MODEL_NOT_FOUND`, `INVALID_MODEL` or `UNSUPPORTED`.
 */
export async function openLocalModel(path: string): Promise<ModelFolder> {
  return openModel({ source: diskSource(modelFolderPath(path)), cache: null })
}

/** The path of a model folder; `minilm` is the package's own. */
export function modelFolderPath(path: string): string {
  return path === 'minilm' ? defaultModelFolder : resolve(path)
}

function diskSource(folder: string): ModelSource {
  return {
    name: folder,
    cacheKey: null,
    async open(path, { range }) {
      const file = join(folder, path)
      const found = await stat(file).catch(() => null)
      if (!found?.isFile()) {
        const advice =
          path === 'manifest.json'
            ? 'Give a folder that `specter2-web convert` wrote.'
            : 'Convert the model again: the folder is incomplete.'
        throw new Specter2Error('MODEL_NOT_FOUND', `${file} does not exist. ${advice}`, { details: { file } })
      }
      const stream = createReadStream(file, range ? { start: range.start, end: range.end - 1 } : {})
      return {
        body: Readable.toWeb(stream) as ReadableStream<Uint8Array>,
        ranged: range !== undefined,
        byteLength: found.size,
      }
    },
  }
}
