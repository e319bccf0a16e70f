import { retrying, type Sleep, within } from '../core/async/waiting.js'
import { Specter2Error } from '../core/errors.js'
import { downloadFailed, type OpenedFile, type OpenOptions, type RemoteFile } from './http.js'

/** A server that sends nothing for so long is considered dead; slow ones send a little now and then. */
const STALL_MS = 60_000

/** Which bytes to read, and how long to wait for them. */
export interface ReadOptions extends Omit<OpenOptions, 'signal'> {
  signal?: AbortSignal | undefined
  /** Longest silence of the server before the connection is closed, in milliseconds. Default 60,000. */
  stallMs?: number | undefined
}

/** Options of {@link streamFile}. */
export interface StreamOptions extends Omit<ReadOptions, 'range'> {
  /** Waits between tries. Default: by the real clock. */
  sleep?: Sleep | undefined
  /** Whether to retry failures before the first byte as well. Default `true`. */
  retryStart?: boolean | undefined
}

/**
 * Reads one answer for a file: `onPiece` gets its bytes in order, each piece after it has dealt with the one before. The
 * connection is closed at the end, whatever the reason. Aborting rejects with the signal's reason at once.
 *
 * @throws Specter2Error `DOWNLOAD_FAILED` (retryable) after `stallMs` of silence; `DOWNLOAD_TRUNCATED` (retryable) if the
 *   connection breaks in the middle; what `file.open` throws.
 */
export async function readStream(
  file: RemoteFile,
  { signal, stallMs = STALL_MS, range, cache }: ReadOptions,
  onOpen: (opened: OpenedFile) => void,
  onPiece: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const { url } = file
  const connection = new AbortController()
  const onLimit = () => {
    throw downloadFailed(`${url} has sent nothing for ${stallMs / 1000} s. Try again later.`, true, { url })
  }
  const alive = <T>(step: Promise<T>) => within(step, { signal, limitMs: stallMs, onLimit })
  try {
    const opened = await alive(file.open({ range, cache, signal: connection.signal }))
    onOpen(opened)
    const reader = opened.body.getReader()
    const read = () =>
      reader.read().catch((cause) => {
        throw truncated(`The connection broke while ${url} was read. Try again.`, { url }, cause)
      })
    for (;;) {
      const { done, value } = await alive(read())
      if (done) return
      await onPiece(value)
    }
  } finally {
    connection.abort()
  }
}

/** All bytes of a file, by one request; throws as {@link readStream}. The result belongs to the caller. */
export async function readFile(file: RemoteFile, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  await readStream(
    file,
    options,
    () => {},
    (piece) => void pieces.push(new Uint8Array(piece)),
  )
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

/**
 * The bytes of a file as a stream. After a failure that may pass, the file is requested again from the byte where it broke.
 * No validator is sent, so its content has to be checked by hashes of its own. To stop early, abort `signal`.
 *
 * The stream fails with `DOWNLOAD_FAILED`, `DOWNLOAD_TRUNCATED` or the signal's reason.
 */
export function streamFile(
  file: RemoteFile,
  { signal, stallMs, cache, sleep, retryStart = true }: StreamOptions = {},
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  /** Bytes that the stream has taken. */
  let position = 0

  const readRest = async () => {
    const range = position > 0 ? { start: position, end: Number.POSITIVE_INFINITY } : undefined
    /** Bytes that a server without ranges sends once more. */
    let known = 0
    let expected: number | null = null
    await readStream(
      file,
      { signal, stallMs, cache, range },
      (opened) => {
        expected = opened.byteLength
        known = opened.ranged ? 0 : position
      },
      async (piece) => {
        const news = piece.subarray(known)
        known -= piece.length - news.length
        await within(writer.write(news), { signal })
        position += news.length
      },
    )
    const { url } = file
    const found = position - known
    if (known > 0 || (expected !== null && found < expected))
      throw truncated(`${url} ended after ${found} bytes. Try again.`, { url, expected: expected ?? position, actual: found })
  }

  const retry = () => retrying(readRest, { signal, sleep, progress: () => position })
  const first = retryStart ? retry() : readRest().catch((error) => (position > 0 ? retry() : Promise.reject(error)))
  first
    .then(() => writer.close())
    .catch((error) => writer.abort(error))
    .catch(() => {})
  return readable
}

function truncated(message: string, details: Specter2Error['details'], cause?: unknown): Specter2Error {
  return new Specter2Error('DOWNLOAD_TRUNCATED', message, { retryable: true, details, cause })
}
