/** Networks and hosts that fail or lie: a model loads with the right vectors, or the error has a code, in bounded time. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Page } from '@playwright/test'
import { type Answer, expect, fileBytes, open, test } from '../site.js'
import type { Rejection } from '../stranger/main.js'
import { cases, outcome } from './cases.js'

const TINY = '/models/tiny'
const MINILM = '/specter2-web/models/minilm'
const GRAPH = 'onnx/model_quantized.onnx'
const html = '<!doctype html><title>Welcome to our hotel</title>'

interface Visit {
  rejection: Rejection | null
  vector: number[]
  seconds: number
}

/** Loads a model and embeds a text. */
function visit(page: Page, model?: string): Promise<Visit> {
  return page.evaluate(async (model) => {
    const start = performance.now()
    let vector: number[] = []
    const work = async () => {
      const embedder = await window.specter2.createEmbedder({ threads: 1, ...(model !== undefined && { model }) })
      vector = [...(await embedder.embed([{ title: 'Floods', abstract: 'They depend on wet soil.' }])).vectors]
      await embedder.dispose()
    }
    const rejection = await window.rejection(work())
    return { rejection, vector, seconds: (performance.now() - start) / 1000 }
  }, model)
}

type Fault = (response: ServerResponse, content: Buffer, request: IncomingMessage) => void

/** Answers `times` requests for a file of the model by a fault. */
function answerBy(file: string, fault: Fault, times = Number.POSITIVE_INFINITY): Answer {
  let left = times
  return (path, response, request) => {
    if (path !== `${TINY}/${file}` || left-- <= 0) return false
    fault(response, fileBytes(path), request)
    return true
  }
}

/** The outcome of a fault: right vectors, or a code; `later` must be right in any case, when the fault is over. */
async function expectRightOrTyped(page: Page, site: { answer: Answer | null; url: string }, seconds = 60): Promise<string> {
  const faulty = await visit(page, `${TINY}/`)
  site.answer = null
  const later = await visit(page, `${TINY}/`)
  expect(later.rejection).toBeNull()
  expect(faulty.seconds).toBeLessThan(seconds)
  if (faulty.rejection === null) expect(faulty.vector).toEqual(later.vector)
  else expect(faulty.rejection).toMatchObject({ kind: 'Specter2Error' })
  const ended = faulty.rejection === null ? 'right vectors' : String(faulty.rejection.code)
  outcome(`${ended} after ${faulty.seconds.toFixed(1)} s; then right`)
  return ended
}

const FILES = ['manifest.json', 'config.json', 'tokenizer.json', GRAPH, 'adapters/proximity.f16.safetensors']

const redirect =
  (to: string): Fault =>
  (response) =>
    void response.writeHead(302, { location: to }).end()
const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (response) =>
    void response.writeHead(code, headers).end()
const flipped =
  (at: number): Fault =>
  (response, content) => {
    const wrong = Buffer.from(content)
    wrong[Math.floor(at * content.length)]! ^= 0x10
    response.end(wrong)
  }

type Case = readonly [name: string, file: string, fault: Fault, expected: readonly string[]]
const ofEachFile = (name: string, fault: Fault, expected: readonly string[]) =>
  FILES.map((file): Case => [name, file, fault, expected])

