import { createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { InvalidArgumentError } from '../../core/errors.js'
import { type ModelStamp, RUNTIME_VERSION } from '../../core/model-folder/model-stamp.js'
import { ENGINES, modelDtypes, oneOf, onlyArgument, parseCommand, threadCount, wholeNumber } from '../arguments.js'
import { requireFile, requireParentFolder } from '../files.js'
import { textLines } from '../json-lines.js'
import { loadEngine, openLocalModel } from '../local-model.js'
import type { Output } from '../output.js'
import { VectorCache } from '../vector-cache.js'
import { embedFile } from './embed-file.js'
import type { LineEmbedder } from './embed-lines.js'
import { embedFilter, encodeLines } from './filter.js'
import { formatOf, OUTPUT_FORMATS, type OutputFormat, papersBeside } from './output-formats.js'
import { type PaperFile, shardRange } from './paper-lines.js'

export const embedUsage = `specter2-web embed <papers.jsonl> --out <file> [options]
specter2-web embed - --out - [options]

Embeds papers, with the vectors that a page itself would compute. A run that was interrupted goes on if it is repeated. From and to
"-" it is a filter: a line out for each line in, in order, as soon as it is embedded.

  <papers.jsonl>   one paper per line: {"id", "title", "abstract", …}; _id and text of a BEIR corpus work, too
  --out FILE       the result, written completely or not at all; or a folder, for files named by shard
  --format NAME    index, for PaperIndex.open(name, { embedder, from: URL }); parquet; npy, with a .jsonl beside it; jsonl.
                   Default: by the name of --out
  --shard K/N      only part K of N of the file, for several machines
  --skip-existing  does nothing if --out exists
  --model FOLDER   a converted model; default minilm, the package's own
  --dtype NAME     default q8 if the model has it, as in a page without WebGPU
  --adapter NAME   default: the model's own for papers
  --engine NAME    auto: onnxruntime-node (native) where it is installed, else the package's own; own, native, transformers, or
                   portable, which gives the same bits on every CPU
  --int8           in an index: vectors in a quarter of the bytes; a page's scores with them differ slightly
  --vectors-only   to "-": lines of id and vector
  --errors NAME    to "-": stop at a wrong line (default), or report it in its place
  --cache DIR      stores vectors, so that a later run only embeds new texts
  --threads N      default: all cores up to 8`

/** What a shell reports of a program whose reader has left. */
const BROKEN_PIPE = 141

/** @param stdin Where `-` reads. */
export async function embedCommand(
  args: readonly string[],
  output: Output,
  signal: AbortSignal,
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    out: { type: 'string' },
    format: { type: 'string' },
    shard: { type: 'string' },
    'skip-existing': { type: 'boolean', default: false },
    model: { type: 'string', default: 'minilm' },
    dtype: { type: 'string' },
    adapter: { type: 'string' },
    engine: { type: 'string' },
    int8: { type: 'boolean', default: false },
    'vectors-only': { type: 'boolean', default: false },
    errors: { type: 'string', default: 'stop' },
    cache: { type: 'string' },
    threads: { type: 'string' },
  })
  const input = onlyArgument('<papers.jsonl>', positionals, 'one file, or -')
  const isFilter = values.out === '-'
  const format = oneOf('--format', values.format, OUTPUT_FORMATS)
  const shard = parseShard(values.shard)
  const errors = oneOf('--errors', values.errors, ['stop', 'report'])
  const engineChoice = oneOf('--engine', values.engine, ENGINES)
  const threads = threadCount(values.threads)
  if (values.out === undefined) throw new InvalidArgumentError('--out', values.out, 'the file to write')
  if (input === '-' && shard)
    throw new InvalidArgumentError('--shard', values.shard, 'left out if papers come from standard input, which has one reader')
  if (input !== '-') await requireFile('<papers.jsonl>', input)
  if (isFilter && format !== undefined && format !== 'jsonl')
    throw new InvalidArgumentError('--format', format, 'jsonl if lines are written to standard output')
  if (!isFilter && (values['vectors-only'] || errors === 'report'))
    throw new InvalidArgumentError('--out', values.out, '- with --vectors-only or --errors report')
  const out = isFilter ? '-' : await outputFile(values.out, format, shard ?? { number: 1, count: 1 })
  const target = format ?? formatOf(out)
  if ([out, ...(target === 'npy' ? [papersBeside(out)] : [])].includes(resolve(input)))
    throw new InvalidArgumentError('--out', values.out, 'a name by which the papers are not overwritten')
  if (values.int8 && (isFilter || target !== 'index'))
    throw new InvalidArgumentError('--int8', target, 'used with the format index')
  if (values['skip-existing'] && (await stat(out).catch(() => null))) {
    output.print(`${basename(out)} exists.`)
    return 0
  }

  const folder = await openLocalModel(values.model)
  const { manifest } = folder
  const [dtype, ...others] = modelDtypes(values.dtype, manifest)
  if (!dtype || others.length > 0) throw new InvalidArgumentError('--dtype', values.dtype, 'one dtype')
  const adapter = values.adapter ?? manifest.defaultAdapter
  const { id, revision, dimension, metric } = manifest
  const model: ModelStamp = { id, revision, dtype, adapter, dimension, metric, runtime: RUNTIME_VERSION }
  const startedAt = performance.now()
  const engine = await loadEngine(folder, { dtype, threads, signal, engine: engineChoice, native: true })
  const cache = values.cache === undefined ? null : await VectorCache.open(values.cache, engine, adapter)
  const embedder: LineEmbedder = { engine, adapter, cache, signal }
  const summary = (what: string) => {
    const seconds = (performance.now() - startedAt) / 1000
    return `${what} by ${id}, ${dtype}, ${adapter}, engine ${engine.runsOn.engine}; ${seconds.toFixed(0)} s`
  }
  try {
    await engine.prepareAdapter(adapter, { signal })
    if (!isFilter) {
      const file = input === '-' ? await spool(stdin, `${out}.input`, signal) : await partOf(input, shard)
      const vectors = values.int8 ? 'int8' : 'float32'
      const { papers, resumed } = await embedFile({
        ...embedder,
        file,
        isShard: !!shard,
        out,
        format: target,
        model,
        vectors,
        output,
      })
      if (input === '-') await rm(file.path)
      const { size } = await stat(out)
      const before = resumed > 0 ? `, ${resumed} of them before` : ''
      output.print(`${basename(out)}: ${summary(`${papers} papers${before}`)}, ${(size / 1e6).toFixed(1)} MB`)
      return 0
    }
    const file = input === '-' ? null : await partOf(input, shard)
    const lines = file ? textLines(file.path, file.range, errors === 'report') : textLines(stdin, undefined, errors === 'report')
    const vectorsOnly = values['vectors-only']
    const counts = await embedFilter({
      ...embedder,
      lines,
      errors,
      encode: (slice) => encodeLines(slice, vectorsOnly),
      write: (piece) => output.write(piece),
    })
    output.warn(summary(`${counts.papers} papers${counts.wrong > 0 ? ` and ${counts.wrong} wrong lines` : ''}`))
    return 0
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EPIPE') return BROKEN_PIPE
    throw error
  } finally {
    await cache?.flush()
    await engine.dispose()
  }
}

