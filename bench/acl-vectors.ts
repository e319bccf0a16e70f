import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { embedTexts } from '../src/cli/evaluate/embed-texts.js'
import { openLocalModel } from '../src/cli/local-model.js'
import { nodeThreads, runtimeFolder } from '../src/cli/paths.js'
import { ProgressLine } from '../src/cli/progress-line.js'
import type { ModelStamp } from '../src/core/model-folder/model-stamp.js'
import type { PaperRecord } from '../src/core/papers/paper-record.js'
import { Engine } from '../src/engine/engine.js'
import type { BenchOptions } from './bench-options.js'
import { root, workFolder } from './browser-page.js'
import { requireFolder } from './models.js'

export interface AclVectors {
  papers: PaperRecord[]
  /** [papers.length, dimension], by the default model in q8. */
  vectors: Float32Array<ArrayBuffer>
  model: ModelStamp
}

/** The papers of the ACL Anthology, all or as many as are asked for, with their vectors, which are kept for the next run. */
export async function aclVectors({ data, papers: count }: Pick<BenchOptions, 'data' | 'papers'>): Promise<AclVectors> {
  const path = join(requireFolder(resolve(data ?? '.'), '--data'), 'acl/acl_anthology.jsonl')
  const papers = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(0, count)
    .map((line) => JSON.parse(line))
    .map(({ id, title, abstract, authors, year, booktitle }): PaperRecord => {
      return { id, title, abstract, authors, year: Number(year), venue: booktitle }
    })
  const { signal } = new AbortController()
  const line = new ProgressLine()
  const options = { dtype: 'q8', device: 'wasm', threads: nodeThreads(), runtime: runtimeFolder, signal } as const
  const engine = await Engine.load(await openLocalModel(join(root, 'public/models/minilm')), options)
  try {
    const { id, revision, dimension, metric, defaultAdapter: adapter } = engine.manifest
    const texts = papers.map((paper) => engine.tokenizePaper(paper))
    const cacheFolder = join(workFolder, 'vectors')
    const vectors = await embedTexts(engine, texts, adapter, 'papers', { dtype: 'q8', cacheFolder, line, signal })
    return { papers, vectors, model: { id, revision, dtype: 'q8', adapter, dimension, metric } }
  } finally {
    line.end()
    await engine.dispose()
  }
}
