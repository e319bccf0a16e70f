import { join } from 'node:path'
import { embedTexts } from '../src/cli/embed-texts.js'
import { loadEngine, openLocalModel } from '../src/cli/local-model.js'
import { Output } from '../src/cli/output.js'
import { encodeIndexFile, PART_PAPERS } from '../src/core/index-file/index-file.js'
import type { ModelStamp } from '../src/core/model-folder/model-stamp.js'
import type { PaperRecord } from '../src/core/papers/paper-record.js'
import { nodeThreads } from '../src/node/paths.js'
import type { BenchOptions } from './bench-options.js'
import { aclPapers, dataFolder } from './benchmark-data.js'
import { root, workFolder } from './browser-page.js'

export interface AclVectors {
  papers: PaperRecord[]
  /** [papers.length, dimension], by the default model in q8. */
  vectors: Float32Array<ArrayBuffer>
  model: ModelStamp
}

/** The papers of the ACL Anthology, all or the first `papers`, with their vectors, which are cached for later runs. */
export async function aclVectors(options: Pick<BenchOptions, 'data' | 'papers'>): Promise<AclVectors> {
  const papers = aclPapers(dataFolder(options), options.papers)
  const { signal } = new AbortController()
  const output = new Output(process.stdout, process.stderr)
  const folder = await openLocalModel(join(root, 'public/models/minilm'))
  const engine = await loadEngine(folder, { dtype: 'q8', threads: nodeThreads(), signal })
  try {
    const { id, revision, dimension, metric, defaultAdapter: adapter } = engine.manifest
    const tokens = papers.map((paper) => engine.tokenizePaper(paper))
    const cacheFolder = join(workFolder, 'vectors')
    const vectors = await embedTexts(engine, tokens, adapter, 'papers', { dtype: 'q8', cacheFolder, output, signal })
    return { papers, vectors, model: { id, revision, dtype: 'q8', adapter, dimension, metric } }
  } finally {
    output.clearProgress()
    await engine.dispose()
  }
}

/** The papers with their vectors as an index file. */
export async function aclIndexFile({ papers, vectors, model }: AclVectors): Promise<Buffer> {
  async function* parts() {
    for (let first = 0; first < papers.length; first += PART_PAPERS)
      yield papers.slice(first, first + PART_PAPERS).map((paper, index) => {
        const start = (first + index) * model.dimension
        return { paper, vector: vectors.slice(start, start + model.dimension) }
      })
  }
  const pieces: Uint8Array[] = []
  const header = { id: 'acl', model, vectors: 'float32', papers: papers.length } as const
  for await (const piece of encodeIndexFile(header, parts())) pieces.push(piece)
  return Buffer.concat(pieces)
}
