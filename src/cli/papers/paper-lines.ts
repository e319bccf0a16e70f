import { stat } from 'node:fs/promises'
import { InvalidArgumentError } from '../../core/errors.js'
import type { PaperRecord } from '../../core/papers/paper-record.js'
import { parseJsonLine, textField, textLines } from './text-lines.js'

/**
 * The papers of a JSON Lines file: `id`, `title`, `abstract` and any other fields; `_id` and `text` of a BEIR corpus stand for
 * `id` and `abstract`.
 *
 * @throws InvalidArgumentError where there is no such file, or no paper in it; Specter2Error `DAMAGED_FILE` naming file and line,
 *   also for an id that comes twice.
 */
export async function readPapers(path: string): Promise<PaperRecord[]> {
  if (!(await stat(path).catch(() => null))?.isFile())
    throw new InvalidArgumentError('<papers.jsonl>', path, 'a file that exists')
  const papers: PaperRecord[] = []
  const lines = new Map<string, number>()
  for await (const line of textLines(path)) {
    const { _id, text, ...fields } = parseJsonLine(line)
    const record = { ...fields, ...('id' in fields ? {} : { id: _id }), ...('abstract' in fields ? {} : { abstract: text }) }
    const id = textField(record, 'id', line.wrong)
    if (id === '') throw line.wrong('the id is empty')
    if (lines.has(id)) throw line.wrong(`the paper ${id} was already in line ${lines.get(id)}`)
    lines.set(id, line.number)
    const title = textField(record, 'title', line.wrong, 'optional')
    const abstract = textField(record, 'abstract', line.wrong, 'optional')
    papers.push({ ...record, id, title, abstract })
  }
  if (papers.length === 0) throw new InvalidArgumentError('<papers.jsonl>', path, 'a file with one paper at least')
  return papers
}
