import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { convertCommand } from '../src/cli/convert/convert.js'
import type { Row } from '../src/cli/report.js'
import { writeSafetensors } from '../src/core/checkpoint/safetensors.js'
import type { Checkpoint } from '../src/core/checkpoint/tensors.js'
import type { EncoderShape } from '../src/core/converter/encoder-graph.js'
import type { PaperText } from '../src/core/types.js'
import type { BenchOptions } from './bench-options.js'
import { type OpenPage, openPage, workFolder } from './browser-page.js'
import { aclPapers, searchCandidates } from './data.js'
import { mainThreadUse } from './main-thread.js'
import { median } from './median.js'
import {
  bertConfig,
  MINILM_SHAPE,
  publishedCheckpoint,
  randomCheckpoint,
  requireFolder,
  specter2Shape,
  writePeerModel,
} from './models.js'
import type { Setup } from './page/main.js'

const SEED = 2020

/** Ours beside transformers.js's own pipeline: the same weights, tokenizer, limit, threads and papers, alternating in one Chromium. */
export async function embedSuite(options: BenchOptions): Promise<Row[]> {
  const data = requireFolder(resolve(options.data ?? '.'), '--data')
  const weights = requireFolder(resolve(options.weights ?? join(dirname(data), 'weights/all-MiniLM-L6-v2')), '--weights')
  mkdirSync(workFolder, { recursive: true })
  return [...(await minilm(data, weights, options.rounds)), ...(await specter2(data, weights, options.rounds))]
}

async function minilm(data: string, weights: string, rounds: number): Promise<Row[]> {
  const ours = join(workFolder, 'minilm')
  await convertCommand(
    [weights, '--adapter', `adhoc_query=${join(weights, 'adapters/adhoc_query')}`, '--dtype', 'q8', '--out', ours],
    new AbortController().signal,
  )
  await writePeerModel(join(workFolder, 'minilm-peer'), await publishedCheckpoint(weights), MINILM_SHAPE, weights, 256)
  const setup = {
    model: '/models/minilm/',
    peerModel: 'models/minilm-peer',
    threads: 2,
    pooling: 'mean',
    normalize: true,
    separator: ' ',
  } as const
  return compare('minilm', setup, aclPapers(data, 400), rounds)
}

async function specter2(data: string, weights: string, rounds: number): Promise<Row[]> {
  const shape = specter2Shape(30522)
  const checkpoint = randomCheckpoint(shape, SEED)
  const published = join(workFolder, 'specter2-shape-published')
  await writePublished(published, checkpoint, shape, weights)
  await convertCommand(
    [
      published,
      '--adapter',
      `proximity=${join(published, 'proximity')}`,
      '--dtype',
      'q8',
      '--max-tokens',
      '512',
      // Changes codes of random weights, not the graph.
      '--error-feedback',
      'no',
      '--out',
      join(workFolder, 'specter2-shape'),
    ],
    new AbortController().signal,
  )
  await writePeerModel(join(workFolder, 'specter2-shape-peer'), checkpoint, shape, weights, 512)
  const setup = {
    model: '/models/specter2-shape/',
    peerModel: 'models/specter2-shape-peer',
    threads: 2,
    pooling: 'cls',
    normalize: false,
    separator: '[SEP]',
  } as const
  return compare('specter2-shape', setup, searchCandidates(data, 100), rounds)
}

/** Each round runs all three, in an order that turns; the median of the rounds counts. */
async function compare(model: string, setup: Setup, papers: PaperText[], rounds: number): Promise<Row[]> {
  const opened = await openPage({ '/models': workFolder })
  const { page } = opened
  try {
    const { threads } = await page.evaluate((options) => window.bench.setup(options), setup)
    let tokens = 0
    const variants: { name: string; run: (papers: PaperText[]) => Promise<number>; ms: number[] }[] = [
      { name: 'transformers.js, batches of 32 as they come', run: (input) => peerPass(opened, input, false), ms: [] },
      { name: 'transformers.js, batches of 32 by length', run: (input) => peerPass(opened, input, true), ms: [] },
      {
        name: 'ours',
        run: async (input) => {
          const pass = await page.evaluate((list) => window.bench.ours(list), input)
          tokens = pass.tokens
          return pass.ms
        },
        ms: [],
      },
    ]
    for (const { run } of variants) await run(papers.slice(0, 32))
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < variants.length; turn++) {
        const variant = variants[(turn + round) % variants.length]!
        variant.ms.push(await variant.run(papers))
        console.error(`${model} round ${round + 1}: ${variant.name} ${(variant.ms.at(-1)! / 1000).toFixed(1)} s`)
      }
    }
    const rows = variants.map(({ name, ms }): Row => {
      const seconds = median(ms) / 1000
      return {
        name,
        model,
        papers: papers.length,
        tokens,
        papersPerSecond: papers.length / seconds,
        tokensPerSecond: tokens / seconds,
        dtype: 'q8',
        device: 'wasm',
        threads,
      }
    })
    const page400 = model === 'minilm' ? [await mainThreadUse(opened, papers)] : []
    return [...rows, ...page400]
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
