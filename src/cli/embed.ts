import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { pauses } from '../core/async/pauses.js'
import { InvalidArgumentError } from '../core/errors.js'
import type { IndexedPaper } from '../core/index-file/index-file.js'
import { encodeIndexFile, PART_PAPERS, type VectorEncoding } from '../core/index-file/index-file.js'
import { type ModelStamp, RUNTIME_VERSION } from '../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../core/papers/paper-record.js'
import type { Engine } from '../engine/engine.js'
import { modelDtypes, onlyArgument, parseCommand, threadCount } from './arguments.js'
import { requireFile, requireParentFolder, writeWholeFile } from './files.js'
import { parseJsonLine, textField, textLines } from './json-lines.js'
import { embedSlice, loadEngine, openLocalModel } from './local-model.js'
import type { Output } from './output.js'
import { VectorCache } from './vector-cache.js'

export const embedUsage = `specter2-web embed <papers.jsonl> --out <file> [options]

Builds an index file for PaperIndex.open(name, { embedder, from: URL }), with the vectors that a page itself would compute.

  <papers.jsonl>   one paper per line: {"id", "title", "abstract", …}; _id and text of a BEIR corpus work, too
  --out FILE       the index; written completely or not at all
  --model FOLDER   a converted model; default minilm, the package's own
  --dtype NAME     default q8 if the model has it, as in a page without WebGPU
  --adapter NAME   default: the model's own for papers
  --int8           vectors in a quarter of the bytes; a page's scores with them differ slightly
  --cache DIR      stores vectors, so that an interrupted or later run only embeds new texts
  --threads N      default: all cores up to 8`

export async function embedCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseCommand(args, {
    out: { type: 'string' },
    model: { type: 'string', default: 'minilm' },
    dtype: { type: 'string' },
    adapter: { type: 'string' },
    int8: { type: 'boolean', default: false },
    cache: { type: 'string' },
    threads: { type: 'string' },
  })
  const input = onlyArgument('<papers.jsonl>', positionals, 'one file')
  if (values.out === undefined) throw new InvalidArgumentError('--out', values.out, 'the file to write')
  const out = resolve(values.out)
  await requireParentFolder('--out', out)
  const threads = threadCount(values.threads)
  const papers = await readPapers(input)
  const folder = await openLocalModel(values.model)
  const { manifest } = folder
  const [dtype, ...others] = modelDtypes(values.dtype, manifest)
  if (!dtype || others.length > 0) throw new InvalidArgumentError('--dtype', values.dtype, 'one dtype')
  const adapter = values.adapter ?? manifest.defaultAdapter

  const { id, revision, dimension, metric } = manifest
  const model: ModelStamp = { id, revision, dtype, adapter, dimension, metric, runtime: RUNTIME_VERSION }
  const vectors: VectorEncoding = values.int8 ? 'int8' : 'float32'
  const startedAt = performance.now()
  const engine = await loadEngine(folder, { dtype, threads, signal })
  const cache = values.cache === undefined ? null : await VectorCache.open(values.cache, engine, adapter)
  try {
    await engine.prepareAdapter(adapter, { signal })
    const parts = embedParts(papers, engine, adapter, cache, output, signal)
    const header = { id: contentId(papers, model, vectors), model, vectors, papers: papers.length }
    await writeWholeFile(out, encodeIndexFile(header, parts))
  } finally {
    await cache?.flush()
    await engine.dispose()
  }
  const { size } = await stat(out)
  const seconds = (performance.now() - startedAt) / 1000
  output.print(
    `${basename(out)}: ${papers.length} papers by ${id}, ${dtype}, ${adapter}; ${(size / 1e6).toFixed(1)} MB, ${seconds.toFixed(0)} s`,
  )
}

/**
 * Reads the papers of a JSON Lines file: `id`, `title`, `abstract` and any other fields; `_id` and `text` of a BEIR corpus
 * stand for `id` and `abstract`.
 *
 * @throws InvalidArgumentError if there is no such file or no paper in it; Specter2Error `DAMAGED_FILE` naming file and line,
 *   also for a repeated id.
 */
export async function readPapers(path: string): Promise<PaperRecord[]> {
  await requireFile('<papers.jsonl>', path)
  const papers: PaperRecord[] = []
  const lines = new Map<string, number>()
  for await (const line of textLines(path)) {
    const { _id, text, ...fields } = parseJsonLine(line)
    const record = { ...fields, ...('id' in fields ? {} : { id: _id }), ...('abstract' in fields ? {} : { abstract: text }) }
    const id = textField(record, 'id', line.damaged)
    if (id === '') throw line.damaged('the id is empty')
    if (lines.has(id)) throw line.damaged(`the paper ${id} is already in line ${lines.get(id)}`)
    lines.set(id, line.number)
    const title = textField(record, 'title', line.damaged, 'optional')
    const abstract = textField(record, 'abstract', line.damaged, 'optional')
    papers.push({ ...record, id, title, abstract })
  }
  if (papers.length === 0) throw new InvalidArgumentError('<papers.jsonl>', path, 'a file with at least one paper')
  return papers
}

async function* embedParts(
  papers: readonly PaperRecord[],
  engine: Engine,
  adapter: string,
  cache: VectorCache | null,
  output: Output,
  signal: AbortSignal,
): AsyncGenerator<IndexedPaper[], void, void> {
  const pause = pauses(signal)
  for (let first = 0; first < papers.length; first += PART_PAPERS) {
    const part = papers.slice(first, first + PART_PAPERS).map((paper) => {
      const text = engine.tokenizePaper(paper)
      return { paper, text, vector: cache?.get(text.ids) }
    })
    let missing = part.filter(({ vector }) => !vector)
    while (missing.length > 0) {
      await pause()
      const vectors = await embedSlice(
        engine,
        missing.map(({ text }) => text),
        adapter,
        signal,
      )
      for (const [row, vector] of vectors.entries()) {
        const found = missing[row]!
        found.vector = vector
        await cache?.add(found.text.ids, vector)
      }
      missing = missing.slice(vectors.length)
      output.showProgress('papers', `${first + part.length - missing.length} of ${papers.length} papers`)
    }
    yield part.map(({ paper, vector }) => ({ paper, vector: vector! }))
  }
}

/** Equal for equal content, so that a page imports a rebuilt file only if something has changed. */
function contentId(papers: readonly PaperRecord[], model: ModelStamp, vectors: VectorEncoding): string {
  const hash = createHash('sha256').update(JSON.stringify([model, vectors]))
  for (const paper of papers) hash.update(JSON.stringify(paper)).update('\n')
  return hash.digest('hex').slice(0, 32)
}
