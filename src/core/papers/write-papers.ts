import { InvalidArgumentError } from '../errors.js'
import type { Paper } from './paper.js'

type Writer = (papers: Iterable<Paper>) => Generator<string, void, void>

/** A writer of each format, loaded when it is asked for. */
const WRITERS = {
  bibtex: async () => (await import('./bibtex/write-bibtex.js')).writeBibtex,
  ris: async () => (await import('./tagged/write-ris.js')).writeRis,
  'csl-json': async () => (await import('./json/csl.js')).writeCsl,
  csv: async () => (await import('./csv/write-csv.js')).writeCsv,
  jsonl: async () => (await import('./json/plain-record.js')).writeJsonLines,
} as const satisfies Record<string, () => Promise<Writer>>

/** The formats that are written. */
export type WrittenFormat = keyof typeof WRITERS

/** All formats that are written. */
export const WRITTEN_FORMATS = Object.keys(WRITERS) as WrittenFormat[]

/**
 * Writes papers, in their order, as UTF-8 text of a format, in pieces of a record each: for a file, give them to `new Blob(pieces)`.
 * Only those papers are written that are given. `jsonl` has all of each paper; the others what the format can say, and
 * `fields` raw where the paper was read from that format.
 *
 * @throws InvalidArgumentError where the format is none of {@link WRITTEN_FORMATS}.
 */
export async function writePapers(papers: Iterable<Paper>, format: WrittenFormat): Promise<Iterable<string>> {
  if (!Object.hasOwn(WRITERS, format)) throw new InvalidArgumentError('format', format, `one of ${WRITTEN_FORMATS.join(', ')}`)
  return (await WRITERS[format]())(papers)
}
