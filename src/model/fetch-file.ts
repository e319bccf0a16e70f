import { retrying, type Sleep, within } from '../core/async/waiting.js'
import { type ErrorDetails, Specter2Error } from '../core/errors.js'
import { CHUNK_BYTES, chunkByteLength, type ManifestFile } from '../core/model-folder/manifest.js'
import { sha256Hex } from '../core/sha256.js'
import { withLock } from '../storage/web-locks.js'
import type { ByteRange } from './http.js'
import type { ChunkStore } from './model-cache.js'
import { fileOf, type ModelSource } from './model-source.js'
import { readStream } from './read-file.js'

/** Bytes that have arrived since the last call. Those downloaded twice count once, so that the sum ends at the file's size. */
export interface BytesLoaded {
  bytes: number
  from: 'cache' | 'network'
}

/** Options of {@link fetchFile}. */
export interface FetchFileOptions {
  /** Aborting rejects with its reason at once; verified chunks remain in the store. */
  signal?: AbortSignal | undefined
  onBytes?: ((loaded: BytesLoaded) => void) | undefined
  /** Longest silence of the server before the connection is closed, in milliseconds. Default 60,000. */
  stallMs?: number | undefined
  /** Waits between tries. Default: by the real clock. */
  sleep?: Sleep | undefined
}

/**
 * The verified bytes of one file of a model folder. Chunks in the store are read from there; each run of missing ones is
 * downloaded by one request and verified chunk by chunk, and each verified chunk is stored at once. After a failure the download
 * resumes after the last verified chunk; a wrong chunk is downloaded once more, bypassing the HTTP cache. The result belongs to
 * the caller.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND`; `DOWNLOAD_FAILED`; `DOWNLOAD_TRUNCATED` (retryable) if the file keeps ending too
 *   early; `HASH_MISMATCH` if its content differs from the manifest; `INVALID_MODEL` if its size differs or it is a web page.
 */
