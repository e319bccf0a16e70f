import { retrying } from '../../core/async/waiting.js'
import { blobSource, bytesSource } from '../../core/checkpoint/byte-source.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { Specter2Error } from '../../core/errors.js'
import { fileOf, httpSource } from '../../model/model-source.js'
import { readFile } from '../../model/read-file.js'
import type { AdapterAddress } from './embed-protocol.js'

/** A published adapter folder, by URL or as files. Its files are small enough to fetch whole; the HTTP cache stores them. */
export function adapterFolder(address: AdapterAddress, signal: AbortSignal): PublishedFolder {
  if ('files' in address) {
    const files = new Map([...address.files].map(([path, blob]) => [path.replace(/^.*\//, ''), blob]))
    return {
      name: 'the given adapter files',
      open: async (path) => {
        const blob = files.get(path)
        return blob ? blobSource(path, blob) : null
      },
    }
  }
  const source = httpSource(address.url)
  return {
    name: source.name,
    async open(path) {
      try {
        return bytesSource(path, await retrying(() => readFile(fileOf(source, path), { signal }), { signal }))
      } catch (error) {
        if (error instanceof Specter2Error && error.code === 'MODEL_NOT_FOUND') return null
        throw error
      }
    },
  }
}
