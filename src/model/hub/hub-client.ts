import { listFiles, modelInfo } from '@huggingface/hub'
import { retrying, type Sleep } from '../../core/async/waiting.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import {
  downloadFailed,
  httpFile,
  mayPass,
  openedFile,
  type RequestOptions,
  request,
  retryAfterMs,
  withoutQuery,
} from '../http.js'
import { encodePath, type ModelSource } from '../model-source.js'
import { readFile } from '../read-file.js'
import type { FileHash } from './file-hash.js'

/** How to reach a hub. */
export interface HubClientOptions {
  /** The hub's URL, such as a mirror's. Default `https://huggingface.co`. */
  endpoint?: string | undefined
  /** For private and gated repositories; sent to the endpoint only. */
  token?: string | undefined
  /** Replaces the global one. */
  fetch?: typeof globalThis.fetch | undefined
  /** Aborting rejects with its reason at once. */
  signal?: AbortSignal | undefined
  /** Longest silence of the hub before the connection is closed, in milliseconds. Default 60,000. */
  stallMs?: number | undefined
  /** Waits between tries. Default: by the real clock. */
  sleep?: Sleep | undefined
}

/** A repository at one commit. */
export interface HubRepository {
  /** Its current name: the hub also finds renamed repositories by their old names. */
  readonly repo: string
  /** 40 hex digits. */
  readonly commit: string
  /** The licence in its card, such as `apache-2.0`; `null` if there is none. */
  readonly license: string | null
  /** By path. */
  readonly files: ReadonlyMap<string, HubFile>
}

/** A file as the hub lists it. */
export interface HubFile {
  readonly byteLength: number
  /** `null` if the hub lists none. */
  readonly hash: FileHash | null
}

const DEFAULT_ENDPOINT = 'https://huggingface.co'
/** An owner and a name; neither may be `.` or `..`, since they become folders. */
const REPO_NAME = /^\w[\w.-]*\/\w[\w.-]*$/

/** What a request is about, for messages. */
interface Asked {
  repo: string
  revision: string
}

/** A hub of models, such as huggingface.co: lists repositories and opens their files. */
export class HubClient {
  readonly endpoint: string
  readonly #options: HubClientOptions

  /** @throws InvalidArgumentError if `endpoint` is not an http(s) URL. */
  constructor(options: HubClientOptions = {}) {
    this.endpoint = endpointUrl(options.endpoint ?? DEFAULT_ENDPOINT)
    this.#options = options
  }

