import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, posix } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
}

export interface StaticServerOptions {
  /** Folders by the path under which they are served; of several that match, the longest path counts. */
  roots: Readonly<Record<string, string>>
  /** Sends the headers that make pages cross-origin isolated. Default `true`. */
  isolated?: boolean
  /** Content security policy of every response, workers included. Default: none. */
  policy?: string
  /** Returns `true` if it has answered the request itself. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** Starts a static server that behaves like common hosts: media types, ranges, 404. */
export async function startServer({
  roots,
  isolated = true,
  policy,
  intercept,
}: StaticServerOptions): Promise<{ url: string; close: () => void; server: Server }> {
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    if (policy) response.setHeader('Content-Security-Policy', policy)
    if (intercept?.(request, response)) return
    const path = requestPath(request)
    if (path === null) return response.writeHead(400, { 'content-type': 'text/plain' }).end('Bad request')
    const prefix = Object.keys(roots)
      .filter((root) => path.startsWith(root))
      .sort((a, b) => b.length - a.length)[0]
    let file = prefix === undefined ? null : join(roots[prefix]!, path.slice(prefix.length))
    let size = 0
    if (file) {
      const found = await stat(file).catch(() => null)
      if (found?.isDirectory()) file = join(file, 'index.html')
      size = (await stat(file).catch(() => null))?.size ?? -1
    }
    if (!file || size < 0) return response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found')
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    response.setHeader('accept-ranges', 'bytes')
    const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const first = start === undefined ? 0 : Number(start)
    const last = end ? Math.min(Number(end), size - 1) : size - 1
    if (start !== undefined) response.setHeader('content-range', `bytes ${first}-${last}/${size}`)
    response.writeHead(start === undefined ? 200 : 206, { 'content-length': last - first + 1 })
    if (request.method === 'HEAD') return response.end()
    createReadStream(file, { start: first, end: last }).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The path of a request's URL, without its query and without `..`; `null` if the URL is invalid. */
export function requestPath(request: IncomingMessage): string | null {
  try {
    return posix.normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
  } catch {
    return null
  }
}
