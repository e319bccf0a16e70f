import { retrying, type Sleep } from '../../core/async/waiting.js'
import type { ByteSource } from '../../core/checkpoint/byte-source.js'
import { Specter2Error } from '../../core/errors.js'
import { fileOf, type ModelSource } from '../model-source.js'
import { readStream } from '../read-file.js'
import type { DownloadStore, PartialDownload, StoredFile } from './download-store.js'
import { type FileHash, type HashFileOptions, hashFile } from './file-hash.js'

/** Options of {@link downloadFile}. */
export interface DownloadFileOptions extends HashFileOptions {
  /** Called with the number of bytes downloaded so far, including those of an interrupted download. */
  onBytes?: ((held: number) => void) | undefined
  /** Longest silence of the server before the connection is closed, in milliseconds. Default 60,000. */
  stallMs?: number | undefined
  /** Waits between tries. Default: by the real clock. */
  sleep?: Sleep | undefined
}

/**
 * A file from the store; if it is not there, downloads it from `source` into the store. After a failure the download resumes from
 * the byte where it broke, now or at a later call. The whole file is verified by `hash`; if that is wrong, it is downloaded once
 * more from the beginning.
 *
 * No validator (`If-Range`) is sent: a file of a commit never changes, its hash would reveal if it did, and the ETags of the hub
 * and its content network differ for the same file.
 *
 * @throws Specter2Error what `source.open` throws; `DOWNLOAD_TRUNCATED` (retryable); `HASH_MISMATCH`.
 */
export async function downloadFile(
  source: ModelSource,
  file: StoredFile,
  hash: FileHash | null,
  store: DownloadStore,
  { signal, onBytes, stallMs, sleep, createHash }: DownloadFileOptions = {},
): Promise<ByteSource> {
  signal?.throwIfAborted()
  const remote = fileOf(source, file.path)
  const { url } = remote
  const kept = await store.find(file)
  if (kept) return kept
  const partial = await store.begin(file)
  try {
    for (let again = false; ; again = true) {
      try {
        await retrying(() => fetchRest(partial, again), { signal, sleep, progress: () => partial.held })
        await check(partial)
        return await partial.commit()
      } catch (error) {
        if (!isWrongContent(error)) throw error
        await partial.discard()
        if (again) throw error
      }
    }
  } finally {
    await partial.release()
  }

  async function fetchRest(partial: PartialDownload, again: boolean): Promise<void> {
    onBytes?.(partial.held)
    if (partial.held === file.byteLength) return
    const range = partial.held > 0 ? { start: partial.held, end: file.byteLength } : undefined
    /** Bytes that a server without ranges sends once more. */
    let known = 0
    await readStream(
      remote,
      { range, cache: again ? 'reload' : 'default', signal, stallMs },
      ({ ranged, byteLength }) => {
        if (byteLength !== null && byteLength !== file.byteLength) throw wrongContent('bytes', file.byteLength, byteLength)
        known = ranged ? 0 : partial.held
      },
      async (piece) => {
        const news = piece.subarray(known)
        known -= piece.length - news.length
        if (partial.held + news.length > file.byteLength) throw wrongContent('bytes', file.byteLength, 'more')
        if (news.length === 0) return
        await partial.append(news)
        onBytes?.(partial.held)
      },
    )
    if (partial.held < file.byteLength) {
      const message = `${url} ended after ${partial.held} of ${file.byteLength} bytes. Try again: it resumes from there.`
      throw new Specter2Error('DOWNLOAD_TRUNCATED', message, {
        retryable: true,
        details: { url, file: file.path, expected: file.byteLength, actual: partial.held },
      })
    }
  }

  async function check(partial: PartialDownload): Promise<void> {
    if (!hash) return
    const actual = await hashFile(await partial.source(), hash.algorithm, { signal, createHash })
    if (actual !== hash.hex) throw wrongContent(hash.algorithm, hash.hex, actual)
  }

  function wrongContent(what: string, expected: string | number, actual: string | number): Specter2Error {
    const message = `${url} is not the file that the hub lists: ${what} ${actual}, not ${expected}. A proxy or a mirror may have changed it: try again, or without the proxy.`
    return new Specter2Error('HASH_MISMATCH', message, { details: { url, file: file.path, expected, actual } })
  }
}

/** Whether the downloaded bytes may be wrong: 416 means that the file ends before them. */
function isWrongContent(error: unknown): boolean {
  return error instanceof Specter2Error && (error.code === 'HASH_MISMATCH' || error.details.status === 416)
}
