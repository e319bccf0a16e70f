import { Specter2Error } from '../../core/errors.js'
import { openIndexFile } from '../../core/index-file/index-file.js'
import { modelKey } from '../../core/model-folder/model-stamp.js'
import { checkPaper } from '../../core/papers/check-paper.js'
import type { Report } from '../rpc/protocol.js'
import type { CountProgress, ImportResult, ImportSource } from './library-protocol.js'
import type { StoredIndex } from './stored-index.js'

/**
 * Takes the papers of an index file, and its vectors where the index has none of another model. Part by part, so that one that
 * ends in the middle has left whole papers, and does no more the next time than what is missing.
 *
 * @param once Whether the file that was imported last is left alone.
 * @throws Specter2Error as openIndexFile; `DOWNLOAD_FAILED` for a URL that cannot be read; the signal's reason.
 */
export async function importIndex(
  index: StoredIndex,
  source: ImportSource,
  once: boolean,
  report: Report<CountProgress>,
  signal: AbortSignal,
): Promise<ImportResult> {
  const result: ImportResult = { added: 0, updated: 0, unchanged: 0, reused: 0, otherModel: false }
  // Ends the connection where not all of the file is read.
  const reading = new AbortController()
  try {
    const { stream, name } = await openSource(source, AbortSignal.any([signal, reading.signal]))
    const { header, parts } = await openIndexFile(stream, name)
    if (once && header.id === index.importedFrom) return result
    let done = 0
    for await (const part of parts) {
      signal.throwIfAborted()
      const papers = part.map(({ paper }, position) => checkPaper(`${name}: paper ${done + position + 1}`, paper))
      const given = header.model && { model: header.model, vectors: part.map(({ vector }) => vector) }
      const { added, updated, unchanged, reused } = await index.put(papers, given)
      result.added += added
      result.updated += updated
      result.unchanged += unchanged
      result.reused += reused
      done += part.length
      await report({ done, total: header.papers })
    }
    await index.setImportedFrom(header.id)
    const { model } = await index.state()
    result.otherModel = header.model !== null && model !== null && modelKey(model) !== modelKey(header.model)
    return result
  } finally {
    reading.abort()
  }
}

async function openSource(
  source: ImportSource,
  signal: AbortSignal,
): Promise<{ stream: ReadableStream<Uint8Array>; name: string }> {
  if ('blob' in source) {
    const { blob } = source
    return { stream: blob.stream(), name: blob instanceof File ? blob.name : 'The given file' }
  }
  const { url } = source
  let response: Response
  try {
    response = await fetch(url, { signal })
  } catch (cause) {
    signal.throwIfAborted()
    const message = `${url} cannot be reached. The network or the server is down, or the server does not allow this site to read it (CORS).`
    throw new Specter2Error('DOWNLOAD_FAILED', message, { retryable: true, details: { url }, cause })
  }
  if (!response.ok || !response.body) {
    const { status } = response
    const message = `${url} answered with status ${status}. Check the URL of the index.`
    throw new Specter2Error('DOWNLOAD_FAILED', message, { retryable: status >= 500, details: { url, status } })
  }
  return { stream: response.body, name: url }
}
