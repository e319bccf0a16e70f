import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import { writeSafetensors } from '../src/core/checkpoint/safetensors.js'
import type { Checkpoint } from '../src/core/checkpoint/tensors.js'
import type { EncoderShape } from '../src/core/converter/encoder-graph.js'
import type { EncoderTier, PaperText } from '../src/core/types.js'
import type { BenchOptions } from './bench-options.js'
import { aclTexts, dataFolder, searchCandidates, weightsFolder } from './benchmark-data.js'
import { type OpenPage, openPage, workFolder } from './browser-page.js'
import { cpuSeconds } from './cpu-time.js'
import { mainThreadUse } from './main-thread.js'
import {
  bertConfig,
  convert,
  MINILM_SHAPE,
  publishedCheckpoint,
  randomCheckpoint,
  specter2Shape,
  writePeerModel,
} from './models.js'
import type { OpenOptions, Setup } from './page/main.js'
import type { ProductRace } from './page/product-race.js'
import { median } from './statistics.js'

const SEED = 2020
const PEER = 'transformers.js, batches of 32 as they come'

/** Ours and the pipeline of transformers.js: the same weights, tokenizer, limit, threads and papers, alternating in one Chromium. */
export async function embedSuite(options: BenchOptions): Promise<Row[]> {
  mkdirSync(workFolder, { recursive: true })
  return [...(await minilm(options)), ...(await specter2(options))]
}

async function minilm({ rounds, papers = 400, ...options }: BenchOptions): Promise<Row[]> {
  const weights = weightsFolder(options)
  const adapter = `adhoc_query=${join(weights, 'adapters/adhoc_query')}`
  await convert([weights, '--adapter', adapter, '--dtype', 'q8', '--out', join(workFolder, 'minilm')])
  await writePeerModel(join(workFolder, 'minilm-peer'), await publishedCheckpoint(weights), MINILM_SHAPE, weights, 256)
  const setup = {
    model: '/models/minilm/',
    peerModel: 'models/minilm-peer',
    threads: 2,
    pooling: 'mean',
    normalize: true,
    separator: ' ',
  } as const
  return compare('minilm', MINILM_SHAPE, setup, aclTexts(dataFolder(options), papers), rounds)
}

async function specter2({ rounds, papers = 100, ...options }: BenchOptions): Promise<Row[]> {
  const weights = weightsFolder(options)
  const shape = specter2Shape(30522)
  const checkpoint = randomCheckpoint(shape, SEED)
  const published = join(workFolder, 'specter2-shape-published')
  await writePublished(published, checkpoint, shape, weights)
  const adapter = `proximity=${join(published, 'proximity')}`
  // Error feedback would change the weights, which are random, but not the graph.
  const flags = ['--dtype', 'q8', '--max-tokens', '512', '--error-feedback', 'no']
  await convert([published, '--adapter', adapter, ...flags, '--out', join(workFolder, 'specter2-shape')])
  await writePeerModel(join(workFolder, 'specter2-shape-peer'), checkpoint, shape, weights, 512)
  const setup = {
    model: '/models/specter2-shape/',
    peerModel: 'models/specter2-shape-peer',
    threads: 2,
    pooling: 'cls',
    normalize: false,
    separator: '[SEP]',
  } as const
  return compare('specter2-shape', shape, setup, searchCandidates(dataFolder(options), papers), rounds)
}

