import { basename, dirname, join } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { PART_PAPERS, type VectorEncoding } from '../../core/index-file/index-file.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { formatDuration } from '../embed-texts.js'
import { writeWholeFile } from '../files.js'
import { type TextLine, textLines } from '../json-lines.js'
import type { Output } from '../output.js'
import { embedLines, type LineEmbedder } from './embed-lines.js'
import { type EmbeddedPaper, ENCODERS, type OutputFormat } from './output-formats.js'
import { checkPapers, type PaperFile, parsePaper } from './paper-lines.js'
import { VectorJournal } from './vector-journal.js'

export interface EmbedFileOptions extends LineEmbedder {
  file: PaperFile
  /** Whether `file` is a part that may hold no paper. */
  isShard: boolean
  out: string
  format: OutputFormat
  model: ModelStamp
  vectors: VectorEncoding
  output: Output
}

/**
 * Embeds the papers of a file into files of a format. Vectors are first collected in a journal beside the output, with which an
 * interrupted run goes on.
 *
 * @returns How many papers there are, and how many of them an earlier run had embedded.
 * @throws as {@link checkPapers}, {@link VectorJournal.open} and {@link embedLines}.
 */
export async function embedFile(options: EmbedFileOptions): Promise<{ papers: number; resumed: number }> {
  const { file, isShard, out, format, model, vectors, engine, signal, output } = options
  const { papers, id } = await checkPapers(file, [model, vectors], signal)
  if (papers === 0 && !isShard) throw new InvalidArgumentError('<papers.jsonl>', file.path, 'a file with at least one paper')
  const journalPath = join(dirname(out), `${basename(out)}.progress`)
  const journal = await VectorJournal.open(journalPath, [model, engine.manifest], model.dimension)
  try {
    const resumed = await fillJournal(journal, papers, options)
    const parts = () => embeddedParts(file, journal, signal)
    for (const [path, pieces] of ENCODERS[format](out, { id, model, vectors, papers, parts })) await writeWholeFile(path, pieces)
    await journal.delete()
    return { papers, resumed }
  } catch (error) {
    if (signal.aborted && journal.count > 0)
      output.warn(`${journal.count} of ${papers} papers are embedded. Run the same command again to go on.`)
    await journal.close().catch(() => {})
    throw error
  }
}

/** @returns How many vectors were there. */
async function fillJournal(
  journal: VectorJournal,
  papers: number,
  { file, output, ...embedder }: EmbedFileOptions,
): Promise<number> {
  const startedAt = performance.now()
  let resumed = 0
  async function* missing(): AsyncGenerator<{ line: TextLine; paper: PaperRecord }, void, void> {
    const next = journal.reader()
    let isResuming = true
    const stop = () => {
      if (isResuming) journal.keep(resumed)
      isResuming = false
    }
    for await (const line of textLines(file.path, file.range)) {
      if (isResuming && (await next(line.text))) resumed++
      else {
        stop()
        yield { line, paper: parsePaper(line) }
      }
    }
    stop()
  }
  let done = 0
  for await (const slice of embedLines(missing(), embedder)) {
    await journal.add(slice.map(({ line, vector }) => ({ line: line.text, vector: vector! })))
    done += slice.length
    const secondsLeft = (((performance.now() - startedAt) / 1000) * (papers - resumed - done)) / done
    output.showProgress('papers', `${resumed + done} of ${papers} papers, ${formatDuration(secondsLeft)} left`)
  }
  return resumed
}

async function* embeddedParts(
  { path, range }: PaperFile,
  journal: VectorJournal,
  signal: AbortSignal,
): AsyncGenerator<EmbeddedPaper[], void, void> {
  const next = journal.reader()
  let part: EmbeddedPaper[] = []
  for await (const line of textLines(path, range)) {
    const vector = await next(line.text)
    if (!vector) {
      const message = `${basename(path)} has changed while it was embedded, from line ${line.number()} on. Run the same command again.`
      throw new Specter2Error('DAMAGED_FILE', message, { retryable: true, details: { file: path, line: line.number() } })
    }
    part.push({ line, paper: parsePaper(line), vector })
    if (part.length < PART_PAPERS) continue
    signal.throwIfAborted()
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
