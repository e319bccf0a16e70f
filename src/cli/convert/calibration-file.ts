import type { CalibrationTexts } from '../../core/converter/calibration-texts.js'
import { InvalidArgumentError, Specter2Error, show } from '../../core/errors.js'
import type { PaperText } from '../../core/types.js'

/**
 * Texts of a JSON Lines file: `{ "title", "abstract" }` is a paper, `{ "text" }` a text as it is, `{ "query" }` a query; a BEIR
 * corpus (`title` and `text`) is one of papers.
 *
 * @param option The option that names the file.
 * @throws Specter2Error `DAMAGED_FILE` for a line that is none of these; InvalidArgumentError where there are no texts.
 */
export function parseCalibrationTexts(file: string, content: string, option = '--calibrate'): CalibrationTexts {
  const papers: (PaperText | string)[] = []
  const queries: string[] = []
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const { title, abstract, text, query } = parseLine(file, index + 1, line)
    if (typeof title === 'string')
      papers.push({ title, abstract: [abstract, text].find((value) => typeof value === 'string') ?? null })
    else if (typeof text === 'string') papers.push(text)
    else if (typeof query === 'string') queries.push(query)
    else throw damaged(file, index + 1, line)
  }
  if (papers.length + queries.length === 0) throw new InvalidArgumentError(option, file, 'a file with one text at least')
  return { papers, queries }
}

function parseLine(file: string, number: number, line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  } catch {
    // Told below, as for a value of another kind.
  }
  throw damaged(file, number, line)
}

function damaged(file: string, number: number, line: string): Specter2Error {
  const expected = 'an object with "title" and "abstract", "text" or "query"'
  return new Specter2Error('DAMAGED_FILE', `${file}, line ${number}: ${show(line)} is not ${expected}.`, {
    details: { file, line: number },
  })
}