  /**
   * @param revision Branch, tag or commit.
   * @throws Specter2Error `MODEL_NOT_FOUND` for an unknown repository or revision; `DOWNLOAD_FAILED`.
   */
  async repository(repo: string, revision = 'main'): Promise<HubRepository> {
    if (!REPO_NAME.test(repo)) throw new InvalidArgumentError('repo', repo, 'the name of a repository as owner/name')
    const hub = { hubUrl: this.endpoint, fetch: this.#fetchWhole({ repo, revision }) }
    try {
      const info = await modelInfo({ name: repo, revision, additionalFields: ['sha', 'cardData'], ...hub })
      const name = REPO_NAME.test(info.name) ? info.name : repo
      const { sha: commit } = info
      if (!/^[0-9a-f]{40}$/.test(commit)) throw new TypeError('It gives no commit.')
      const files = new Map<string, HubFile>()
      for await (const { type, path, size, oid, lfs } of listFiles({ repo: name, revision: commit, recursive: true, ...hub })) {
        if (type !== 'file') continue
        if (!Number.isSafeInteger(size)) throw new TypeError(`It gives no size of ${path}.`)
        files.set(path, { byteLength: size, hash: fileHash(lfs?.oid, oid) })
      }
      const { license } = (info.cardData ?? {}) as { license?: unknown }
      return { repo: name, commit, license: typeof license === 'string' ? license : null, files }
    } catch (cause) {
      if (this.#options.signal?.aborted || cause instanceof Specter2Error) throw cause
      const url = `${this.endpoint}/${repo}`
      const found = cause instanceof Error ? cause.message : String(cause)
      throw downloadFailed(`${url} was not listed as by a hub: ${found} Check the endpoint (HF_ENDPOINT).`, false, { url }, cause)
    }
  }

  /** The files of a repository. */
  source({ repo, commit }: HubRepository): ModelSource {
    const name = `${this.endpoint}/${repo}/resolve/${commit}`
    return {
      name,
      cacheKey: null,
      open: (path, options) => {
        const url = `${name}/${encodePath(path)}`
        return httpFile(url, { headers: this.#headers(url), ...this.#requestOptions({ repo, revision: commit }) }).open(options)
      },
    }
  }

  /** A `fetch` that resolves when the whole answer has come, and retries failures that may pass. */
  #fetchWhole(asked: Asked): typeof globalThis.fetch {
    const { signal, sleep, stallMs } = this.#options
    return async (input, init) => {
      const url = String(input)
      let response!: Response
      const file = {
        url: withoutQuery(url),
        open: async ({ signal }: { signal: AbortSignal }) => {
          const headers = this.#headers(url, init?.headers)
          response = await request(url, { ...init, headers, signal }, this.#requestOptions(asked))
          return openedFile(response, undefined, url)
        },
      }
      const body = await retrying(() => readFile(file, { signal, stallMs }), { signal, sleep })
      return new Response(body, response)
    }
  }

  #headers(url: string, given?: HeadersInit): Headers {
    const headers = new Headers(given)
    const { token } = this.#options
    // Lists may continue elsewhere; and `fetch` itself removes the header when a redirect leads elsewhere.
    if (token && new URL(url).origin === new URL(this.endpoint).origin) headers.set('authorization', `Bearer ${token}`)
    return headers
  }

  #requestOptions(asked: Asked): RequestOptions {
    return {
      fetch: this.#options.fetch,
      hint: 'The network or the hub is down, or HF_ENDPOINT does not name a hub.',
      statusError: (response, url) => this.#statusError(response, asked, url),
    }
  }

  #statusError({ status, headers }: Response, { repo, revision }: Asked, url: string): Specter2Error {
    const why = headers.get('x-error-code')
    const details = { url, status, reason: why, retryAfterMs: retryAfterMs(headers) ?? rateLimitMs(headers) }
    // The hub answers 401 for a repository that does not exist, as for a private one.
    const unknown = why === 'RepoNotFound' || (status === 404 && why === null && url.includes('/api/'))
    const token = this.#options.token
      ? 'the token that was given (HF_TOKEN) is not valid, or not for this repository'
      : 'set HF_TOKEN, or in a page the option token, to a token of an account that may read it'
    if (unknown) {
      const message = `There is no repository ${repo} on ${this.endpoint} (${status}). If it is private: ${token}.`
      return new Specter2Error('MODEL_NOT_FOUND', message, { details })
    }
    if (status === 404 || status === 410) {
      const message =
        why === 'RevisionNotFound'
          ? `${repo} has no revision ${revision} (${status}). Give a branch, a tag or a commit of it.`
          : `${url} does not exist (${status}), though the hub lists it. Try again, or another revision.`
      return new Specter2Error('MODEL_NOT_FOUND', message, { details })
    }
    if (status === 401 || status === 403) {
      const terms = why === 'GatedRepo' ? ` Its terms have to be accepted at ${this.endpoint}/${repo}.` : ''
      return downloadFailed(`${repo} may not be read (${status}): ${token}.${terms}`, false, details)
    }
    const passes = mayPass(status)
    return downloadFailed(`${url} answered with status ${status}.${passes ? ' Try again later.' : ''}`, passes, details)
  }
}

function endpointUrl(endpoint: string): string {
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint))
    throw new InvalidArgumentError('endpoint', endpoint, 'the URL of a hub, beginning with https://')
  return endpoint.replace(/\/+$/, '')
}

function fileHash(sha256: unknown, blob: unknown): FileHash | null {
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) return { algorithm: 'sha256', hex: sha256 }
  if (sha256 === undefined && typeof blob === 'string' && /^[0-9a-f]{40}$/.test(blob)) return { algorithm: 'git-blob', hex: blob }
  return null
}

/** Time until the hub's quota is reset, by its header `RateLimit: "api";r=0;t=42`. */
function rateLimitMs(headers: Headers): number | null {
  const seconds = /\bt=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}
