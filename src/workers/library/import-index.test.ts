import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collect } from '../../../testing/collect.js'
import { type Answer, answer, breakAt, fallSilent, listen, serve } from '../../../testing/http-server.js'
import { encodeIndexFile } from '../../core/index-file/index-file.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { importIndex } from './import-index.js'
import { MemoryIndexStore } from './memory-index-store.js'
import { StoredIndex } from './stored-index.js'

const model: ModelStamp = { id: 'm', revision: '1', dtype: 'q8', adapter: 'base', dimension: 2, metric: 'euclidean' }

/** An index file of `count` papers in parts of 100. */
async function indexFile(count: number, id = 'file'): Promise<Uint8Array> {
  async function* parts() {
    for (let start = 0; start < count; start += 100)
      yield Array.from({ length: 100 }, (_, i) => ({
        paper: { id: `p${start + i}`, title: `Title ${start + i}`, abstract: 'x'.repeat(300) },
        vector: Float32Array.of(start + i, 1),
      }))
  }
  const pieces = await collect(encodeIndexFile({ id, model, vectors: 'float32', papers: count }, parts()))
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

let script: Answer[]
let requests: number
let waits: number[]
let file: Uint8Array
let server: Awaited<ReturnType<typeof listen>>
let url: string
let index: StoredIndex

beforeEach(async () => {
  script = []
  requests = 0
  waits = []
  file = await indexFile(500)
  server = await listen((request, response) => {
    requests++
    const step = script.shift() ?? serve(file)
    step(request, response)
  })
  url = `${server.url}/reading.sp2index`
  index = await StoredIndex.open(new MemoryIndexStore(''), { lock: null, onChange: () => {} })
})
afterEach(() => server.close())

const http = { stallMs: 200, sleep: async (ms: number) => void waits.push(ms) }
const importUrl = ({ once = false, signal = new AbortController().signal } = {}) =>
  importIndex(index, { url }, once, async () => {}, signal, http)
const papers = async () => (await index.state()).papers

describe('an index file at a URL', () => {
  test('is imported with its vectors', async () => {
    expect(await importUrl()).toEqual({ added: 500, updated: 0, unchanged: 0, reused: 500, otherModel: false })
    expect(await index.vectors(['p7'])).toMatchObject({ vectors: Float32Array.of(7, 1) })
  })

  test.each<[string, () => Answer[]]>([
    ['falls silent at once', () => [() => {}]],
    ['falls silent in the middle', () => [fallSilent(file, 100_000)]],
    ['breaks off in the middle', () => [breakAt(file, 50_000), breakAt(file, 100_000)]],
    ['is busy', () => [answer(500), answer(429)]],
  ])('is imported completely from a server that %s', async (_, steps) => {
    script = steps()
    const tries = script.length + 1
    expect(await importUrl()).toMatchObject({ added: 500, reused: 500 })
    expect(requests).toBe(tries)
  })

  test('that keeps breaking off leaves the papers stored so far, and the next import adds the others', async () => {
    script = Array(6).fill(breakAt(file, 100_000))
    await expect(importUrl()).rejects.toMatchObject({ code: 'DOWNLOAD_TRUNCATED', retryable: true, details: { url } })
    const stored = await papers()
    expect(stored).toBeGreaterThan(0)
    expect(stored).toBeLessThan(500)
    script = []
    expect(await importUrl()).toMatchObject({ added: 500 - stored, unchanged: stored })
  })

  test('that stays silent fails as DOWNLOAD_FAILED', async () => {
    script = Array(5).fill(() => {})
    await expect(importUrl()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', retryable: true, details: { url } })
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })

  test.each([
    [404, 1],
    [204, 1],
    [500, 5],
    [429, 5],
  ])('fails as DOWNLOAD_FAILED for status %i, after %i requests', async (status, expected) => {
    script = Array(5).fill(answer(status))
    await expect(importUrl()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', details: { url, status } })
    expect(requests).toBe(expected)
  })

  test('that changed between two requests is rejected as damaged', async () => {
    const other = file.slice()
    other.fill(0x20, 120_000, 120_100)
    script = [breakAt(file, 100_000), serve(other)]
    await expect(importUrl()).rejects.toMatchObject({ code: 'DAMAGED_FILE' })
  })

  test('is not imported again if it was the last one imported', async () => {
    await importUrl()
    expect(await importUrl({ once: true })).toMatchObject({ added: 0, unchanged: 0 })
    expect(await importUrl()).toMatchObject({ unchanged: 500 })
  })

  test('is requested only once to check for a change, but a changed file is downloaded with retries', async () => {
    await importUrl()
    script = [answer(503)]
    await expect(importUrl({ once: true })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', details: { status: 503 } })
    expect(waits).toEqual([])
    file = await indexFile(600, 'changed')
    script = [breakAt(file, 100_000)]
    expect(await importUrl({ once: true })).toMatchObject({ added: 100, unchanged: 500 })
    expect(requests).toBe(4)
  })

  test('rejects with the reason of an abort while the server is silent', async () => {
    script = [fallSilent(file, 50)]
    const controller = new AbortController()
    const reason = new Error('stop')
    setTimeout(() => controller.abort(reason), 20)
    await expect(importUrl({ signal: controller.signal })).rejects.toBe(reason)
  })
})

test('a given file that is not an index file is rejected', async () => {
  const blob = new File(['<!doctype html>'], 'page.html')
  const signal = new AbortController().signal
  await expect(importIndex(index, { blob }, false, async () => {}, signal)).rejects.toMatchObject({ code: 'INVALID_INDEX' })
})
