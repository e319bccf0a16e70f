import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { InvalidArgumentError } from '../../core/errors.js'
import { BARS, FP32_LARGEST_DIFFERENCE } from '../../core/model-folder/dtypes.js'
import type { AdapterName, Device, Dtype } from '../../core/types.js'
import type { ModelFolder } from '../../model/open-model.js'
import { parseCalibrationTexts } from '../convert/calibration-file.js'
import { type Agreement, agreement } from '../evaluate/vector-agreement.js'
import { modelFolderPath, openLocalModel } from '../local-model.js'
import { wholeNumber } from '../option-values.js'
import { ProgressLine } from '../progress-line.js'
import { checkReportFile, machine, printTable, type Row, writeRows } from '../report.js'
import type { BrowserName } from './browser-driver.js'
import { type Reference, readReference } from './reference-file.js'
import { VerifyBrowser } from './verify-browser.js'
import type { VerifyEmbedder, VerifyTexts } from './verify-embedder.js'
import { NodeEmbedder } from './verify-node.js'
import { verifyTexts } from './verify-texts.js'

export const verifyUsage = `specter2-web verify <folder> [options]

Compares the vectors of each dtype and adapter of a converted model with those of its fp32, and with a reference. Ends with 1
where one falls short.

  --reference FILE   vectors of another implementation: JSON with papers, queries and vectors
  --texts FILE       compares on these in place of its own: JSON Lines of { title, abstract }, { text } or { query }
  --browser          also in Chromium, on WASM and on WebGPU; needs playwright-core or puppeteer-core in your project
  --firefox          also in Firefox, on both; needs puppeteer-core
  --threads N        default: all cores up to 8
  --json FILE        writes the rows there, too`

/** Those that a GPU has operations for. */
const WEBGPU_DTYPES: readonly Dtype[] = ['fp32', 'fp16', 'q4', 'q4f16']

/** Vectors as they should be. */
interface Expected extends Reference {
  against: 'fp32' | 'reference' | 'self-test'
  /** Of the papers, and after them of the queries. */
  tokenCounts: readonly number[]
}

/** One dtype in one place, and how it starts. */
interface Run {
  dtype: Dtype
  device: Device
  browser: 'node' | BrowserName
  start: () => Promise<VerifyEmbedder>
}

/** @returns 0, or 1 where a row falls short. */
export async function verifyCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reference: { type: 'string' },
      texts: { type: 'string' },
      browser: { type: 'boolean', default: false },
      firefox: { type: 'boolean', default: false },
      threads: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const [path, ...rest] = positionals
  if (!path || rest.length > 0) throw new InvalidArgumentError('<folder>', positionals.join(' '), 'one folder')
  const threads = values.threads === undefined ? undefined : wholeNumber('--threads', values.threads, 1)
  await checkReportFile(values.json)
  const reference = values.reference === undefined ? null : await readReference(values.reference)
  const texts = values.texts === undefined ? verifyTexts : await readTexts(values.texts)
  const folder = await openLocalModel(path)
  const browsers: VerifyBrowser[] = []
  console.log(machine())
  const line = new ProgressLine()
  const verification = new Verification(folder, line, signal)
  try {
    // Before the long part: a browser that is missing is better missed now.
    if (values.browser) browsers.push(await VerifyBrowser.start('chromium', modelFolderPath(path)))
    if (values.firefox) browsers.push(await VerifyBrowser.start('firefox', modelFolderPath(path)))
    const node = (dtype: Dtype): Run => ({
      dtype,
      device: 'wasm',
      browser: 'node',
      start: () => NodeEmbedder.load(folder, dtype, threads),
    })
    const dtypes = Object.keys(folder.manifest.dtypes) as Dtype[]
    await verification.expect(node, { reference, texts })
    for (const dtype of dtypes) await verification.run(node(dtype))
    for (const browser of browsers) {
      for (const device of ['wasm', 'webgpu'] as const) {
        for (const dtype of dtypes.filter((dtype) => device === 'wasm' || WEBGPU_DTYPES.includes(dtype))) {
          const missing = device === 'webgpu' ? browser.missingForWebGpu(dtype) : null
          const run: Run = { dtype, device, browser: browser.name, start: () => browser.embedder(dtype, device, threads) }
          if (missing) verification.skip(run, missing)
          else await verification.run(run)
        }
      }
    }
  } finally {
    line.end()
    for (const browser of browsers) await browser.close()
  }
  const { rows } = verification
  printTable(rows)
  if (!Object.hasOwn(folder.manifest.dtypes, 'fp32'))
    console.log(`This folder has no fp32, so it was compared with its self-test${reference ? ' and the reference' : ''} alone.`)
  if (values.json) await writeRows(values.json, `verify ${args.join(' ')}`, rows)
  const failed = rows.filter(({ pass }) => pass === false)
  for (const { dtype, device, browser, adapter, against, reason } of failed)
    console.error(
      `falls short: ${dtype} on ${device} in ${browser}, ${adapter}${against ? ` against ${against}` : ''}${reason ? `: ${reason}` : ''}`,
    )
  return failed.length > 0 ? 1 : 0
}

