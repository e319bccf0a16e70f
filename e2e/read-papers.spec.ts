/** Bibliographies in a worker of the app: progress, an end before the end, and a page that stays awake meanwhile. */
import type { Page } from '@playwright/test'
import { expect, test } from './site.js'
import type { ReadMessage } from './stranger/read-worker.js'

interface Reading {
  bytes: number
  progress: { loaded: number; total: number | null; records: number }[]
  result: Exclude<ReadMessage, { progress: unknown }>
  /** Milliseconds between two turns of the page's own loop, ascending. */
  gaps: number[]
}

/**
 * Reads a file of so many seeded records, made in pieces, in the app's worker.
 *
 * @param options `cancelAt`: the share of the bytes at which the page cancels.
 */
function read(
  page: Page,
  options: { format: 'bibtex' | 'ris'; records: number; abstractWords: number; cancelAt?: number },
): Promise<Reading> {
  return page.evaluate(async ({ format, records, abstractWords, cancelAt }) => {
    let seed = 1
    const word = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return (seed % 46_656).toString(36)
    }
    const words = (count: number) => Array.from({ length: count }, word).join(' ')
    const record = (index: number) =>
      format === 'ris'
        ? `TY  - JOUR\nT1  - Title ${index}\nA1  - ${word()}, A.\nPY  - 2001\nAB  - ${words(abstractWords)}\nER  - \n\n`
        : `@article{k${index},\n  title = {Title ${index}},\n  author = {${word()}, A.},\n  year = 2001,\n  abstract = {${words(abstractWords)}}\n}\n`
    const parts: Blob[] = []
    for (let index = 0; index < records; index += 1_000)
      parts.push(new Blob([Array.from({ length: Math.min(1_000, records - index) }, (_, at) => record(index + at)).join('')]))
    const file = new File(parts, 'seeded.txt')

    const worker = window.startReader()
    const progress: Reading['progress'] = []
    const gaps: number[] = []
    let isReading = true
    let last = performance.now()
    const turn = () => {
      gaps.push(performance.now() - last)
      last = performance.now()
      if (isReading) setTimeout(turn, 10)
    }
    setTimeout(turn, 10)
    const result = await new Promise<Reading['result']>((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.onmessage = ({ data }: MessageEvent<ReadMessage>) => {
        if (!('progress' in data)) return resolve(data)
        progress.push(data.progress)
        if (cancelAt !== undefined && data.progress.loaded >= cancelAt * file.size) worker.postMessage('cancel')
      }
      worker.postMessage([file])
    })
    isReading = false
    worker.terminate()
    return { bytes: file.size, progress, result, gaps: gaps.sort((a, b) => a - b) }
  }, options)
}

test('ten thousand records are read in a worker, which tells how far it is', async ({ page }) => {
  const { bytes, progress, result } = await read(page, { format: 'bibtex', records: 10_000, abstractWords: 60 })
  expect(result).toEqual({ records: 10_000, problems: 0, lastTitle: 'Title 9999' })
  expect(progress.length).toBeGreaterThan(10)
  expect(progress.every(({ loaded, total }, at) => total === bytes && loaded > (progress[at - 1]?.loaded ?? 0))).toBe(true)
  expect(progress.at(-1)!.loaded).toBe(bytes)
  expect(progress.some(({ records }) => records > 2_000 && records < 8_000)).toBe(true)
})

test('the worker ends when the page cancels', async ({ page }) => {
  const { bytes, progress, result } = await read(page, { format: 'ris', records: 50_000, abstractWords: 60, cancelAt: 0.05 })
  expect(result).toEqual({ rejected: 'AbortError' })
  expect(progress.at(-1)!.loaded).toBeLessThan(bytes / 2)
})

test('100 MB are read while the page stays awake', async ({ page }) => {
  const { bytes, result, gaps } = await read(page, { format: 'ris', records: 70_000, abstractWords: 400 })
  expect(bytes).toBeGreaterThan(100e6)
  expect(result).toEqual({ records: 70_000, problems: 0, lastTitle: 'Title 69999' })
  expect(gaps.length).toBeGreaterThan(20)
  expect(gaps[Math.floor(gaps.length * 0.95)]).toBeLessThan(100)
})
