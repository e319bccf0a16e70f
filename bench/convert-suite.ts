import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { Row } from '../src/cli/report.js'
import { graphFiles, type Manifest } from '../src/core/model-folder/manifest.js'
import type { Dtype } from '../src/core/types.js'
import type { BenchOptions } from './bench-options.js'
import { loadPage, openPage, root, workFolder } from './browser-page.js'
import { RendererMemory } from './peak-memory.js'
import { ADAPTER_FOLDERS, writePublishedModel } from './published-model.js'

const SEED = 20_240_101
const ADAPTERS = Object.keys(ADAPTER_FOLDERS)

/**
 * Converts published files of SPECTER2's size, generated from a seed, to each dtype in Node and in Chromium: time, peak memory,
 * bytes, and whether both write the same; then the time from the warm cache to the first vector.
 */
export async function convertSuite({ dtypes }: BenchOptions): Promise<Row[]> {
  const cli = join(root, 'dist/cli.js')
  if (!existsSync(cli)) throw new Error('dist/cli.js is missing. Run `npm run build` first.')
  const published = join(workFolder, 'published/specter2-shape')
  if (!existsSync(join(published, 'complete'))) {
    await writePublishedModel(published, SEED, join(root, 'testing/fixtures/specter2-tiny'))
    writeFileSync(join(published, 'complete'), '')
  }
  const rows: Row[] = []
  for (const dtype of dtypes as Dtype[]) {
    const node = await convertInNode(cli, published, dtype)
    rows.push({ name: 'ours, Node', dtype, ...node.figures })
    rows.push(...(await convertInChromium(published, dtype, node.manifest)))
  }
  return rows
}

async function convertInNode(cli: string, published: string, dtype: Dtype): Promise<{ manifest: Manifest; figures: Row }> {
  const out = join(workFolder, 'models', `specter2-shape-${dtype}`)
  const adapters = ADAPTERS.flatMap((name) => ['--adapter', `${name}=${join(published, ADAPTER_FOLDERS[name]!)}`])
  const args = [
    'convert',
    join(published, 'specter2_base'),
    ...adapters,
    '--dtype',
    dtype,
    '--error-feedback',
    'no',
    '--out',
    out,
  ]
  // In kilobytes.
  const report = "process.on('exit', () => console.error('maxRSS ' + process.resourceUsage().maxRSS))"
  const start = performance.now()
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(report)}`, cli, ...args])
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text))
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) throw new Error(`specter2-web convert failed (${status}): ${printed}`)
  const seconds = (performance.now() - start) / 1000
  const manifest: Manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  const peakBytes = 1024 * Number(/maxRSS (\d+)/.exec(printed)?.[1])
  return { manifest, figures: { seconds, peakBytes, bytes: graphBytes(manifest, dtype) } }
}

async function convertInChromium(published: string, dtype: Dtype, byNode: Manifest): Promise<Row[]> {
  const { page, browser, url, close } = await openPage({ '/folder': join(workFolder, 'models') })
  const memory = await RendererMemory.of(browser)
  try {
    const idle = memory.now()
    await page.setInputFiles('input', published)
    const start = performance.now()
    const { address, failedCosine } = await page.evaluate((dtype) => window.bench.convert(dtype), dtype)
    const seconds = (performance.now() - start) / 1000
    const peakBytes = memory.takePeak() - idle
    const manifest = await storedManifest(page, address)
    const sameAsNode = sameFolder(manifest, byNode)
    const converted = { name: 'ours, Chromium', dtype, seconds, peakBytes, bytes: graphBytes(manifest, dtype), sameAsNode }
    // Random weights are too coarse in 4 bits without error feedback, so the model fails its self-test.
    if (failedCosine !== null) return [{ ...converted, failedCosine }]

    const folder = `/folder/specter2-shape-${dtype}/`
    await page.evaluate((folder) => window.bench.warm(folder), folder)
    await loadPage(page, url)
    const asFolder = await page.evaluate((folder) => window.bench.warm(folder), folder)
    await loadPage(page, url)
    const warm = await page.evaluate((address) => window.bench.warm(address), address)
    const oneAdapter = memory.now()
    const used = await page.evaluate((adapters) => window.bench.useAdapters(adapters), ADAPTERS)
    const allAdapters = memory.now()
    return [
      converted,
      { name: 'ours, Chromium, folder of a server, warm cache', dtype, ...asFolder },
      {
        name: 'ours, Chromium, converted there, warm cache',
        dtype,
        ...warm,
        ...used,
        bytesOneAdapter: oneAdapter - idle,
        bytesAllAdapters: allAdapters - idle,
      },
    ]
  } finally {
    memory.stop()
    await close()
  }
}

/** Bytes of the graph and its weights on the CPU, without tokenizer and adapters. */
function graphBytes(manifest: Manifest, dtype: Dtype): number {
  return graphFiles(manifest, dtype, 'wasm').reduce((sum, path) => sum + manifest.files[path]!.bytes, 0)
}

/** A manifest has the hashes of all files. */
function sameFolder(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function storedManifest(page: Page, address: string): Promise<Manifest> {
  return page.evaluate(async (key) => {
    const request = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const database = await request(indexedDB.open('specter2-web'))
    const record = await request(database.transaction('models').objectStore('models').get(key))
    database.close()
    return record.manifest
  }, `model:${address}`)
}
