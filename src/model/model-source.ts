import { InvalidArgumentError, Specter2Error } from '../core/errors.js'
import { httpFile, type OpenedFile, type OpenOptions, type RemoteFile, type RequestOptions, statusError } from './http.js'

/** Source of the files of a model folder. */
export interface ModelSource {
  /** Name of the folder in messages: its URL without the query. */
  readonly name: string
  /** Key under which the folder is cached; `null` if it never is, as for local files. */
  readonly cacheKey: string | null
  /**
   * Starts to read a file.
   *
   * @throws Specter2Error `MODEL_NOT_FOUND` if the file does not exist; `DOWNLOAD_FAILED` for any other failure, `retryable` if
   *   it may pass, with `details.retryAfterMs` if the server asks for a pause.
   */
  open(path: string, options: OpenOptions): Promise<OpenedFile>
}

/** A file of a model folder. */
export function fileOf(source: ModelSource, path: string): RemoteFile {
  return { url: `${source.name}/${path}`, open: (options) => source.open(path, options) }
}

/**
 * A model folder on a web server.
 *
 * @param url Absolute URL of the folder or of its manifest.json. A query, such as `?token=x`, is sent with every request, but
 *   is not part of the cache key (tokens change) or of messages (others may read them).
 * @param options `fetch` replaces the global one.
 * @throws InvalidArgumentError if `url` is not absolute.
 */
export function httpSource(url: string, { fetch }: Pick<RequestOptions, 'fetch'> = {}): ModelSource {
  const folder = folderUrl(url)
  const { search } = new URL(url)
  return {
    name: folder,
    cacheKey: folder,
    open(path, options) {
      const missing = (response: Response, fileUrl: string) => {
        const error = statusError(response, fileUrl)
        if (response.status !== 404 && response.status !== 410) return error
        const hint =
          path === 'manifest.json'
            ? "Check the model's URL: it names a folder as `specter2-web convert` or, for the default model, `specter2-web assets` writes it."
            : 'The folder is incomplete.'
        const message = `${fileUrl} does not exist (${response.status}). ${hint}`
        return new Specter2Error('MODEL_NOT_FOUND', message, { details: error.details })
      }
      return httpFile(`${folder}/${encodePath(path)}${search}`, { fetch, statusError: missing }).open(options)
    },
  }
}

/** A path as part of a URL. */
export const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/**
 * A model folder from files, such as those dropped on a page. Never cached.
 *
 * @param files Files by path. The folder is the one of the shallowest manifest.json, so paths may begin with other folders.
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
          `The ${files.size} given files do not include ${path}. Give the whole model folder.`,
          { details: { file: path } },
        )
      }
      const body = (range ? file.slice(range.start, range.end) : file).stream()
      return { body, ranged: range !== undefined, byteLength: file.size }
    },
  }
}

/** Prefix of the addresses of models that were converted in this browser. */
export const CONVERTED = 'converted:'

/** A model that was converted in this browser. Its files are only in the cache, so this source has none. */
export function convertedSource(key: string): ModelSource {
  return {
    name: key,
    cacheKey: key,
    async open(path) {
      const message = `${key} is not in this browser's storage, or not completely (${path} is missing). Give createEmbedder() the published files or the model's name to convert it again.`
      throw new Specter2Error('MODEL_NOT_FOUND', message, { details: { url: key, file: path } })
    },
  }
}

/**
 * The URL of a model folder without query, fragment, trailing slash or `manifest.json`: the key of its cache.
 *
 * @throws InvalidArgumentError if `url` is not absolute.
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
