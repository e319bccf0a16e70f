import { openIndexFile } from '../../core/index-file/index-file.js'
import { isGivenModel } from '../../core/model-folder/given-model.js'
import { modelKey } from '../../core/model-folder/model-stamp.js'
import { httpFile } from '../../model/http.js'
import { type StreamOptions, streamFile } from '../../model/read-file.js'
import type { Report } from '../rpc/protocol.js'
import type { ImportResult, ImportSource, IndexProgress } from './library-protocol.js'
import type { StoredIndex } from './stored-index.js'

/**
 * Adds the papers of an index file, with its vectors unless the index has vectors of another model. Works part by part: if the
 * file is cut off, the papers before the cut are stored, and importing it again adds only the missing ones.
 *
 * @param once Whether to skip the file that was imported last.
 * @param http How to read a URL. Default: with retries, and failing if the server sends nothing for a minute.
 * @throws Specter2Error as openIndexFile and, for a URL, as streamFile; the signal's reason.
 */
export async function importIndex(
  index: StoredIndex,
  source: ImportSource,
  once: boolean,
  report: Report<IndexProgress>,
  signal: AbortSignal,
  http: Pick<StreamOptions, 'stallMs' | 'sleep'> = {},
): Promise<ImportResult> {
  const result: ImportResult = { added: 0, updated: 0, unchanged: 0, reused: 0, otherModel: false }
  // Closes the connection if the file is not read to its end.
  const reading = new AbortController()
  try {
    // Opening an index that already has papers should not wait long for a server that is down.
    const retryStart = !once || index.importedFrom === null
    const { stream, name } = openSource(source, { ...http, retryStart, signal: AbortSignal.any([signal, reading.signal]) })
    const { header, parts, data } = await openIndexFile(stream, name)
    if (once && header.id === index.importedFrom) return result
    let done = 0
    for await (const part of parts) {
      signal.throwIfAborted()
      const papers = part.map(({ paper }) => paper)
      const given = header.model && { model: header.model, vectors: part.map(({ vector }) => vector) }
      const by = header.model && isGivenModel(header.model) ? 'given' : undefined
      const { added, updated, unchanged, reused } = await index.put(papers, given, by)
      result.added += added
      result.updated += updated
      result.unchanged += unchanged
      result.reused += reused
      done += part.length
      await report({ done, total: header.papers })
    }
    await index.setData(data, header.id)
    const { model } = await index.state()
    result.otherModel = header.model !== null && model !== null && modelKey(model) !== modelKey(header.model)
    return result
  } finally {
    reading.abort()
  }
}

function openSource(source: ImportSource, options: StreamOptions): { stream: ReadableStream<Uint8Array>; name: string } {
  if ('blob' in source) {
    const { blob } = source
    return { stream: blob.stream(), name: blob instanceof File ? blob.name : 'The given file' }
  }
  const file = httpFile(source.url)
  return { stream: streamFile(file, options), name: file.url }
}
