import { InvalidArgumentError } from '../core/errors.js'
import type { PaperText } from '../core/types.js'
import { requireFile } from './files.js'
import { parseJsonLine, textLines } from './json-lines.js'

/** Texts to embed: papers by the model's template, or texts as they are; and queries. */
export interface Texts {
  papers: readonly (PaperText | string)[]
  queries: readonly string[]
}

/**
 * Reads a JSON Lines file: `{ "title", "abstract" }` is a paper, `{ "text" }` a text as it is, `{ "query" }` a query. The
 * `title` and `text` of a BEIR corpus are a paper.
 *
 * @param option The option that names the file.
 * @throws InvalidArgumentError if there is no such file or no text in it; Specter2Error `DAMAGED_FILE` naming file and line.
 */
export async function readTexts(option: string, path: string): Promise<Texts> {
  await requireFile(option, path)
  const papers: (PaperText | string)[] = []
  const queries: string[] = []
  for await (const line of textLines(path)) {
    const { title, abstract, text, query } = parseJsonLine(line)
    if (typeof title === 'string')
      papers.push({ title, abstract: [abstract, text].find((value) => typeof value === 'string') ?? null })
    else if (typeof text === 'string') papers.push(text)
    else if (typeof query === 'string') queries.push(query)
    else throw line.damaged('expected "title" and "abstract", "text" or "query"')
  }
  if (papers.length + queries.length === 0) throw new InvalidArgumentError(option, path, 'a file with at least one text')
  return { papers, queries }
}
