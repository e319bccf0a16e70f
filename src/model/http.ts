import { type ErrorDetails, Specter2Error } from '../core/errors.js'

/** Bytes from `start` up to, not including, `end`; an `end` of `Infinity` means the end of the file. */
export interface ByteRange {
  start: number
  end: number
}

/** Which bytes of a file to read, and how. */
export interface OpenOptions {
  /** Default: the whole file. */
  range?: ByteRange | undefined
  /** As in `fetch`: `no-cache` asks the server whether the cached copy is current, `reload` ignores it. Default `default`. */
  cache?: 'default' | 'no-cache' | 'reload' | undefined
  /** Ends the request and the body. It is also aborted once the body has been read. */
  signal: AbortSignal
}

/** An answer: a body to read once. */
export interface OpenedFile {
  body: ReadableStream<Uint8Array>
  /** Whether `body` is the requested range; a server without ranges sends the whole file. */
  ranged: boolean
  /** Size of the whole file in bytes, `null` if unknown. */
  byteLength: number | null
}

/** A file that can be requested several times. */
export interface RemoteFile {
  /** The file as messages name it: its URL without the query, which may hold a token. */
  readonly url: string
  /**
   * Starts to read the file.
   *
   * @throws Specter2Error `DOWNLOAD_FAILED`, `retryable` if the failure may pass, with `details.retryAfterMs` if the server asks
   *   for a pause; some files throw `MODEL_NOT_FOUND` if they do not exist.
   */
  open(options: OpenOptions): Promise<OpenedFile>
}

/** Options of {@link request}. */
export interface RequestOptions {
  /** Replaces the global one. */
  fetch?: typeof globalThis.fetch | undefined
  /** Why the server may be unreachable, for the message. */
  hint?: string
  /** The error of an answer without success. Default {@link statusError}. */
  statusError?: (response: Response, url: string) => Specter2Error
}

/** The file at `url`. */
export function httpFile(url: string, options: RequestOptions & { headers?: Headers } = {}): RemoteFile {
  const name = withoutQuery(url)
  return {
    url: name,
    async open({ range, cache = 'default', signal }) {
      const headers = new Headers(options.headers)
      if (range) headers.set('range', contentRange(range, '='))
      return openedFile(await request(url, { headers, cache, signal }, options), range, name)
    },
  }
}

/**
 * A successful answer of a server.
 *
 * @throws Specter2Error `DOWNLOAD_FAILED` if the server cannot be reached; otherwise what `statusError` returns. Otherwise, the
 *   signal's reason.
 */
export async function request(url: string, init: RequestInit, options: RequestOptions = {}): Promise<Response> {
  const { fetch = globalThis.fetch, statusError: errorOf = statusError } = options
  const name = withoutQuery(url)
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (cause) {
    init.signal?.throwIfAborted()
    const hint = options.hint ?? 'The network or the server is down, or the server does not allow this site to read it (CORS).'
    throw downloadFailed(`${name} cannot be reached. ${hint}`, true, { url: name }, cause)
  }
  if (response.ok) return response
  await response.body?.cancel().catch(() => {})
  throw errorOf(response, name)
}

/** The body of a successful answer to a request for `range`: that range, or the whole file. */
export function openedFile(response: Response, range: ByteRange | undefined, url: string): OpenedFile {
  const { body, status } = response
  if (!body) throw downloadFailed(`${url} answered with status ${status} and no content.`, false, { url, status })
  if (!range || status !== 206) return { body, ranged: false, byteLength: null }
  return { body, ranged: true, byteLength: checkContentRange(response, range, url) }
}

/** The error of a server's answer, by its status. */
export function statusError({ status, headers }: Response, url: string): Specter2Error {
  const fail = (found: string, retryable: boolean) =>
    downloadFailed(`${url} ${found}`, retryable, { url, status, retryAfterMs: retryAfterMs(headers) })
  if (status === 404 || status === 410) return fail(`does not exist (${status}). Check the URL.`, false)
  if (status === 401 || status === 403)
    return fail(`may not be read (${status}): it needs a login, a token or permission for this site.`, false)
  if (status === 416) return fail('is shorter than expected (416). Its upload may not be complete.', true)
  const retryable = mayPass(status)
  return fail(`answered with status ${status}.${retryable ? ' Try again later.' : ''}`, retryable)
}

/** Whether a server that answers with this status may answer differently in a while. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

/** The pause that a server asks for in milliseconds, `null` if it asks for none. */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after')
  if (value === null) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms >= 0 ? ms : null
}

export function downloadFailed(message: string, retryable: boolean, details: ErrorDetails, cause?: unknown): Specter2Error {
  return new Specter2Error('DOWNLOAD_FAILED', message, { retryable, details, cause })
}

export const withoutQuery = (url: string) => url.replace(/[?#].*$/s, '')

const contentRange = ({ start, end }: ByteRange, separator: string) =>
  `bytes${separator}${start}-${Number.isFinite(end) ? end - 1 : ''}`

/** Size of the whole file by a Content-Range, which must give the requested range or the beginning of it. */
function checkContentRange(response: Response, range: ByteRange, url: string): number | null {
  const value = response.headers.get('content-range')
  // Servers of other origins hide the header unless they expose it; the content's hashes must do then.
  if (value === null) return null
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(value)
  if (!match || Number(match[1]) !== range.start || Number(match[2]) >= range.end) {
    const expected = `${contentRange(range, ' ')}/*`
    const message = `${url} answered with the range "${value}" to a request for "${expected}".`
    throw downloadFailed(message, false, { url, expected, actual: value })
  }
  return match[3] === '*' ? null : Number(match[3])
}