interface Shard {
  number: number
  count: number
}

function parseShard(value: string | undefined): Shard | undefined {
  if (value === undefined) return undefined
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(value) ?? []
  if (number === undefined || count === undefined)
    throw new InvalidArgumentError('--shard', value, 'the number of a part and how many there are, such as 3/16')
  const shard = { number: wholeNumber('--shard', number, 1), count: wholeNumber('--shard', count, 1) }
  if (shard.number > shard.count) throw new InvalidArgumentError('--shard', value, 'a part of 1 to their number')
  return shard
}

async function partOf(path: string, shard: Shard | undefined): Promise<PaperFile> {
  const { size } = await stat(path)
  return { path, range: shard ? shardRange(size, shard) : { start: 0, end: size } }
}

/** The file to write: in a folder, one that is named by its shard. */
async function outputFile(path: string, format: OutputFormat = 'parquet', { number, count }: Shard): Promise<string> {
  const out = resolve(path)
  if (path.endsWith('/') || path.endsWith(sep)) await mkdir(out, { recursive: true })
  await requireParentFolder('--out', out)
  if (!(await stat(out).catch(() => null))?.isDirectory()) return out
  const digits = (value: number) => String(value).padStart(5, '0')
  return join(out, `part-${digits(number)}-of-${digits(count)}.${format}`)
}

/** Copies standard input to a file, which can be read again. */
async function spool(stdin: AsyncIterable<Uint8Array>, path: string, signal: AbortSignal): Promise<PaperFile> {
  await pipeline(stdin, createWriteStream(path), { signal })
  return partOf(path, undefined)
}