export async function fetchFile(
  source: ModelSource,
  path: string,
  file: ManifestFile,
  store: ChunkStore | null,
  { signal, onBytes, stallMs, sleep }: FetchFileOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted()
  const remote = fileOf(source, path)
  const { url } = remote
  const bytes = new Uint8Array(file.bytes)
  const verified = file.chunks.map(() => false)
  /** End of the bytes downloaded so far, for `onBytes`. */
  let seen = 0

  if (store) await takeStored(store)

  let cache: 'default' | 'reload' = 'default'
  const downloadMissing = async () => {
    for (let run = missingRun(file, verified); run; run = missingRun(file, verified)) {
      try {
        await downloadRun(run)
      } catch (error) {
        // The usual reason for wrong content is an older copy in the HTTP cache, so ask the server itself, once.
        if (cache === 'reload' || !isWrongContent(error)) throw error
        cache = 'reload'
      }
    }
  }
  const download = () => retrying(downloadMissing, { signal, sleep, progress: () => verified.filter(Boolean).length })
  if (verified.every(Boolean)) return bytes
  if (!store) await download()
  else {
    // Two embedders or tabs download it once: the second finds what the first has stored.
    await withLock(
      `specter2-web:download:${file.bytes}:${file.chunks[0]}`,
      async () => {
        await takeStored(store)
        await download()
      },
      signal,
    )
  }
  return bytes

  async function takeStored(store: ChunkStore): Promise<void> {
    for (const [index, hash] of file.chunks.entries()) {
      if (verified[index]) continue
      const stored = await within(store.read(hash), { signal })
      if (!stored) continue
      const chunk = new Uint8Array(stored)
      const { start, end } = chunkRange(file, index)
      // Stored chunks are verified as well: a damaged one counts as missing.
      if (chunk.length !== end - start || (await sha256Hex(chunk)) !== hash) continue
      bytes.set(chunk, start)
      verified[index] = true
      onBytes?.({ bytes: chunk.length, from: 'cache' })
    }
  }

  /** Downloads missing chunks: those of `run`, or of the whole file if the source does not support ranges. */
  async function downloadRun(run: ByteRange): Promise<void> {
    // Only send a range if one is needed: without it, proxies may compress, and older browsers send no CORS preflight.
    const range = run.end - run.start < file.bytes ? run : undefined
    let [start, end] = [0, file.bytes]
    let position = 0
    await readStream(
      remote,
      { range, cache, signal, stallMs },
      ({ ranged, byteLength }) => {
        if (byteLength !== null && byteLength !== file.bytes)
          throw wrongContent(`has ${byteLength} bytes, not ${file.bytes}`, { expected: file.bytes, actual: byteLength })
        if (ranged) ({ start, end } = run)
        position = start
      },
      async (piece) => {
        const found = position === 0 ? standIn(piece) : null
        if (found) throw wrongContent(`is ${found}`, { found })
        if (position + piece.length > end)
          throw wrongContent(`sends more than the requested ${end - start} bytes`, { expected: end - start, actual: 'more' })
        await take(piece, position)
        position += piece.length
      },
    )
    if (position < end) {
      throw new Specter2Error('DOWNLOAD_TRUNCATED', `${url} ended after ${position} of ${end} bytes. Try again.`, {
        retryable: true,
        details: { url, expected: end, actual: position },
      })
    }
  }

  /** Copies a piece to its place, and verifies and stores each chunk that it completes. */
  async function take(piece: Uint8Array, position: number): Promise<void> {
    for (let taken = 0; taken < piece.length; ) {
      const index = Math.floor((position + taken) / CHUNK_BYTES)
      const chunkEnd = chunkRange(file, index).end
      const part = piece.subarray(taken, taken + chunkEnd - (position + taken))
      const partEnd = position + taken + part.length
      taken += part.length
      // A server without ranges also sends chunks that are already there.
      if (verified[index]) continue
      bytes.set(part, partEnd - part.length)
      if (partEnd > seen) {
        onBytes?.({ bytes: Math.min(part.length, partEnd - seen), from: 'network' })
        seen = partEnd
      }
      if (partEnd === chunkEnd) await accept(index)
    }
  }

  async function accept(index: number): Promise<void> {
    const { start, end } = chunkRange(file, index)
    const expected = file.chunks[index]!
    const actual = await sha256Hex(bytes.subarray(start, end))
    if (actual !== expected) {
      const message = `${url} is not the file that its manifest.json describes: chunk ${index} has SHA-256 ${actual}, not ${expected}.`
      throw new Specter2Error('HASH_MISMATCH', `${message} If the folder was just published anew, load the model again.`, {
        details: { url, file: path, chunk: index, expected, actual },
      })
    }
    if (store) await within(store.write(expected, bytes.buffer.slice(start, end)), { signal })
    verified[index] = true
  }

  function wrongContent(found: string, details: ErrorDetails): Specter2Error {
    const message = `${url} ${found}: it is not the file that its manifest.json describes.`
    return new Specter2Error(
      'INVALID_MODEL',
      `${message} Check what the server sends for this URL, or publish the folder again.`,
      { details: { url, file: path, ...details } },
    )
  }
}

function chunkRange(file: ManifestFile, index: number): ByteRange {
  const start = index * CHUNK_BYTES
  return { start, end: start + chunkByteLength(file, index) }
}

/** The first run of missing chunks. */
function missingRun(file: ManifestFile, verified: readonly boolean[]): ByteRange | null {
  const first = verified.indexOf(false)
  if (first < 0) return null
  const next = verified.indexOf(true, first)
  return { start: chunkRange(file, first).start, end: next < 0 ? file.bytes : chunkRange(file, next).start }
}

/** What servers are known to send, with status 200, instead of a missing file. */
function standIn(beginning: Uint8Array): string | null {
  const text = new TextDecoder().decode(beginning.subarray(0, 100))
  if (/^\s*<(!doctype|html)/i.test(text)) return 'a web page'
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer'
  return null
}

function isWrongContent(error: unknown): boolean {
  return error instanceof Specter2Error && (error.code === 'HASH_MISMATCH' || error.code === 'INVALID_MODEL')
}
