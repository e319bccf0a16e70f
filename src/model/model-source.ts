import { type ErrorDetails, InvalidArgumentError, Specter2Error } from '../core/errors.js'

/** Where the files of a model folder come from. */
export interface ModelSource {
  /** The folder as messages name it: its URL without the query. */
  readonly name: string
  /** Key under which the folder is cached; `null` where it never is, as with files that are at hand anyway. */
  readonly cacheKey: string | null
  /**
   * Starts to read a file.
   *
   * @throws Specter2Error `MODEL_NOT_FOUND` where there is no such file; `DOWNLOAD_FAILED` for anything else, `retryable` where
   *   it may pass, with `details.retryAfterMs` where the server asks for a pause.
   */
  open(path: string, options: OpenOptions): Promise<OpenedFile>
}

/** What of a file is wanted, and how. */
export interface OpenOptions {
  /** Default: the whole file. */
  range?: ByteRange | undefined
  /** As in `fetch`: `no-cache` asks the server whether the cached copy is current, `reload` ignores it. Default `default`. */
  cache?: 'default' | 'no-cache' | 'reload' | undefined
  /** Ends the request and the body. It is also aborted when a body has been read. */
  signal: AbortSignal
}

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  start: number
  end: number
}

/** The answer of a source: a body to read once. */
export interface OpenedFile {
  body: ReadableStream<Uint8Array>
  /** Whether `body` is the range that was asked for; a server without ranges gives the whole file. */
  ranged: boolean
  /** Size of the whole file in bytes, `null` where the source does not say. */
  byteLength: number | null
}

/**
 * A model folder on a web server.
 *
 * @param url Absolute URL of the folder or of its manifest.json. A query, such as `?token=x`, is sent with every file, and is
 *   neither part of the cache's key (tokens change) nor of messages (they get about).
 * @param options `fetch` replaces the global one.
 * @throws InvalidArgumentError where `url` is not absolute.
 */
export function httpSource(url: string, { fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch } = {}): ModelSource {
  const folder = folderUrl(url)
  const { search } = new URL(url)
  return {
    name: folder,
    cacheKey: folder,
    async open(path, { range, cache = 'default', signal }) {
      const fileUrl = `${folder}/${path.split('/').map(encodeURIComponent).join('/')}`
      const init = { headers: range ? { range: `bytes=${range.start}-${range.end - 1}` } : {}, cache, signal }
      let response: Response
      try {
        response = await fetch(fileUrl + search, init)
      } catch (cause) {
        const hint = 'The network or the server is down, or the server does not allow this site to read it (CORS).'
        throw downloadFailed(`${fileUrl} cannot be reached. ${hint}`, true, { url: fileUrl }, cause)
      }
      if (!response.ok) throw statusError(response, path, fileUrl)
      return openedFile(response, range, fileUrl)
    },
  }
}

/**
 * What a server's good answer to a request for `range` holds: that range, or the whole file.
 *
 * @throws Specter2Error `DOWNLOAD_FAILED` where it is another range.
 */
export function openedFile(response: Response, range: ByteRange | undefined, url: string): OpenedFile {
  const body = response.body ?? new Blob([]).stream()
  if (!range || response.status !== 206) return { body, ranged: false, byteLength: null }
  return { body, ranged: true, byteLength: checkContentRange(response, range, url) }
}

/**
 * A model folder as files, such as those dropped on a page. Never cached.
 *
 * @param files Files by path. The folder begins where the shallowest manifest.json lies, so paths may have a folder in front.
 */
export function filesSource(files: ReadonlyMap<string, Blob>): ModelSource {
  const manifests = [...files.keys()].filter((path) => /(^|\/)manifest\.json$/.test(path))
  const root = manifests.sort((a, b) => a.length - b.length)[0]?.replace(/manifest\.json$/, '') ?? ''
  return {
    name: 'the given files',
    cacheKey: null,
    async open(path, { range }) {
      const file = files.get(root + path)
      if (!file) {
        throw new Specter2Error(
          'MODEL_NOT_FOUND',
          `There is no ${path} among the ${files.size} files given. Give the whole model folder.`,
          {
            details: { file: path },
          },
        )
      }
      const body = (range ? file.slice(range.start, range.end) : file).stream()
      return { body, ranged: range !== undefined, byteLength: file.size }
    },
  }
}

/** Begins the addresses of models that were converted in this browser. */
export const CONVERTED = 'converted:'

/** A model that was converted in this browser: what the cache lacks is nowhere else. */
export function convertedSource(key: string): ModelSource {
  return {
    name: key,
    cacheKey: key,
    async open(path) {
      const message = `${key} is not, or not whole, in this browser's storage (${path} is missing). Give createEmbedder() the published files or the model's name, to convert it again.`
      throw new Specter2Error('MODEL_NOT_FOUND', message, { details: { url: key, file: path } })
    },
  }
}

/**
 * The absolute URL of a model folder without query, fragment, trailing slash or `manifest.json`: the key of its cache.
 *
 * @throws InvalidArgumentError where `url` is not absolute.
 */
export function folderUrl(url: string): string {
  let folder: URL
  try {
    folder = new URL(url)
  } catch {
    throw new InvalidArgumentError('url', url, 'the absolute URL of a model folder')
  }
  folder.search = ''
  folder.hash = ''
  folder.pathname = folder.pathname.replace(/\/manifest\.json$/, '')
  return folder.href.replace(/\/+$/, '')
}

function statusError(response: Response, path: string, url: string): Specter2Error {
  const { status } = response
  const details = { url, status, retryAfterMs: retryAfterMs(response.headers) }
  if (status === 404 || status === 410) {
    const hint =
      path === 'manifest.json'
        ? "Check the model's URL: it names a folder as `specter2-web convert` or, for the default model, `specter2-web assets` writes it."
        : 'The folder is incomplete.'
    return new Specter2Error('MODEL_NOT_FOUND', `${url} does not exist (${status}). ${hint}`, { details })
  }
  if (status === 401 || status === 403) {
    return downloadFailed(
      `${url} may not be read (${status}): it needs a login, a token or permission for this site.`,
      false,
      details,
    )
  }
  if (status === 416) {
    return downloadFailed(
      `${url} is shorter than its manifest.json says (416). It may be in the middle of an upload.`,
      true,
      details,
    )
  }
  const passes = mayPass(status)
  return downloadFailed(`${url} answered with status ${status}.${passes ? ' Try again later.' : ''}`, passes, details)
}

/** Whether a server that answers with this status may answer otherwise in a while. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

/** The pause that a server asks for in milliseconds, `null` where it asks for none. */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after')
  if (value === null) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms >= 0 ? ms : null
}

/** Size of the whole file by a Content-Range, which must give the range that was asked for, or the beginning of it. */
function checkContentRange(response: Response, range: ByteRange, url: string): number | null {
  const value = response.headers.get('content-range')
  // From another origin the header is hidden unless the server exposes it; then the hashes alone must do.
  if (value === null) return null
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(value)
  if (!match || Number(match[1]) !== range.start || Number(match[2]) >= range.end) {
    const expected = `bytes ${range.start}-${range.end - 1}/*`
    throw downloadFailed(`${url} answered with the range "${value}" where "${expected}" was asked for.`, false, {
      url,
      expected,
      actual: value,
    })
  }
  return match[3] === '*' ? null : Number(match[3])
}

function downloadFailed(message: string, retryable: boolean, details: ErrorDetails, cause?: unknown): Specter2Error {
  return new Specter2Error('DOWNLOAD_FAILED', message, { retryable, details, cause })
}