/** Faults that last, and what they may end in. */
const ALWAYS: readonly Case[] = [
  ...ofEachFile('a captive portal in place of', (response) => response.end(html), ['INVALID_MODEL']),
  ...ofEachFile('a cut in the middle of', (response, content) => response.end(content.subarray(0, content.length / 2)), [
    'DOWNLOAD_TRUNCATED',
    'INVALID_MODEL',
  ]),
  ...ofEachFile('an empty answer for', (response) => response.end(), ['DOWNLOAD_TRUNCATED', 'INVALID_MODEL']),
  ...[0, 0.2, 0.5, 0.9].map((at): Case => [`a bit flipped at ${at * 100} % of`, GRAPH, flipped(at), ['HASH_MISMATCH']]),
  ['a bit flipped in', 'tokenizer.json', flipped(0.5), ['HASH_MISMATCH']],
  [
    'a range that nobody asked for, in place of',
    GRAPH,
    (response, content) =>
      response.writeHead(206, { 'content-range': `bytes 0-99/${content.length}` }).end(content.subarray(0, 100)),
    ['DOWNLOAD_TRUNCATED'],
  ],
  [
    'a length that is too large, of',
    GRAPH,
    (response, content) => {
      response.writeHead(200, { 'content-length': content.length + 10 })
      response.write(content, () => response.destroy())
    },
    ['right vectors', 'DOWNLOAD_TRUNCATED'],
  ],
  ['twice the content of', GRAPH, (response, content) => response.end(Buffer.concat([content, content])), ['INVALID_MODEL']],
  ['a redirection to itself, of', GRAPH, redirect(`${TINY}/${GRAPH}`), ['DOWNLOAD_FAILED']],
  ['a redirection to itself, of', 'manifest.json', redirect(`${TINY}/manifest.json`), ['DOWNLOAD_FAILED']],
  ['a redirection to a host that does not exist, of', GRAPH, redirect('http://host.invalid/x'), ['DOWNLOAD_FAILED']],
  ['status 500 for', GRAPH, status(500), ['DOWNLOAD_FAILED']],
  ['status 403 for', GRAPH, status(403), ['DOWNLOAD_FAILED']],
  ['status 410 for', 'tokenizer.json', status(410), ['MODEL_NOT_FOUND']],
  ['status 204 for', GRAPH, status(204), ['DOWNLOAD_FAILED', 'DOWNLOAD_TRUNCATED']],
  [
    'a wrong encoding of',
    GRAPH,
    (response, content) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(content),
    ['DOWNLOAD_FAILED', 'DOWNLOAD_TRUNCATED'],
  ],
  ['no network for', GRAPH, (response) => void response.destroy(), ['DOWNLOAD_FAILED']],
]

for (const [name, file, fault, expected] of cases(ALWAYS, (_, index) => index === 1))
  test(`${name} ${file}: an error with a code`, async ({ page, site }) => {
    site.answer = answerBy(file, fault)
    expect(expected).toContain(await expectRightOrTyped(page, site))
  })

/** Faults that pass. */
const ONCE: readonly Case[] = [
  ...ofEachFile(
    'a broken connection of',
    (response, content) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, content.length / 2), () => response.destroy())
    },
    [],
  ),
  ['status 429 with a pause for', GRAPH, status(429, { 'retry-after': '1' }), []],
  ['status 503 for', 'manifest.json', status(503), []],
  ['status 408 for', 'tokenizer.json', status(408), []],
  ['a bit flipped in', GRAPH, flipped(0.5), []],
  ['a captive portal in place of', GRAPH, (response) => response.end(html), []],
  [
    'a few bytes at a time of',
    'tokenizer.json',
    (response, content) => {
      const piece = Math.ceil(content.length / 20)
      let at = 0
      const timer = setInterval(() => {
        response.write(content.subarray(at, at + piece))
        at += piece
        if (at < content.length) return
        clearInterval(timer)
        response.end()
      }, 100)
    },
    [],
  ],
]

for (const [name, file, fault] of cases(ONCE, (_, index) => index === 3))
  test(`${name} ${file}, once: right vectors`, async ({ page, site }) => {
    site.answer = answerBy(file, fault, 1)
    expect(await expectRightOrTyped(page, site)).toBe('right vectors')
  })

const PERCENT = Array.from({ length: 20 }, (_, index) => 5 * index)
for (const percent of cases(PERCENT, (value) => value === 55))
  test(`a download of 23 MB that is cut at ${percent} % and by a reload continues, and gives the right vectors`, async ({
    page,
    site,
  }) => {
    const file = `${MINILM}/${GRAPH}`
    const content = fileBytes(file)
    let sent = () => {}
    const cut = new Promise<void>((resolve) => {
      sent = resolve
    })
    site.answer = (path, response) => {
      if (path !== file) return false
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, Math.floor((percent / 100) * content.length)), sent)
      return true
    }
    const begun = visit(page).catch(() => null)
    await cut
    // What has arrived is verified and stored.
    await page.waitForTimeout(500)
    await page.reload()
    await begun
    site.answer = null
    site.requests = []
    await open(page, site)
    const resumed = await visit(page)
    const ranges = site.requests.filter(({ path }) => path === file).map(({ range }) => Number(/\d+/.exec(range ?? '0')![0]))
    await page.evaluate(() => window.specter2.clearCachedModels())
    const whole = await visit(page)
    expect(resumed.rejection).toBeNull()
    expect(resumed.vector).toEqual(whole.vector)
    expect(ranges).toHaveLength(1)
    outcome(`resumed at byte ${ranges[0]} of ${content.length}; same vectors`)
  })
