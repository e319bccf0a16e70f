import { InvalidArgumentError, Specter2Error } from '../errors.js'
import { collectPapers, type ReadPapersResult } from './collect-papers.js'
import type { ColumnMapping } from './csv/columns.js'
import { COLUMN_PROPERTIES } from './csv/headings.js'
import { fileChunks } from './file-chunks.js'
import type { PaperBatch, PaperFile } from './paper-file.js'
import { PaperFileReader } from './paper-file-reader.js'

/** How much has been read. */
export interface ReadProgress {
  /** The file that is being read. */
  file: string
  /** Bytes read of all files, before unpacking. */
  loaded: number
  /** Bytes of all files; `null` if the size of a file is unknown. */
  total: number | null
  /** Papers read so far. */
  records: number
}

/** Options of {@link readPapers}. */
export interface ReadPapersOptions {
  /** Aborting rejects with the signal's reason, between two pieces of a file. */
  signal?: AbortSignal | undefined
  /** Called for each piece of a file, about 64 KB. */
  onProgress?: ((progress: ReadProgress) => void) | undefined
  /** Which table column, or key of a JSON object, is which property: for files whose own names are not recognised. */
  mapping?: ColumnMapping | undefined
}

/**
 * Reads every record of bibliography files in any supported format, packed (`.zip`, `.gz`) or not. Anything that cannot be read
 * is reported as a problem with file, line, reason and text; it never throws.
 *
 * @returns All papers; {@link streamPapers} yields them as they are read.
 * @throws InvalidArgumentError for wrong options; the signal's reason.
 */
export function readPapers(files: Iterable<PaperFile>, options: ReadPapersOptions = {}): Promise<ReadPapersResult> {
  return collectPapers(streamPapers(files, options))
}

/**
 * Reads papers as {@link readPapers} does, but as a stream: memory holds only one piece of a file and the record at its end. A
 * BibTeX record that inherits from a later one is yielded after that one; `source.record` has its place in the file.
 */
export async function* streamPapers(
  files: Iterable<PaperFile>,
  { signal, onProgress, mapping }: ReadPapersOptions = {},
): AsyncGenerator<PaperBatch, void, void> {
  checkMapping(mapping)
  const all = [...files]
  const sizes = all.map(({ size }) => size)
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce<number>((sum, size) => sum + size!, 0) : null
  const ids = new Map<string, number>()
  let loaded = 0
  let records = 0
  for (const file of all) {
    const chunks = fileChunks(file, signal, (bytes) => {
      loaded += bytes
      onProgress?.({ file: file.name, loaded, total, records })
    })
    try {
      for await (const batch of readFile(file.name, chunks, mapping, ids)) {
        records += batch.papers.length
        yield batch
      }
    } finally {
      await chunks.return()
    }
    signal?.throwIfAborted()
  }
}

/** Reads a file, or each file of an archive. */
async function* readFile(
  name: string,
  chunks: AsyncGenerator<Uint8Array, void, void>,
  mapping: ColumnMapping | undefined,
  ids: Map<string, number>,
): AsyncGenerator<PaperBatch, void, void> {
  let reader: PaperFileReader | undefined
  const begin = (path: string) => new PaperFileReader(path === '' ? name : `${name}/${path}`, mapping, ids)
  try {
    const first = (await chunks.next()).value ?? new Uint8Array()
    const { isGzip, isZip, unpackGzip, unpackZip } = await import('./unpack.js')
    const bytes = withFirst(first, chunks)
    const pieces = isGzip(first) ? unpackGzip(bytes) : isZip(first) ? unpackZip(bytes) : asPieces(bytes)
    let path: string | undefined
    for await (const piece of pieces) {
      if (piece.path !== path || reader === undefined) {
        if (reader) yield await reader.end()
        path = piece.path
        reader = begin(piece.path)
      }
      yield* await reader.push(piece.bytes)
      if (piece.last) {
        yield await reader.end()
        reader = undefined
        path = undefined
      }
    }
    if (reader) yield await reader.end()
  } catch (error) {
    // Anything else is an abort, or what onProgress threw.
    if (!(error instanceof Specter2Error)) throw error
    yield (reader ?? begin('')).fail(error)
  }
}

async function* asPieces(bytes: AsyncIterable<Uint8Array>) {
  for await (const piece of bytes) yield { path: '', bytes: piece, last: false }
  yield { path: '', bytes: new Uint8Array(), last: true }
}

async function* withFirst(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield first
  yield* rest
}

function checkMapping(mapping: ColumnMapping | undefined): void {
  const known: readonly string[] = [...COLUMN_PROPERTIES, 'firstPage', 'lastPage']
  for (const [property, column] of Object.entries(mapping ?? {})) {
    if (!known.includes(property))
      throw new InvalidArgumentError('mapping', property, `an object with keys from ${known.join(', ')}`)
    if (typeof column !== 'string') throw new InvalidArgumentError(`mapping.${property}`, column, 'the name of a column')
  }
}
