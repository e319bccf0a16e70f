import { TIERS } from '../../core/kernels/encoder-tiers.js'
import { BARS, FP32_LARGEST_DIFFERENCE } from '../../core/model-folder/dtypes.js'
import type { AdapterName, Device, Dtype, EncoderTier } from '../../core/types.js'
import type { ModelFolder } from '../../model/open-model.js'
import { onlyArgument, parseCommand, threadCount } from '../arguments.js'
import { requireParentFolder } from '../files.js'
import { modelFolderPath, openLocalModel } from '../local-model.js'
import type { Output } from '../output.js'
import { formatTable, machine, type Row, writeRows } from '../report.js'
import { readTexts, type Texts } from '../texts-file.js'
import type { BrowserName } from './browser-driver.js'
import { loadTokenCounter, NodeEmbedder, type VerifyEmbedder } from './node-embedder.js'
import { type Reference, readReference } from './reference-file.js'
import { type Agreement, agreement } from './vector-agreement.js'
import { VerifyBrowser } from './verify-browser.js'
import { verifyTexts } from './verify-texts.js'

export const verifyUsage = `specter2-web verify <folder> [options]

Compares the vectors of each dtype and adapter of a converted model with those of its fp32, and with a reference, on
transformers.js and on each tier of the own encoder that this CPU has. The exit
code is 1 if any is too far off.

  --reference FILE   vectors of another implementation: JSON with papers, queries and vectors
  --texts FILE       the texts to compare on, instead of built-in ones: JSON Lines of { title, abstract }, { text } or
                     { query }
  --browser          also in Chromium, on WASM and WebGPU; needs playwright-core or puppeteer-core in your project
  --firefox          also in Firefox, on both; needs puppeteer-core
  --threads N        default: all cores up to 8
  --json FILE        also writes the rows as JSON`

/** Dtypes whose operations WebGPU has. */
const WEBGPU_DTYPES: readonly Dtype[] = ['fp32', 'fp16', 'q4', 'q4f16']

/** What runs a dtype: transformers.js, or one tier of the own encoder. */
export type Runner = { engine: 'transformers' } | { engine: 'own'; tier: EncoderTier }

const TRANSFORMERS: Runner = { engine: 'transformers' }
/** On WASM the own encoder runs 8 and 4 bits, too. */
const runnersOf = (dtype: Dtype, device: Device): Runner[] =>
  device === 'wasm' && ['q8', 'q4', 'q4f16'].includes(dtype)
    ? [TRANSFORMERS, ...TIERS.map((tier): Runner => ({ engine: 'own', tier }))]
    : [TRANSFORMERS]
const engineName = (runner: Runner) => (runner.engine === 'own' ? `own, ${runner.tier}` : runner.engine)

/** Vectors with which others are compared. */
interface Expected extends Reference {
  against: 'fp32' | 'reference' | 'self-test'
  /** Of the papers, then of the queries. */
  tokenCounts: readonly number[]
}

/** A dtype on a device in Node or a browser, and how to start it. */
interface Run {
  dtype: Dtype
  device: Device
  browser: 'node' | BrowserName
  runner: Runner
  start: () => Promise<VerifyEmbedder>
}

/** @returns 0, or 1 if a row is too far off. */
export async function verifyCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    reference: { type: 'string' },
    texts: { type: 'string' },
    browser: { type: 'boolean', default: false },
    firefox: { type: 'boolean', default: false },
    threads: { type: 'string' },
    json: { type: 'string' },
  })
  const path = onlyArgument('<folder>', positionals, 'one folder')
  const threads = threadCount(values.threads)
  await requireParentFolder('--json', values.json)
  const reference = values.reference === undefined ? null : await readReference(values.reference)
  const texts = values.texts === undefined ? verifyTexts : await readTexts('--texts', values.texts)
  const folder = await openLocalModel(path)
  const browsers: VerifyBrowser[] = []
  output.print(machine())
  const verification = new Verification(folder, output, signal)
  try {
    // Before the long part, so that a missing browser is reported at once.
    if (values.browser) browsers.push(await VerifyBrowser.start('chromium', modelFolderPath(path)))
    if (values.firefox) browsers.push(await VerifyBrowser.start('firefox', modelFolderPath(path)))
    const inNode = (dtype: Dtype, runner = TRANSFORMERS): Run => ({
      dtype,
      device: 'wasm',
      browser: 'node',
      runner,
      start: () => NodeEmbedder.load(folder, { ...runner, dtype, threads, signal }),
    })
    const dtypes = Object.keys(folder.manifest.dtypes) as Dtype[]
    await verification.expect(inNode('fp32'), { reference, texts })
    for (const dtype of dtypes) for (const runner of runnersOf(dtype, 'wasm')) await verification.run(inNode(dtype, runner))
    for (const browser of browsers) {
      for (const device of ['wasm', 'webgpu'] as const) {
        for (const dtype of dtypes.filter((dtype) => device === 'wasm' || WEBGPU_DTYPES.includes(dtype))) {
          const missing = device === 'webgpu' ? browser.missingForWebGpu(dtype) : null
          for (const runner of runnersOf(dtype, device)) {
            const start = () => browser.embedder({ ...runner, dtype, device, threads })
            const run: Run = { dtype, device, browser: browser.name, runner, start }
            if (missing) verification.skip(run, missing)
            else await verification.run(run)
          }
        }
      }
    }
  } finally {
    for (const browser of browsers) await browser.close()
  }
  const { rows } = verification
  output.print(formatTable(rows))
  if (!Object.hasOwn(folder.manifest.dtypes, 'fp32'))
    output.print(`This folder has no fp32, so it was only compared with its self-test${reference ? ' and the reference' : ''}.`)
  await writeRows(values.json, `verify ${args.join(' ')}`, rows)
  const failed = rows.filter(({ pass }) => pass === false)
  for (const { dtype, device, browser, engine, adapter, against, reason } of failed)
    output.warn(
      `failed: ${dtype} on ${device} in ${browser} (${engine}), ${adapter}${against ? ` against ${against}` : ''}${reason ? `: ${reason}` : ''}`,
    )
  return failed.length > 0 ? 1 : 0
}

