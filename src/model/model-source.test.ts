import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../core/errors.js'
import { convertedSource, filesSource, httpSource } from './model-source.js'

const signal = new AbortController().signal

/** A source whose `fetch` returns `response`, and its requests. */
function opening(url: string, response: Response = new Response('x')) {
  const requests: { url: string; init: RequestInit | undefined }[] = []
  const source = httpSource(url, {
    fetch: async (input, init) => {
      requests.push({ url: String(input), init })
      return response
    },
  })
  return { source, requests }
}

test.each([
  ['https://x.example/models/tiny', 'https://x.example/models/tiny/onnx/model.onnx'],
  ['https://x.example/models/tiny/', 'https://x.example/models/tiny/onnx/model.onnx'],
  ['https://x.example/models/tiny/manifest.json', 'https://x.example/models/tiny/onnx/model.onnx'],
  ['https://x.example', 'https://x.example/onnx/model.onnx'],
  ['https://x.example/tiny/?token=a%20b#top', 'https://x.example/tiny/onnx/model.onnx?token=a%20b'],
])('a file of %s is at %s', async (url, expected) => {
  const { source, requests } = opening(url)
  await source.open('onnx/model.onnx', { signal })
  expect(requests[0]!.url).toBe(expected)
})

test('a path is encoded, so that no character of it changes the meaning of the URL', async () => {
  const { source, requests } = opening('https://x.example/m')
  await source.open('a b/ü?.txt', { signal })
  expect(requests[0]!.url).toBe('https://x.example/m/a%20b/%C3%BC%3F.txt')
})

test('a token in the query is part of neither the cache key nor a message', async () => {
  const { source } = opening('https://x.example/m/?token=secret', new Response('', { status: 404 }))
  expect(source.cacheKey).toBe('https://x.example/m')
  await expect(source.open('manifest.json', { signal })).rejects.toSatisfy(
    (error) => !JSON.stringify([error.message, error]).includes('secret'),
  )
})

test('a URL that is not absolute is an invalid argument', () => {
  expect(() => httpSource('/models/tiny')).toThrow(InvalidArgumentError)
})

test('a range and the cache mode are sent as fetch knows them', async () => {
  const { source, requests } = opening('https://x.example/m')
  await source.open('a', { range: { start: 4, end: 8 }, cache: 'reload', signal })
  const { headers, cache } = requests[0]!.init!
  expect([new Headers(headers).get('range'), cache]).toEqual(['bytes=4-7', 'reload'])
})

const range = { start: 4, end: 8 }
const partial = (contentRange?: string) =>
  new Response('4567', { status: 206, headers: contentRange ? { 'content-range': contentRange } : {} })

test('the answer for a range gives the size of the file', async () => {
  const { source } = opening('https://x.example/m', partial('bytes 4-7/10'))
  expect(await source.open('a', { range, signal })).toMatchObject({ ranged: true, byteLength: 10 })
})

test('a hidden Content-Range, as from another origin, is not an error', async () => {
  const { source } = opening('https://x.example/m', partial())
  expect(await source.open('a', { range, signal })).toMatchObject({ ranged: true, byteLength: null })
})

test.each(['bytes 0-3/10', 'bytes 4-8/10', 'bytes */10', 'nonsense'])(
  'the Content-Range "%s" for bytes 4-7 is refused',
  async (value) => {
    const { source } = opening('https://x.example/m', partial(value))
    await expect(source.open('a', { range, signal })).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      retryable: false,
      details: { actual: value },
    })
  },
)

test('a server that ignores the range gives the whole file', async () => {
  const { source } = opening('https://x.example/m')
  expect(await source.open('a', { range, signal })).toMatchObject({ ranged: false, byteLength: null })
})

test.each([
  [404, 'MODEL_NOT_FOUND', false],
  [410, 'MODEL_NOT_FOUND', false],
  [401, 'DOWNLOAD_FAILED', false],
  [403, 'DOWNLOAD_FAILED', false],
  [400, 'DOWNLOAD_FAILED', false],
  [416, 'DOWNLOAD_FAILED', true],
  [429, 'DOWNLOAD_FAILED', true],
  [503, 'DOWNLOAD_FAILED', true],
])('status %i is %s, retryable: %s, and names the URL', async (status, code, retryable) => {
  const { source } = opening('https://x.example/m', new Response('', { status }))
  const url = 'https://x.example/m/manifest.json'
  const error = await source.open('manifest.json', { signal }).catch((error) => error)
  expect(error).toMatchObject({ code, retryable, details: { url, status } })
  expect(error.message).toContain(url)
})

test('Retry-After is read as seconds and as a date', async () => {
  const retryAfter = async (value: string) => {
    const { source } = opening('https://x.example/m', new Response('', { status: 429, headers: { 'retry-after': value } }))
    const error = await source.open('a', { signal }).catch((error) => error)
    return error.details.retryAfterMs as number | null
  }
  expect(await retryAfter('7')).toBe(7000)
  const hour = await retryAfter(new Date(Date.now() + 3_600_000).toUTCString())
  expect(Math.round(hour! / 60_000)).toBe(60)
  expect(await retryAfter('Fri, 01 Jan 1999 00:00:00 GMT')).toBe(null)
  expect(await retryAfter('soon')).toBe(null)
})

test('a failure of the network is retryable and has its cause', async () => {
  const cause = new TypeError('Failed to fetch')
  const source = httpSource('https://x.example/m', { fetch: () => Promise.reject(cause) })
  await expect(source.open('a', { signal })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true, cause })
})

const text = (body: ReadableStream<Uint8Array>) => new Response(body as BodyInit).text()

test.each(['', '/', 'downloads/tiny/'])('files that were dropped with "%s" in front of their paths are found', async (folder) => {
  const files = new Map([
    [`${folder}manifest.json`, new Blob(['{}'])],
    [`${folder}old/manifest.json`, new Blob(['old'])],
    [`${folder}onnx/model.onnx`, new Blob(['0123456789'])],
  ])
  const source = filesSource(files)
  expect(source.cacheKey).toBe(null)
  expect(await text((await source.open('manifest.json', { signal })).body)).toBe('{}')
  const opened = await source.open('onnx/model.onnx', { range, signal })
  expect(opened).toMatchObject({ ranged: true, byteLength: 10 })
  expect(await text(opened.body)).toBe('4567')
})

test('a missing file is named', async () => {
  const source = filesSource(new Map([['manifest.json', new Blob(['{}'])]]))
  await expect(source.open('config.json', { signal })).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    details: { file: 'config.json' },
  })
})

test('a file of a converted model that the cache lacks is nowhere else', async () => {
  const source = convertedSource('converted:specter2')
  expect(source.cacheKey).toBe('converted:specter2')
  await expect(source.open('config.json', { signal })).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    details: { url: 'converted:specter2', file: 'config.json' },
  })
})