/** Each round runs all variants in a rotating order; the median of the rounds counts. */
async function compare(model: string, shape: EncoderShape, setup: Setup, papers: PaperText[], rounds: number): Promise<Row[]> {
  const opened = await openPage({ '/models': workFolder })
  const { page } = opened
  try {
    await page.evaluate((options) => window.bench.setup(options), setup)
    const ours = { model: setup.model, dtype: 'q8', threads: setup.threads } as const
    const embedders: OpenOptions[] = [
      { ...ours, name: 'ours' },
      { ...ours, name: 'ours, on transformers.js', engine: 'transformers' },
      ...(['maddubs', 'simd'] as const).map((tier) => ({ ...ours, name: `ours, ${tier}`, engine: 'own' as const, tier })),
    ]
    for (const options of embedders) await page.evaluate((variant) => window.bench.open(variant), options)
    let tokens = 0
    const variants: { name: string; run: (papers: PaperText[]) => Promise<number>; ms: number[]; cpu: number[] }[] = [
      { name: PEER, run: (input) => peerPass(opened, input, false), ms: [], cpu: [] },
      { name: 'transformers.js, batches of 32 by length', run: (input) => peerPass(opened, input, true), ms: [], cpu: [] },
      ...embedders.map(({ name }) => ({
        name,
        run: async (input: PaperText[]) => {
          const pass = await page.evaluate(([variant, list]) => window.bench.pass(variant, list), [name, input] as const)
          tokens = pass.tokens
          return pass.ms
        },
        ms: [],
        cpu: [],
      })),
    ]
    // A second worker starts with the first bulk work.
    for (let warm = 0; warm < 2; warm++) for (const { run } of variants) await run(papers.slice(0, 32))
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < variants.length; turn++) {
        const variant = variants[(turn + round) % variants.length]!
        const start = cpuSeconds()
        variant.ms.push(await variant.run(papers))
        variant.cpu.push(cpuSeconds() - start)
        console.error(`${model} round ${round + 1}: ${variant.name} ${(variant.ms.at(-1)! / 1000).toFixed(1)} s`)
      }
    }
    const infos = await page.evaluate(() => window.bench.infos())
    const peer = variants[0]!
    const races = new Map<EncoderTier, ProductRace>()
    for (const { tier } of Object.values(infos))
      if (tier && !races.has(tier))
        races.set(
          tier,
          await page.evaluate(([name, width]) => window.bench.productRace(name, width), [tier, shape.hidden] as const),
        )
    const rows = variants.map(({ name, ms, cpu }): Row => {
      const seconds = median(ms) / 1000
      const info = infos[name]
      const race = info?.tier ? races.get(info.tier) : undefined
      const operations = 4 * shape.layers * shape.hidden * (2 * shape.hidden + shape.intermediate)
      return {
        name,
        model,
        papers: papers.length,
        tokens,
        papersPerSecond: papers.length / seconds,
        tokensPerSecond: tokens / seconds,
        timesPeer: median(peer.ms.map((value, round) => value / ms[round]!)),
        cpuSeconds: median(cpu),
        dtype: 'q8',
        device: 'wasm',
        threads: info?.threads ?? setup.threads,
        workers: info?.workers ?? 1,
        tier: info?.tier ?? '',
        // Billions of multiplications and additions a second on one thread: the integer product beside what its instructions allow
        // at most, and the whole run beside that on all workers.
        productGops: race?.product ?? '',
        limitGops: race?.limit ?? '',
        productShare: race?.share ?? '',
        runShare: race && info ? (operations * tokens) / seconds / 1e9 / (race.limit * info.workers) : '',
      }
    })
    return model === 'minilm' ? [...rows, await mainThreadUse(opened, papers)] : rows
  } finally {
    await opened.close()
  }
}

async function peerPass({ page }: OpenPage, papers: PaperText[], sorted: boolean): Promise<number> {
  const { ms } = await page.evaluate(([list, byLength]) => window.bench.peer(list, byLength), [papers, sorted] as const)
  return ms
}

/** A checkpoint as it would be published, with an adapter of bottleneck 48. */
async function writePublished(folder: string, checkpoint: Checkpoint, shape: EncoderShape, tokenizer: string): Promise<void> {
  mkdirSync(join(folder, 'proximity'), { recursive: true })
  const tensors = []
  for (const { name, shape: dims, read } of checkpoint.values()) tensors.push({ name, shape: dims, data: await read() })
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(bertConfig(shape)))
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    writeFileSync(join(folder, file), readFileSync(join(tokenizer, file)))
  const bottleneck = 48
  const small = (length: number) => new Float32Array(length).fill(0.01)
  const adapter = Array.from({ length: shape.layers }, (_, layer) => [
    { name: `adapter.${layer}.down.weight`, shape: [shape.hidden, bottleneck], data: small(shape.hidden * bottleneck) },
    { name: `adapter.${layer}.down.bias`, shape: [bottleneck], data: small(bottleneck) },
    { name: `adapter.${layer}.up.weight`, shape: [bottleneck, shape.hidden], data: small(shape.hidden * bottleneck) },
    { name: `adapter.${layer}.up.bias`, shape: [shape.hidden], data: small(shape.hidden) },
  ]).flat()
  writeFileSync(join(folder, 'proximity/model.safetensors'), writeSafetensors(adapter))
}
