import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a server handles a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Starts a server on a free port of this machine. */
export async function listen(answer: Answer) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Sends a file, or the requested range of it. */
export function sendBytes(response: ServerResponse, bytes: Uint8Array, range: string | null | undefined): void {
  response.setHeader('accept-ranges', 'bytes')
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  if (from === undefined) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  const [start, end] = [Number(from), to ? Math.min(Number(to) + 1, bytes.length) : bytes.length]
  if (start >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}`, 'content-length': end - start })
  response.end(bytes.subarray(start, end))
}

/** Serves `bytes`, with ranges. */
export const serve =
  (bytes: Uint8Array): Answer =>
  (request, response) =>
    sendBytes(response, bytes, request.headers.range)

/** Serves `bytes` as a server without ranges does. */
export const serveWhole =
  (bytes: Uint8Array): Answer =>
  (_, response) =>
    void response.end(bytes)

/** Sends the requested bytes before `end`, then resets the connection. */
export const breakAt =
  (bytes: Uint8Array, end: number): Answer =>
  (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start })
    // Reset once the bytes are out of this process, so that the client has a chance to read them.
    response.write(bytes.subarray(start, end), () => setTimeout(() => response.socket?.resetAndDestroy(), 50))
  }

/** Sends the beginning of `bytes`, then nothing. */
export const fallSilent =
  (bytes: Uint8Array, end: number): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, end))

/** Answers with a status and a short text. */
export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(status === 204 ? undefined : 'no')
