import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listen, sendBytes } from './http-server.js'

// A hub of models on this machine that answers as huggingface.co does: its API lists repositories, and small files are served
// directly, large ones by a redirect to a content network on another origin.

/** A repository of the test hub. */
export interface HubRepo {
  files: Readonly<Record<string, Uint8Array>>
  /** The licence in its card. */
  license?: string
  /**
   * Who may read it: anyone (the default), or only requests with the hub's token. `private` ones look as if they did not exist.
   */
  access?: 'public' | 'gated' | 'private'
  /** Revisions besides `main`, by name. */
  revisions?: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>
}

export interface HubRequest {
  method: string
  server: 'hub' | 'network'
  /** Including the query. */
  path: string
  range: string | null
  authorization: string | null
}

/** A running hub. */
export interface TestHub {
  /** The endpoint. */
  url: string
  /** Every request so far, in order, without preflights. */
  requests: HubRequest[]
  /** Answers requests instead of the hub, if it returns `true`. */
  answer: ((request: HubRequest, response: ServerResponse) => boolean) | null
  /** Commit of a repository's revision. */
  commit(repo: string, revision?: string): string
  close(): void
}

/** Fewer than on the real hub, so that lists have several pages. */
const PAGE_ENTRIES = 4

const hex = (algorithm: string, ...parts: (string | Uint8Array)[]) =>
  parts.reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash(algorithm)).digest('hex')
const gitBlob = (bytes: Uint8Array) => hex('sha1', `blob ${bytes.length}\0`, bytes)
const isLarge = (path: string) => /\.(bin|safetensors)$/.test(path)
const pointer = (bytes: Uint8Array) =>
  new TextEncoder().encode(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${hex('sha256', bytes)}\nsize ${bytes.length}\n`,
  )

/** Headers with which the real hub allows pages of any site to read it. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, range',
  'access-control-expose-headers':
    'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,Retry-After',
}

/**
 * Starts a hub.
 *
 * @param repos Repositories by `owner/name`.
 * @param options `renamed`: current names by old ones; `token`: the token for gated and private repositories.
 */
export async function startHub(
  repos: Readonly<Record<string, HubRepo>>,
  { renamed = {}, token = 'hf_test' }: { renamed?: Readonly<Record<string, string>>; token?: string } = {},
): Promise<TestHub> {
  const requests: HubRequest[] = []
  const serve = (server: HubRequest['server'], answer: (request: HubRequest, response: ServerResponse) => void) =>
    listen((incoming, response) => {
      for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
      if (incoming.method === 'OPTIONS') return void response.writeHead(204).end()
      const { range = null, authorization = null } = incoming.headers
      const request = { method: incoming.method!, server, path: incoming.url!, range, authorization }
      requests.push(request)
      if (!hub.answer?.(request, response)) answer(request, response)
    })

  const commitOf = (repo: string, revision: string) => hex('sha1', `${repo}@${revision}`)
  /** Files at a revision, which is a branch or a commit. */
  const atRevision = (name: string, revision: string) => {
    const { files, revisions = {} } = repos[name]!
    const all = Object.entries({ main: files, ...revisions })
    const found = all.find(([branch]) => branch === revision || commitOf(name, branch) === revision)
    return found && { commit: commitOf(name, found[0]), files: found[1] }
  }

  const network = await serve('network', ({ path, range }, response) => {
    const url = new URL(path, 'http://network')
    const wanted = url.pathname.slice(1)
    const bytes = Object.values(repos)
      .flatMap(({ files, revisions = {} }) => [files, ...Object.values(revisions)])
      .flatMap((files) => Object.values(files))
      .find((bytes) => hex('sha256', bytes) === wanted)
    if (!bytes || url.searchParams.get('signature') !== 'good') return void response.writeHead(403).end('AccessDenied')
    // Its ETag differs from the hub's.
    response.setHeader('etag', `"${hex('md5', bytes)}"`)
    sendBytes(response, bytes, range)
  })

  const hubServer = await serve('hub', (request, response) => {
    const url = new URL(request.path, 'http://hub')
    const [, api, name = '', rest = ''] = /^\/(api\/models\/)?([^/]+\/[^/]+)\/(.*)$/.exec(decodeURIComponent(url.pathname)) ?? []
    const now = renamed[name]
    if (now) return void response.writeHead(307, { location: request.path.replace(name, now) }).end()
    const repo = repos[name]
    const known = request.authorization === `Bearer ${token}`
    if (request.authorization && !known) return refuse(response, 401, null, 'Invalid username or password.')
    if (!repo || (repo.access === 'private' && !known))
      return known
        ? refuse(response, 404, 'RepoNotFound', 'Repository not found')
        : refuse(response, 401, 'RepoNotFound', 'Invalid username or password.')

    const [, kind, asked = ''] = /^(revision|tree|resolve)\/([^/]+)/.exec(rest) ?? []
    const revision = atRevision(name, asked)
    if (!revision) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${asked}`)
    const { commit, files } = revision
    response.setHeader('x-repo-commit', commit)

    if (api && kind === 'revision') {
      const { license, access = 'public' } = repo
      const cardData = license === undefined ? {} : { license }
      return sendJson(response, {
        _id: hex('md5', name),
        id: name,
        sha: commit,
        private: access === 'private',
        gated: access === 'gated' && 'manual',
        cardData,
        downloads: 1,
        likes: 1,
        lastModified: '2024-01-01T00:00:00.000Z',
      })
    }
    if (api && kind === 'tree') {
      const entries = Object.entries(files).map(([path, bytes]) => ({
        type: 'file',
        path,
        size: bytes.length,
        oid: gitBlob(isLarge(path) ? pointer(bytes) : bytes),
        ...(isLarge(path) ? { lfs: { oid: hex('sha256', bytes), size: bytes.length, pointerSize: pointer(bytes).length } } : {}),
      }))
      const folders = new Set(entries.map(({ path }) => path.replace(/\/?[^/]+$/, '')).filter((path) => path !== ''))
      const all = [...[...folders].map((path) => ({ type: 'directory', path, size: 0, oid: hex('sha1', path) })), ...entries]
      const begin = Number(url.searchParams.get('cursor') ?? 0)
      if (begin + PAGE_ENTRIES < all.length) {
        url.searchParams.set('cursor', String(begin + PAGE_ENTRIES))
        response.setHeader('link', `<${hub.url}${url.pathname}${url.search}>; rel="next"`)
      }
      return sendJson(response, all.slice(begin, begin + PAGE_ENTRIES))
    }
    if (!api && kind === 'resolve') {
      if (repo.access === 'gated' && !known)
        return refuse(
          response,
          401,
          'GatedRepo',
          `Access to model ${name} is restricted. You must be authenticated to access it.`,
        )
      const path = rest.slice(`resolve/${asked}/`.length)
      const bytes = files[path]
      if (!bytes) return refuse(response, 404, 'EntryNotFound', 'Entry not found')
      response.setHeader('accept-ranges', 'bytes')
      if (!isLarge(path)) {
        response.setHeader('etag', `"${gitBlob(bytes)}"`)
        return sendBytes(response, bytes, request.range)
      }
      const sha256 = hex('sha256', bytes)
      response.setHeader('etag', `"${sha256}"`)
      response.setHeader('x-linked-etag', `"${sha256}"`)
      response.setHeader('x-linked-size', bytes.length)
      return void response.writeHead(302, { location: `${network.url}/${sha256}?signature=good` }).end()
    }
    response.writeHead(404).end()
  })

  const hub: TestHub = {
    url: hubServer.url,
    requests,
    answer: null,
    commit: (repo, revision = 'main') => commitOf(repo, revision),
    close() {
      hubServer.close()
      network.close()
    },
  }
  return hub
}

