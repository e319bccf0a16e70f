import { createHash } from 'node:crypto'
import { Specter2Error } from '../../core/errors.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import type { PaperText } from '../../core/types.js'
import { type ByteRange, parseJsonLine, type TextLine, textField, textLines } from '../json-lines.js'

/** Ids that a Set holds. */
const MAX_PAPERS = 2 ** 24

/** A file of papers, or the part of it that a shard reads. */
export interface PaperFile {
  path: string
  range: ByteRange
}

/** The fields of a line; `_id` and `text` of a BEIR corpus stand for `id` and `abstract`. */
export function parseFields(line: TextLine): Record<string, unknown> {
  const { _id, text, ...fields } = parseJsonLine(line)
  return {
    ...fields,
    ...('id' in fields || _id === undefined ? {} : { id: _id }),
    ...('abstract' in fields || text === undefined ? {} : { abstract: text }),
  }
}

/** @throws Specter2Error `DAMAGED_FILE` naming file and line, if title or abstract is no text. */
export function paperText(fields: Record<string, unknown>, { damaged }: TextLine): Required<PaperText> {
  return {
    title: textField(fields, 'title', damaged, 'optional'),
    abstract: textField(fields, 'abstract', damaged, 'optional'),
  }
}

/** A line as a paper with an id. @throws as {@link paperText}, also for a missing id. */
export function parsePaper(line: TextLine): PaperRecord {
  const fields = parseFields(line)
  const id = textField(fields, 'id', line.damaged)
  if (id === '') throw line.damaged('the id is empty')
  return { ...fields, id, ...paperText(fields, line) }
}

/**
 * Reads all papers of a file, and keeps none.
 *
 * @param key What else the id depends on.
 * @returns How many there are, and an id that is equal for equal content, so that a page imports a rebuilt file only if something
 *   has changed.
 * @throws Specter2Error `DAMAGED_FILE` naming file and line, also for a repeated id; `LIMIT_EXCEEDED` for more papers than fit in
 *   the memory.
 */
export async function checkPapers(
  { path, range }: PaperFile,
  key: readonly [ModelStamp, ...unknown[]],
  signal: AbortSignal,
): Promise<{ papers: number; id: string }> {
  const hash = createHash('sha256').update(JSON.stringify(key))
  const places = new Map<string, number>()
  for await (const line of textLines(path, range)) {
    if (line.index % 1024 === 0) signal.throwIfAborted()
    const paper = parsePaper(line)
    const place = places.get(paper.id)
    if (place !== undefined) {
      throw line.damaged(`the paper ${paper.id} is already in line ${line.number() - line.index + place}`)
    }
    if (places.size === MAX_PAPERS) {
      const message = `${path} has more than ${MAX_PAPERS} papers. Embed it in parts, with --shard 1/16 and so on.`
      throw new Specter2Error('LIMIT_EXCEEDED', message, { details: { file: path, limit: MAX_PAPERS } })
    }
    places.set(paper.id, line.index)
    hash.update(JSON.stringify(paper)).update('\n')
  }
  return { papers: places.size, id: hash.digest('hex').slice(0, 32) }
}

/** The part `number` of `count` of a file, by bytes: each line belongs to the part in which it begins. */
export function shardRange(bytes: number, { number, count }: { number: number; count: number }): ByteRange {
  const boundary = (part: number) => Math.floor((bytes / count) * part)
  return { start: boundary(number - 1), end: number === count ? bytes : boundary(number) }
}
