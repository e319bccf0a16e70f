import { InvalidArgumentError, Specter2Error } from '../core/errors.js'
import { httpFile, type OpenedFile, type OpenOptions, type RemoteFile, type RequestOptions, statusError } from './http.js'

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

/** A file of a model folder. */
export function fileOf(source: ModelSource, path: string): RemoteFile {
  return { url: `${source.name}/${path}`, open: (options) => source.open(path, options) }
}

/**
 * A model folder on a web server.
 *
 * @param url Absolute URL of the folder or of its manifest.json. A query, such as `?token=x`, is sent with every file, and is
 *   neither part of the cache's key (tokens change) nor of messages (they get about).
 * @param options `fetch` replaces the global one.
 * @throws InvalidArgumentError where `url` is not absolute.
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