function refuse(response: ServerResponse, status: number, code: string | null, message: string): void {
  if (code) response.setHeader('x-error-code', code)
  response.setHeader('x-error-message', message)
  sendJson(response.writeHead(status), { error: message })
}

function sendJson(response: ServerResponse, value: unknown): void {
  if (!response.headersSent) response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(JSON.stringify(value))
}

/** Files of a folder by path; without those of subfolders if `deep` is false. */
function folderFiles(folder: string, deep = true): Record<string, Uint8Array> {
  const paths = (readdirSync(folder, { recursive: deep }) as string[]).filter((path) => statSync(join(folder, path)).isFile())
  return Object.fromEntries(paths.map((path) => [path.replaceAll('\\', '/'), new Uint8Array(readFileSync(join(folder, path)))]))
}

const fixture = fileURLToPath(new URL('./fixtures/specter2-tiny', import.meta.url))

/** The files of the fixture's base, as in a repository. */
export function tinyBase(): Record<string, Uint8Array> {
  const { 'reference.json': _, ...files } = folderFiles(fixture, false)
  return { ...files, 'README.md': new TextEncoder().encode('# SPECTER2\n') }
}

/** The files of an adapter of the fixture, as in a repository. */
export function tinyAdapter(name: string): Record<string, Uint8Array> {
  return folderFiles(join(fixture, 'adapters', name))
}

/** A tiny SPECTER2 under its current names. */
export function specter2Repos(): Record<string, HubRepo> {
  const license = 'apache-2.0'
  return {
    'allenai/specter2_base': { files: tinyBase(), license },
    'allenai/specter2': { files: tinyAdapter('proximity'), license },
    'allenai/specter2_adhoc_query': { files: tinyAdapter('adhoc_query'), license },
    'allenai/specter2_classification': { files: tinyAdapter('classification'), license },
    'allenai/specter2_regression': { files: tinyAdapter('regression'), license },
  }
}

/** A tiny SPECTER2 under its first names, with `allenai/specter2` as the base. */
export function firstSpecter2Repos(): Record<string, HubRepo> {
  const { 'allenai/specter2_base': base, 'allenai/specter2': proximity, ...others } = specter2Repos()
  return { 'allenai/specter2': base!, 'allenai/specter2_proximity': proximity!, ...others }
}