/** Compares each run with the expected vectors and collects the rows. */
class Verification {
  readonly rows: Row[] = []
  readonly #folder: ModelFolder
  readonly #output: Output
  readonly #signal: AbortSignal
  readonly #adapters: readonly AdapterName[]
  readonly #expected: Expected[] = []

  constructor(folder: ModelFolder, output: Output, signal: AbortSignal) {
    this.#folder = folder
    this.#output = output
    this.#signal = signal
    this.#adapters = ['base', ...Object.keys(folder.manifest.adapters)]
  }

  /** Collects the expected vectors: of the reference, of the manifest's self-test, and of fp32 on `texts` if there is fp32. */
  async expect(fp32: Run, { reference, texts }: { reference: Reference | null; texts: Texts }): Promise<void> {
    const { selfTest, dtypes } = this.#folder.manifest
    const countTokens = await loadTokenCounter(this.#folder)
    const add = (against: Expected['against'], { texts, vectors }: Reference) =>
      this.#expected.push({ against, texts, vectors, tokenCounts: countTokens(texts) })
    if (reference) add('reference', reference)
    add('self-test', { texts: { papers: selfTest.texts, queries: [] }, vectors: new Map(Object.entries(selfTest.vectors)) })
    if (!Object.hasOwn(dtypes, 'fp32')) return
    const vectors = new Map<AdapterName, number[][]>()
    const embedder = await fp32.start()
    try {
      for (const adapter of this.#adapters) {
        this.#output.showProgress(`fp32 ${adapter}`, `fp32 in node, ${adapter}, as the reference for the others`)
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

  /** Adds a row for each adapter and each set of expected vectors; a run that cannot start adds one that fails. */
  async run(run: Run): Promise<void> {
    const { dtype, device, browser, runner } = run
    const place = { dtype, device, browser, engine: engineName(runner) }
    // fp32 in Node is what the others are compared with, so it is compared with its own vectors at conversion.
    const isBaseline = dtype === 'fp32' && browser === 'node'
    const hasFp32 = this.#expected.some(({ against }) => against === 'fp32')
    const expected = this.#expected.filter(
      ({ against }) => against === 'reference' || against === (isBaseline || !hasFp32 ? 'self-test' : 'fp32'),
    )
    let embedder: VerifyEmbedder
    try {
      this.#output.showProgress(`${browser} ${device} ${dtype}`, `${dtype} on ${device} in ${browser}`)
      embedder = await run.start()
    } catch (error) {
      this.#signal.throwIfAborted()
      // Most CPUs have some of the tiers only, and all have plain SIMD.
      if (runner.engine === 'own' && isUnsupported(error)) {
        if (runner.tier === 'simd') this.skip(run, reasonOf(error))
        return
      }
      this.rows.push({ ...place, adapter: 'all', pass: false, reason: `not run: ${reasonOf(error)}` })
      return
    }
    try {
      for (const adapter of this.#adapters) {
        this.#output.showProgress(`${browser} ${device} ${dtype} ${adapter}`, `${dtype} on ${device} in ${browser}, ${adapter}`)
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

  /** Adds a row without verdict for a run that is not possible here. */
  skip({ dtype, device, browser, runner }: Run, reason: string): void {
    this.rows.push({ dtype, device, browser, engine: engineName(runner), adapter: 'all', reason: `not run: ${reason}` })
  }
}

/** A self-test has so few texts that only their smallest cosine counts. */
function passes({ dtype, device }: Run, against: Expected['against'], { maxAbs, meanCosine, minCosine }: Agreement): boolean {
  const { mean, smallest } = BARS[dtype]
  if (dtype === 'fp32' && !(maxAbs <= FP32_LARGEST_DIFFERENCE[device])) return false
  return minCosine >= smallest && (against === 'self-test' || meanCosine >= mean)
}

/** In a browser the driver passes on the message alone. */
const isUnsupported = (error: unknown) => /own encoder cannot run/.test((error as Error).message)

/** The message without the driver's name in front of it and the page's stack behind. */
function reasonOf(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0]!.replace(/^(?:[\w.]+: )*?(?:\w*Error: )/, '')
}
