import { InvalidArgumentError } from '../errors.js'
import type { Paper } from './paper.js'
import type { PaperWriter, WrittenPiece } from './paper-writer.js'

/** The writer of each format, loaded on demand. */
const WRITERS = {
  bibtex: async () => (await import('./bibtex/write-bibtex.js')).bibtexWriter(),
  ris: async () => (await import('./tagged/write-ris.js')).risWriter(),
  'csl-json': async () => (await import('./json/write-csl.js')).cslWriter(),
  csv: async () => (await import('./csv/write-csv.js')).csvWriter(),
  jsonl: async () => (await import('./json/plain-record.js')).jsonLinesWriter(),
  'endnote-xml': async () => (await import('./xml/write-endnote.js')).endnoteWriter(),
  xlsx: async () => (await import('./xlsx/write-xlsx.js')).xlsxWriter(),
} as const satisfies Record<string, () => Promise<PaperWriter>>

/** The formats that can be written. */
export type WrittenFormat = keyof typeof WRITERS

/**
 * All formats that can be written.
 *
 * @example
 * for (const format of WRITTEN_FORMATS) console.log(format) // bibtex, ris …
 */
export const WRITTEN_FORMATS = Object.keys(WRITERS) as WrittenFormat[]

/**
 * Writes papers, in their order, in a format; for a file, pass the pieces to `new Blob(pieces)`. `jsonl` preserves everything; the
 * other formats hold what they can express, with the raw `fields` of papers that were read from the same format.
 *
 * @returns Pieces as they are written, about one for each paper: of text, or of bytes for `xlsx`.
 * @throws InvalidArgumentError if the format is not one of {@link WRITTEN_FORMATS}.
 * @example
 * const file = new Blob([...(await writePapers(papers, 'bibtex'))])
 * show(file)
 */
export function writePapers(papers: Iterable<Paper>, format: Exclude<WrittenFormat, 'xlsx'>): Promise<Iterable<string>>
export function writePapers(papers: Iterable<Paper>, format: WrittenFormat): Promise<Iterable<string | Uint8Array<ArrayBuffer>>>
export async function writePapers(papers: Iterable<Paper>, format: WrittenFormat): Promise<Iterable<WrittenPiece>> {
  return written(papers, await writerOf(format))
}

/**
 * Writes papers as {@link writePapers} does while they are read, so that memory holds one at a time.
 *
 * @param papers Iterated once; for `csv` and `xlsx` twice, as their columns depend on all papers.
 * @returns Pieces as they are written: of text, or of bytes for `xlsx`.
 * @throws InvalidArgumentError if the format is not one of {@link WRITTEN_FORMATS}; whatever `papers` throws.
 * @example
 * async function* read() {
 *   for await (const batch of streamPapers(files)) yield* batch.papers
 * }
 * for await (const piece of writePaperStream(read(), 'bibtex')) show(piece)
 */
export async function* writePaperStream(
  papers: AsyncIterable<Paper>,
  format: WrittenFormat,
): AsyncGenerator<string | Uint8Array<ArrayBuffer>, void, void> {
  const writer = await writerOf(format)
  if (writer.scan) for await (const paper of papers) writer.scan(paper)
  yield* writer.begin()
  for await (const paper of papers) yield* writer.write(paper)
  yield* writer.end()
}

function writerOf(format: WrittenFormat): Promise<PaperWriter> {
  if (!Object.hasOwn(WRITERS, format)) throw new InvalidArgumentError('format', format, `one of ${WRITTEN_FORMATS.join(', ')}`)
  return WRITERS[format]()
}

function* written(papers: Iterable<Paper>, writer: PaperWriter): Generator<WrittenPiece, void, void> {
  if (writer.scan) for (const paper of papers) writer.scan(paper)
  yield* writer.begin()
  for (const paper of papers) yield* writer.write(paper)
  yield* writer.end()
}
