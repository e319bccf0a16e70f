import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { InvalidArgumentError } from '../core/errors.js'
import type { IndexedPaper } from '../core/index-file/index-file.js'
import { encodeIndexFile, PART_PAPERS, type VectorEncoding } from '../core/index-file/index-file.js'
import type { ModelStamp } from '../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../core/papers/paper-record.js'
import type { Dtype } from '../core/types.js'
import { Engine } from '../engine/engine.js'
import { VectorCache } from './evaluate/vector-cache.js'
import { heedSignal } from './heed-signal.js'
import { openLocalModel } from './local-model.js'
import { dtypeList, oneOf, wholeNumber } from './option-values.js'
import { readPapers } from './papers/paper-lines.js'
import { nodeThreads, runtimeFolder } from './paths.js'
import { ProgressLine } from './progress-line.js'

export const embedUsage = `specter2-web embed <papers.jsonl> --out <file> [options]

Builds the file of an index, which PaperIndex.open(name, { embedder, from: URL }) takes in a page: the same vectors.

  <papers.jsonl>   a paper a line: {"id", "title", "abstract", …}; of a BEIR corpus, _id and text are taken
  --out FILE       the index; written whole or not at all
  --model FOLDER   a converted model; default minilm, the package's own
  --dtype NAME     which weights; default q8 where the folder has it, as a page without WebGPU takes
  --adapter NAME   default: the model's own for papers
  --int8           vectors in a quarter of the bytes; a page scores with them slightly differently
  --cache DIR      keeps vectors, so that an interrupted or a later run embeds new texts alone
  --threads N      default: all cores up to 8`

export async function embedCommand(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      model: { type: 'string', default: 'minilm' },
      dtype: { type: 'string' },
      adapter: { type: 'string' },
      int8: { type: 'boolean', default: false },
      cache: { type: 'string' },
      threads: { type: 'string' },
    },
  })
  const [input, ...rest] = positionals
  if (!input || rest.length > 0) throw new InvalidArgumentError('<papers.jsonl>', positionals.join(' '), 'one file')
  if (values.out === undefined) throw new InvalidArgumentError('--out', values.out, 'the file to write')
  const out = resolve(values.out)
  if (!(await stat(dirname(out)).catch(() => null))?.isDirectory())
    throw new InvalidArgumentError('--out', values.out, 'a file in a folder that exists')
  const threads = values.threads === undefined ? nodeThreads() : wholeNumber('--threads', values.threads, 1)
  const papers = await readPapers(input)
  const folder = await openLocalModel(values.model)
  const { manifest } = folder
  const has = Object.keys(manifest.dtypes) as Dtype[]
  const given = values.dtype === undefined ? undefined : dtypeList('--dtype', values.dtype)
  if (given && given.length !== 1) throw new InvalidArgumentError('--dtype', values.dtype, 'one dtype')
  const dtype = oneOf('--dtype', given?.[0] ?? (has.includes('q8') ? 'q8' : has[0]!), has)
  const adapter = values.adapter ?? manifest.defaultAdapter

  const { id, revision, dimension, metric } = manifest
  const model: ModelStamp = { id, revision, dtype, adapter, dimension, metric }
  const vectors: VectorEncoding = values.int8 ? 'int8' : 'float32'
  const line = new ProgressLine()
  const startedAt = performance.now()
  const engine = await Engine.load(folder, { dtype, device: 'wasm', threads, runtime: runtimeFolder, signal })
  const cache = values.cache === undefined ? null : await VectorCache.open(values.cache, manifest, dtype, adapter)
  const unfinished = `${out}.incomplete`
  try {
    await engine.prepareAdapter(adapter, { signal })
    const parts = embedParts(papers, engine, adapter, cache, line, signal)
    const header = { id: fileId(papers, model, vectors), model, vectors, papers: papers.length }
    await pipeline(Readable.from(encodeIndexFile(header, parts)), createWriteStream(unfinished))
    await rename(unfinished, out)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  } finally {
    await cache?.flush()
    await engine.dispose()
    line.end()
  }
  const { size } = await stat(out)
  const seconds = (performance.now() - startedAt) / 1000
  console.log(
    `${basename(out)}: ${papers.length} papers by ${id}, ${dtype}, ${adapter}; ${(size / 1e6).toFixed(1)} MB, ${seconds.toFixed(0)} s`,
  )
}

async function* embedParts(
  papers: readonly PaperRecord[],
  engine: Engine,
  adapter: string,
  cache: VectorCache | null,
  line: ProgressLine,
  signal: AbortSignal,
): AsyncGenerator<IndexedPaper[], void, void> {
  for (let first = 0; first < papers.length; first += PART_PAPERS) {
    const part: IndexedPaper[] = []
    for (const paper of papers.slice(first, first + PART_PAPERS)) {
      const text = engine.tokenizePaper(paper)
      let vector = cache?.get(text.ids)
      if (!vector) {
        await heedSignal(signal)
        vector = await engine.embed(text, adapter, { signal })
        await cache?.add(text.ids, vector)
      }
      part.push({ paper, vector })
      line.show('papers', `${first + part.length} of ${papers.length} papers`)
    }
    yield part
  }
}

/** The same for the same content, so that a page imports a file that was built again only where something has changed. */
function fileId(papers: readonly PaperRecord[], model: ModelStamp, vectors: VectorEncoding): string {
  const hash = createHash('sha256').update(JSON.stringify([model, vectors]))
  for (const paper of papers) hash.update(JSON.stringify(paper)).update('\n')
  return hash.digest('hex').slice(0, 32)
}