/** Collects the rows: each run against all that is expected. */
class Verification {
  readonly rows: Row[] = []
  readonly #folder: ModelFolder
  readonly #line: ProgressLine
  readonly #signal: AbortSignal
  readonly #adapters: readonly AdapterName[]
  readonly #expected: Expected[] = []

  constructor(folder: ModelFolder, line: ProgressLine, signal: AbortSignal) {
    this.#folder = folder
    this.#line = line
    this.#signal = signal
    this.#adapters = ['base', ...Object.keys(folder.manifest.adapters)]
  }

  /** Finds what vectors should be: by the reference, by fp32 on `texts`, or where there is none by the manifest's self-test. */
  async expect(
    node: (dtype: Dtype) => Run,
    { reference, texts }: { reference: Reference | null; texts: VerifyTexts },
  ): Promise<void> {
    const { selfTest, dtypes } = this.#folder.manifest
    const countTokens = await NodeEmbedder.tokenCounter(this.#folder)
    const add = (against: Expected['against'], { texts, vectors }: Reference) =>
      this.#expected.push({ against, texts, vectors, tokenCounts: countTokens(texts) })
    if (reference) add('reference', reference)
    add('self-test', { texts: { papers: selfTest.texts, queries: [] }, vectors: new Map(Object.entries(selfTest.vectors)) })
    if (!Object.hasOwn(dtypes, 'fp32')) return
    const vectors = new Map<AdapterName, number[][]>()
    const embedder = await node('fp32').start()
    try {
      for (const adapter of this.#adapters) {
        this.#line.show(`fp32 ${adapter}`, `fp32 in node, ${adapter}: what the others are compared with`)
        vectors.set(
          adapter,
          (await embedder.embed(texts, adapter, this.#signal)).map((vector) => Array.from(vector)),
        )
      }
    } finally {
      await embedder.dispose()
    }
    add('fp32', { texts, vectors })
  }

  /** A row for each adapter and each expectation; one that cannot run falls short as well. */
  async run(run: Run): Promise<void> {
    const { dtype, device, browser } = run
    const place = { dtype, device, browser }
    // What fp32 in Node gives is what the others are compared with, so it is itself compared with what it gave at conversion.
    const isBasis = dtype === 'fp32' && browser === 'node'
    const hasFp32 = this.#expected.some(({ against }) => against === 'fp32')
    const expected = this.#expected.filter(
      ({ against }) => against === 'reference' || against === (isBasis || !hasFp32 ? 'self-test' : 'fp32'),
    )
    let embedder: VerifyEmbedder
    try {
      this.#line.show(`${browser} ${device} ${dtype}`, `${dtype} on ${device} in ${browser}`)
      embedder = await run.start()
    } catch (error) {
      this.#signal.throwIfAborted()
      this.rows.push({ ...place, adapter: 'all', pass: false, reason: `not run: ${reasonOf(error)}` })
      return
    }
    try {
      for (const adapter of this.#adapters) {
        this.#line.show(`${browser} ${device} ${dtype} ${adapter}`, `${dtype} on ${device} in ${browser}, ${adapter}`)
        for (const { against, texts, vectors, tokenCounts } of expected) {
          const wanted = vectors.get(adapter)
          if (!wanted) continue
          try {
            const found = agreement(await embedder.embed(texts, adapter, this.#signal), wanted, tokenCounts)
            this.rows.push({ ...place, adapter, against, ...found, pass: passes(run, against, found) })
          } catch (error) {
            this.#signal.throwIfAborted()
            this.rows.push({ ...place, adapter, against, pass: false, reason: reasonOf(error) })
          }
        }
      }
    } finally {
      await embedder.dispose()
    }
  }

  /** A row without verdict, for what cannot be tried here. */
  skip({ dtype, device, browser }: Run, reason: string): void {
    this.rows.push({ dtype, device, browser, adapter: 'all', reason: `not run: ${reason}` })
  }
}

/** Of so few texts as a self-test has, the smallest cosine says all. */
function passes({ dtype, device }: Run, against: Expected['against'], { maxAbs, meanCosine, minCosine }: Agreement): boolean {
  const { mean, smallest } = BARS[dtype]
  if (dtype === 'fp32' && !(maxAbs <= FP32_LARGEST_DIFFERENCE[device])) return false
  return minCosine >= smallest && (against === 'self-test' || meanCosine >= mean)
}

async function readTexts(path: string): Promise<VerifyTexts> {
  const content = await readFile(path, 'utf8').catch(() => null)
  if (content === null) throw new InvalidArgumentError('--texts', path, 'a file that can be read')
  return parseCalibrationTexts(path, content, '--texts')
}

/** The message alone: a driver puts its own name before it and the page's stack behind. */
function reasonOf(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0]!.replace(/^(?:[\w.]+: )*?(?:\w*Error: )/, '')
}
