import { InvalidArgumentError } from '../errors.js'
import type { Paper } from './paper.js'

type Writer = (papers: Iterable<Paper>) => Generator<string, void, void>

/** The writer of each format, loaded on demand. */
const WRITERS = {
  bibtex: async () => (await import('./bibtex/write-bibtex.js')).writeBibtex,
  ris: async () => (await import('./tagged/write-ris.js')).writeRis,
  'csl-json': async () => (await import('./json/csl.js')).writeCsl,
  csv: async () => (await import('./csv/write-csv.js')).writeCsv,
  jsonl: async () => (await import('./json/plain-record.js')).writeJsonLines,
} as const satisfies Record<string, () => Promise<Writer>>

/** The formats that can be written. */
export type WrittenFormat = keyof typeof WRITERS

/**
 * All formats that can be written.
 *
 * @example
 * for (const format of WRITTEN_FORMATS) console.log(format) // bibtex, ris, csl-json, csv, jsonl
 */
export const WRITTEN_FORMATS = Object.keys(WRITERS) as WrittenFormat[]

/**
 * Writes papers, in their order, as text in a format; for a file, pass the pieces to `new Blob(pieces)`. `jsonl` preserves
 * everything; the other formats hold what they can express, with the raw `fields` of papers that were read from the same format.
 *
 * @returns One piece of text for each paper, and what the format needs around them.
 * @throws InvalidArgumentError if the format is not one of {@link WRITTEN_FORMATS}.
 * @example
 * const file = new Blob([...(await writePapers(papers, 'bibtex'))])
 * show(file)
 */
export async function writePapers(papers: Iterable<Paper>, format: WrittenFormat): Promise<Iterable<string>> {
  if (!Object.hasOwn(WRITERS, format)) throw new InvalidArgumentError('format', format, `one of ${WRITTEN_FORMATS.join(', ')}`)
  return (await WRITERS[format]())(papers)
}
