import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { embedTexts } from '../src/cli/embed-texts.js'
import { openLocalModel } from '../src/cli/local-model.js'
import { nodeThreads, runtimeFolder } from '../src/cli/paths.js'
import { ProgressLine } from '../src/cli/progress-line.js'
import type { Row } from '../src/cli/report.js'
import { Engine } from '../src/engine/engine.js'
import { VectorIndex } from '../src/search/vector-index.js'
import type { Metric } from '../src/types.js'
import type { BenchOptions } from './bench-options.js'
import { root, workFolder } from './browser-page.js'
import { differences } from './exactness.js'
import { requireFolder } from './models.js'

const QUERIES = 10_000

/**
 * Whether the index finds what a scan in float64 finds: real vectors (ACL's abstracts by the default model in q8, kept for the
 * next run) with duplicates and near duplicates planted, 10,000 queries, by either metric.
 */
export async function exactnessSuite({ data }: BenchOptions): Promise<Row[]> {
  const folder = requireFolder(resolve(data ?? '.'), '--data')
  const { vectors, dimension } = await aclVectors(join(folder, 'acl/acl_anthology.jsonl'))
  return (['cosine', 'euclidean'] as const satisfies Metric[]).map((metric) => {
    const index = new VectorIndex({ dimension, metric })
    const { papers, wrong, searchMs, scanMs } = differences(index, vectors, QUERIES)
    return {
      name: `ours, ${metric}`,
      papers,
      dimension,
      queries: QUERIES,
      differences: wrong,
      meanMs: searchMs,
      scanMeanMs: scanMs,
    }
  })
}

async function aclVectors(path: string): Promise<{ vectors: Float32Array<ArrayBuffer>; dimension: number }> {
  const { signal } = new AbortController()
  const line = new ProgressLine()
  const options = { dtype: 'q8', device: 'wasm', threads: nodeThreads(), runtime: runtimeFolder, signal } as const
  const engine = await Engine.load(await openLocalModel(join(root, 'public/models/minilm')), options)
  try {
    const papers = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((record) => engine.tokenizePaper(JSON.parse(record)))
    const cacheFolder = join(workFolder, 'vectors')
    const { defaultAdapter, dimension } = engine.manifest
    const vectors = await embedTexts(engine, papers, defaultAdapter, 'papers', { dtype: 'q8', cacheFolder, line, signal })
    return { vectors, dimension }
  } finally {
    line.end()
    await engine.dispose()
  }
}
