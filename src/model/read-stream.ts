import { within } from '../core/async/waiting.js'
import { Specter2Error } from '../core/errors.js'
import type { ModelSource, OpenedFile, OpenOptions } from './model-source.js'

/** A server that sends nothing for so long is taken for dead; slow ones send a little now and then. */
const STALL_MS = 60_000

/** What {@link readStream} asks for, and how long it is patient. */
export interface ReadStreamOptions extends Omit<OpenOptions, 'signal'> {
  signal?: AbortSignal | undefined
  /** Longest silence of the source before the connection is given up, in milliseconds. Default 60,000. */
  stallMs?: number | undefined
}

/**
 * Reads one answer of a source: `onPiece` gets its bytes in order, each piece when the one before has been dealt with. The
 * connection is closed when it ends, whatever the reason. Aborting rejects with the signal's reason at once.
 *
 * @throws Specter2Error `DOWNLOAD_FAILED` (retryable) after `stallMs` of silence; `DOWNLOAD_TRUNCATED` (retryable) where the
 *   connection breaks in the middle; what `source.open` throws.
 */
export async function readStream(
  source: ModelSource,
  path: string,
  { signal, stallMs = STALL_MS, range, cache }: ReadStreamOptions,
  onOpen: (opened: OpenedFile) => void,
  onPiece: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const url = `${source.name}/${path}`
  const connection = new AbortController()
  const alive = <T>(step: Promise<T>) =>
    within(step, {
      signal,
      limitMs: stallMs,
      onLimit: () => {
        throw new Specter2Error('DOWNLOAD_FAILED', `${url} has sent nothing for ${stallMs / 1000} s. Try again later.`, {
          retryable: true,
          details: { url },
        })
      },
    })
  try {
    const opened = await alive(source.open(path, { range, cache, signal: connection.signal }))
    onOpen(opened)
    const reader = opened.body.getReader()
    const read = () =>
      reader.read().catch((cause) => {
        throw new Specter2Error('DOWNLOAD_TRUNCATED', `The connection broke while ${url} was read. Try again.`, {
          retryable: true,
          details: { url },
          cause,
        })
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
