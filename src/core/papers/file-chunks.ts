import { pauses } from '../async/pauses.js'
import { Specter2Error } from '../errors.js'
import type { PaperFile } from './paper-file.js'

/** Decoded, and reported as progress, in one step; a browser may deliver megabytes at once. */
const CHUNK_BYTES = 65_536

/**
 * A file's bytes in chunks, with pauses in which a worker can receive an abort.
 *
 * @param onBytes Called with the size of each chunk before it is yielded.
 * @throws Specter2Error `UNREADABLE_FILE`; the signal's reason.
 */
export async function* fileChunks(
  file: PaperFile,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const pause = pauses(signal)
  for await (const bytes of bytesOf(file, signal))
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      await pause()
      signal?.throwIfAborted()
      const chunk = bytes.subarray(at, at + CHUNK_BYTES)
      onBytes(chunk.length)
      yield chunk
    }
}

async function* bytesOf(file: PaperFile, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
  try {
    const stream = file.stream()
    if (Symbol.asyncIterator in stream) yield* stream
    else yield* iterate(stream as ReadableStream<Uint8Array>)
  } catch (cause) {
    signal?.throwIfAborted()
    const message = `The file cannot be read: ${(cause as Error).message}. It may have changed; choose it again.`
    throw new Specter2Error('UNREADABLE_FILE', message, { cause })
  }
}

/** For Safari, whose streams are not iterable. */
async function* iterate(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
