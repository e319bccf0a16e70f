import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, answer, breakAt, fallSilent, listen, serve, serveWhole } from '../../testing/http-server.js'
import { httpFile } from './http.js'
import { readFile, type StreamOptions, streamFile } from './read-file.js'

const content = Uint8Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24)

/** What the server does with its first, second … request; afterwards it serves the file, with ranges. */
let script: Answer[]
let ranges: (string | undefined)[]
let waits: number[]
let server: Awaited<ReturnType<typeof listen>>
let url: string

beforeEach(async () => {
  script = []
  ranges = []
  waits = []
  server = await listen((request, response) => {
    ranges.push(request.headers.range)
    const step = script.shift() ?? serve(content)
    step(request, response)
  })
  url = `${server.url}/index.sp2`
})
afterEach(() => server.close())

const sleep = async (ms: number) => void waits.push(ms)

/** All bytes of the stream. */
async function stream(options: StreamOptions = {}): Promise<Uint8Array> {
  const body = streamFile(httpFile(`${url}?token=secret`), { sleep, ...options })
  return new Uint8Array(await new Response(body as BodyInit).arrayBuffer())
}

/** What the stream fails with. */
async function failure(options: StreamOptions = {}) {
  const reader = streamFile(httpFile(`${url}?token=secret`), { sleep, ...options }).getReader()
  for (;;) {
    const step = await reader.read().catch((error) => ({ error }))
    if ('error' in step) return step.error
    if (step.done) throw new Error('The stream ended.')
  }
}

const isContent = (bytes: Uint8Array) => Buffer.compare(bytes, content) === 0

describe('a stream of a file', () => {
  test('is one request without a range, with the query of the URL', async () => {
    let asked: string | undefined
    script = [
      (request, response) => {
        asked = request.url
        serve(content)(request, response)
      },
    ]
    expect(isContent(await stream())).toBe(true)
    expect(ranges).toEqual([undefined])
    expect(asked).toBe('/index.sp2?token=secret')
  })

  test('resumes from the byte where the connection broke, again and again', async () => {
    script = [breakAt(content, 100_000), breakAt(content, 200_000)]
    expect(isContent(await stream())).toBe(true)
    const [first, second, third] = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]))
    expect(first).toBeNaN()
    expect(second).toBeGreaterThan(0)
    expect(second).toBeLessThanOrEqual(100_000)
    expect(third).toBeGreaterThan(second!)
    expect(third).toBeLessThanOrEqual(200_000)
    expect(waits).toEqual([500, 500])
  })

  test('skips what it has if the server knows no ranges', async () => {
    script = [breakAt(content, 100_000), serveWhole(content)]
    expect(isContent(await stream())).toBe(true)
    expect(ranges).toHaveLength(2)
  })

  test('resumes if the server sends only part of the requested range', async () => {
    script = [
      breakAt(content, 100_000),
      (request, response) => {
        const start = Number(/bytes=(\d+)-/.exec(request.headers.range!)![1])
        response.writeHead(206, { 'content-range': `bytes ${start}-199999/${content.length}` })
        response.end(content.subarray(start, 200_000))
      },
    ]
    expect(isContent(await stream())).toBe(true)
    expect(ranges[2]).toBe('bytes=200000-')
  })

  test('is requested again after a silence, before and after the first byte', async () => {
    script = [() => {}, fallSilent(content, 100_000)]
    expect(isContent(await stream({ stallMs: 200 }))).toBe(true)
    expect(ranges).toEqual([undefined, undefined, 'bytes=100000-'])
  })

  test('is requested again while the server is busy, after the pause that it asks for', async () => {
    script = [answer(500), answer(429, { 'retry-after': '7' })]
    expect(isContent(await stream())).toBe(true)
    expect(waits).toEqual([500, 7000])
  })

  test('fails as DOWNLOAD_FAILED if the server stays silent', async () => {
    script = Array(5).fill(() => {})
    expect(await failure({ stallMs: 20 })).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true, details: { url } })
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })

  test('fails as DOWNLOAD_TRUNCATED if the connection keeps breaking at the same place', async () => {
    script = Array(6).fill(breakAt(content, 1000))
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_TRUNCATED', retryable: true, details: { url } })
  })

  test.each([
    [404, false],
    [403, false],
    [400, false],
    [500, true],
    [429, true],
  ])('fails as DOWNLOAD_FAILED for status %i, retryable: %s', async (status, retryable) => {
    script = Array(5).fill(answer(status))
    const error = await failure()
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable, details: { url, status } })
    expect(ranges).toHaveLength(retryable ? 5 : 1)
    expect(JSON.stringify([error.message, error])).not.toContain('secret')
  })

  test('fails as DOWNLOAD_FAILED for an answer without content', async () => {
    script = [answer(204)]
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: false, details: { url, status: 204 } })
  })

  test('fails as DOWNLOAD_FAILED if there is no server', async () => {
    server.close()
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true, details: { url } })
    expect(waits).toHaveLength(4)
  })

  test('fails with the reason of an abort, and closes the connection, also while nobody reads', async () => {
    let closed = () => {}
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    script = [
      (_, response) => {
        response.on('close', closed)
        response.write(content)
      },
    ]
    const controller = new AbortController()
    const reader = streamFile(httpFile(url), { signal: controller.signal }).getReader()
    await reader.read()
    const reason = new Error('stop')
    controller.abort(reason)
    await connectionClosed
    const rest = async () => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toBe(reason)
  })
})

describe('a whole file', () => {
  test('is the bytes of one answer', async () => {
    expect(isContent(await readFile(httpFile(url)))).toBe(true)
    script = [(_, response) => void response.end()]
    expect(await readFile(httpFile(url))).toEqual(new Uint8Array(0))
  })

  test('is not requested again by itself', async () => {
    script = [breakAt(content, 1000)]
    await expect(readFile(httpFile(url))).rejects.toMatchObject({ code: 'DOWNLOAD_TRUNCATED', details: { url } })
    expect(ranges).toHaveLength(1)
  })
})
