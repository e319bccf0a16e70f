import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { ScreeningPaper } from '../../core/screening/screening.js'
import { parseJsonLine, type TextLine, textField, textLines } from '../json-lines.js'

/** A review as it was screened. */
export interface ScreeningSet {
  name: string
  papers: ScreeningPaper[]
  /** Whether each paper was included. */
  included: boolean[]
}

/**
 * Reads every `*.jsonl` of a folder whose records have `included`.
 *
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; whatever opening a file throws.
 */
export async function readScreeningSets(folder: string): Promise<ScreeningSet[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
  const sets = await Promise.all(files.map((file) => readSet(join(folder, file))))
  const found = sets.filter((set) => set !== null)
  if (found.length > 0) return found
  const message = `No .jsonl file in ${folder} has records with the field included. Name a folder of screened reviews.`
  throw new Specter2Error('DAMAGED_FILE', message, { details: { folder } })
}

async function readSet(path: string): Promise<ScreeningSet | null> {
  const set: ScreeningSet = { name: basename(path, '.jsonl'), papers: [], included: [] }
  const ids = new Set<string>()
  for await (const line of textLines(path)) {
    const record = parseJsonLine(line)
    if (record.included === undefined && set.papers.length === 0) return null
    const id = typeof record.id === 'number' ? String(record.id) : textField(record, 'id', line.damaged)
    if (ids.has(id)) throw line.damaged(`the id ${JSON.stringify(id)} occurred before`)
    ids.add(id)
    const text = (field: string) => textField(record, field, line.damaged, 'optional')
    set.papers.push({ id, title: text('title'), abstract: text('abstract') })
    set.included.push(isIncluded(record.included, line))
  }
  if (set.papers.length === 0) return null
  if (set.included.includes(true) && set.included.includes(false)) return set
  const message = `${basename(path)} has ${set.included[0] ? 'no excluded' : 'no included'} paper, so that nothing can be ranked. Take it out of the folder.`
  throw new Specter2Error('DAMAGED_FILE', message, { details: { file: path } })
}

function isIncluded(value: unknown, { damaged }: TextLine): boolean {
  const text = String(value ?? '').toLowerCase()
  if (['1', 'true', 'yes'].includes(text)) return true
  if (['0', 'false', 'no'].includes(text)) return false
  throw damaged(new InvalidArgumentError('included', value, 'true or false').message.replace(/\.$/, ''))
}
