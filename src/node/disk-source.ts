import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Specter2Error } from '../core/errors.js'
import type { ModelSource } from '../model/model-source.js'

/** A model folder on this disk. */
export function diskSource(folder: string): ModelSource {
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
