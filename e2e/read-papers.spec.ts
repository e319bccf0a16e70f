/** Bibliographies in the package's worker: progress, cancelling, and a page that stays responsive. */
import type { Page } from '@playwright/test'
import { expect, expectNoWorker, test } from './site.js'

interface Reading {
  bytes: number
  progress: { loaded: number; total: number | null; records: number }[]
  result: { papers: number; problems: number; lastTitle: string; rejected: string | null }
  /** Milliseconds between turns of the page's event loop, ascending. */
  gaps: number[]
}

/**
 * Reads a generated file of `records` records.
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
    const abort = new AbortController()
    const onProgress = (latest: Reading['progress'][number]) => {
      progress.push(latest)
      if (cancelAt !== undefined && latest.loaded >= cancelAt * file.size) abort.abort()
    }
    const result = { papers: 0, problems: 0, lastTitle: '', rejected: null as string | null }
    try {
      for await (const batch of window.specter2.streamPapersInWorker([file], { signal: abort.signal, onProgress })) {
        result.papers += batch.papers.length
        result.problems += batch.problems.length
        result.lastTitle = batch.papers.at(-1)?.title ?? result.lastTitle
      }
    } catch (error) {
      result.rejected = (error as Error).name
    }
    isReading = false
    return { bytes: file.size, progress, result, gaps: gaps.sort((a, b) => a - b) }
  }, options)
}

test('ten thousand records are read in a worker, which reports its progress and ends', async ({ page }) => {
  const { bytes, progress, result } = await read(page, { format: 'bibtex', records: 10_000, abstractWords: 60 })
  expect(result).toEqual({ papers: 10_000, problems: 0, lastTitle: 'Title 9999', rejected: null })
  expect(progress.length).toBeGreaterThan(10)
  expect(progress.every(({ loaded, total }, at) => total === bytes && loaded > (progress[at - 1]?.loaded ?? 0))).toBe(true)
  expect(progress.at(-1)!.loaded).toBe(bytes)
  expect(progress.some(({ records }) => records > 2_000 && records < 8_000)).toBe(true)
  await expectNoWorker(page)
})

test('the worker ends when the page cancels', async ({ page }) => {
  const { bytes, progress, result } = await read(page, { format: 'ris', records: 50_000, abstractWords: 60, cancelAt: 0.05 })
  expect(result).toMatchObject({ rejected: 'AbortError' })
  expect(progress.at(-1)!.loaded).toBeLessThan(bytes / 2)
  await expectNoWorker(page)
})

test('the worker does not read ahead, and ends when the loop is left', async ({ page }) => {
  const loaded = await page.evaluate(async () => {
    const record = `TY  - JOUR\nT1  - Title\nAB  - ${'word '.repeat(60)}\nER  - \n\n`
    const file = new File(Array(20_000).fill(record), 'many.ris')
    let loaded = 0
    const onProgress = (progress: { loaded: number }) => {
      loaded = progress.loaded
    }
    for await (const { papers } of window.specter2.streamPapersInWorker([file], { onProgress })) {
      if (papers.length === 0) continue
      await new Promise((resolve) => setTimeout(resolve, 500))
      break
    }
    return loaded / file.size
  })
  expect(loaded).toBeLessThan(0.2)
  await expectNoWorker(page)
})

test('a worker that dies or does not exist rejects the call', async ({ page }) => {
  const rejections = await page.evaluate(async () => {
    const { readPapersInWorker, streamPapersInWorker } = window.specter2
    const file = new File(Array(50_000).fill('TY  - JOUR\nT1  - Title\nER  - \n\n'), 'many.ris')
    const killed = async () => {
      const worker = new Worker('./specter2-web/workers/papers.js', { type: 'module' })
      for await (const _ of streamPapersInWorker([file], { worker })) worker.terminate()
    }
    return [await window.rejection(killed()), await window.rejection(readPapersInWorker([file], { worker: './none.js' }))]
  })
  for (const rejection of rejections)
    expect(rejection).toMatchObject({ kind: 'Specter2Error', code: 'WORKER_FAILED', retryable: true })
})

test('files keep their paths, papers are written again, and wrong arguments are named', async ({ page }) => {
  const { read, text, type, rejections } = await page.evaluate(async () => {
    const { readPapersInWorker, writePapersInWorker } = window.specter2
    const files = new Map([
      ['folder/a.bib', new Blob(['@article{bell1962, title={Nitrogen in {Alpine} soils}, year=1962}'])],
      ['b.csv', new Blob(['Titel,Jahr\nFerns,1963\n'])],
    ])
    const read = await readPapersInWorker(files, { mapping: { title: 'Titel', year: 'Jahr' } })
    const blob = await writePapersInWorker(read.papers, 'ris')
    const rejections = [
      await window.rejection(readPapersInWorker(['a.bib'] as unknown as File[])),
      await window.rejection(readPapersInWorker(files, { mapping: { titel: 'Titel' } as object })),
      await window.rejection(writePapersInWorker(read.papers, 'docx' as 'ris')),
    ]
    return { read, text: await blob.text(), type: blob.type, rejections }
  })
  expect(read.papers).toMatchObject([
    { key: 'bell1962', title: 'Nitrogen in Alpine soils', year: 1962, source: { file: 'folder/a.bib', record: 1 } },
    { title: 'Ferns', year: 1963, source: { file: 'b.csv', record: 1 } },
  ])
  expect(read.files.map(({ file, records }) => [file, records])).toEqual([
    ['folder/a.bib', 1],
    ['b.csv', 1],
  ])
  expect(text.match(/^T[IY] {2}- .*/gm)).toEqual(['TY  - JOUR', 'TI  - Nitrogen in Alpine soils', 'TY  - GEN', 'TI  - Ferns'])
  expect(type).toBe('application/x-research-info-systems')
  expect(rejections.map((rejection) => rejection!.field)).toEqual(['files[0]', 'mapping', 'format'])
  await expectNoWorker(page)
})

test('100 MB are read while the page stays responsive', async ({ page }) => {
  const { bytes, result, gaps } = await read(page, { format: 'ris', records: 70_000, abstractWords: 400 })
  expect(bytes).toBeGreaterThan(100e6)
  expect(result).toEqual({ papers: 70_000, problems: 0, lastTitle: 'Title 69999', rejected: null })
  expect(gaps.length).toBeGreaterThan(20)
  expect(gaps[Math.floor(gaps.length * 0.95)]).toBeLessThan(100)
})
