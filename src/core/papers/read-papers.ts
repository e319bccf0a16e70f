import { pauses } from '../async/pauses.js'
import { InvalidArgumentError, Specter2Error } from '../errors.js'
import { packageKind } from './archives/package-kind.js'
import type { UnpackedPiece } from './archives/unpack.js'
import { isTar, unpackTar } from './archives/unpack-tar.js'
import { isZip } from './archives/zip-start.js'
import { collectPapers, type ReadPapersResult } from './collect-papers.js'
import type { ColumnMapping } from './csv/columns.js'
import { COLUMN_PROPERTIES } from './csv/headings.js'
import { fileChunks } from './file-chunks.js'
import type { PaperBatch, PaperFile } from './paper-file.js'
import { PaperFileReader, type ReaderOptions } from './paper-file-reader.js'
import { VectorJoin } from './vectors/vector-join.js'

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
  /** The encoding of all files, if it is guessed wrongly: a label of `TextDecoder`, such as `windows-1251`. */
  encoding?: string | undefined
}

/**
 * Reads every record of bibliography files in any supported format, packed (`.zip`, `.gz`) or not. Anything that cannot be read
 * is reported as a problem with file, line, reason and text; it never throws.
 *
 * @returns All papers; {@link streamPapers} yields them as they are read.
 * @throws InvalidArgumentError for wrong options; the signal's reason.
 * @example
 * const file = new File(['@article{a, title = {On Growth and Form}, year = 1917}'], 'library.bib')
 * const { papers, problems } = await readPapers([file])
 * console.log(papers[0]?.title, problems.length) // On Growth and Form 0
 */
export function readPapers(files: Iterable<PaperFile>, options: ReadPapersOptions = {}): Promise<ReadPapersResult> {
  return collectPapers(streamPapers(files, options))
}

/**
 * Reads papers as {@link readPapers} does, but as a stream: memory holds only one piece of a file and the record at its end. A
 * BibTeX record that inherits from a later one is yielded after that one; `source.record` has its place in the file.
 *
 * @example
 * for await (const { papers, problems, report } of streamPapers(files)) show({ papers, problems, report })
 */
export async function* streamPapers(
  files: Iterable<PaperFile>,
  { signal, onProgress, mapping, encoding }: ReadPapersOptions = {},
): AsyncGenerator<PaperBatch, void, void> {
  checkMapping(mapping)
  checkEncoding(encoding)
  const pause = pauses(signal)
  const all = [...files]
  const sizes = all.map(({ size }) => size)
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce<number>((sum, size) => sum + size!, 0) : null
  const ids = new Map<string, number>()
  const join = new VectorJoin()
  let loaded = 0
  let records = 0
  for (const file of papersFirst(all)) {
    const chunks = fileChunks(file, signal, (bytes) => {
      loaded += bytes
      onProgress?.({ file: file.name, loaded, total, records })
    })
    try {
      for await (const batch of readFile(file.name, chunks, { mapping, encoding }, ids, join)) {
        // A workbook is read after its last bytes.
        await pause()
        signal?.throwIfAborted()
        records += batch.papers.length
        yield batch
      }
    } finally {
      await chunks.return()
    }
    signal?.throwIfAborted()
  }
  const { found, unknown } = join.end()
  if (found.length + unknown.length > 0) yield { papers: [], problems: [], vectors: [...found, ...unknown] }
}

/** Arrays of vectors come after the files whose papers they belong to. */
function papersFirst(files: readonly PaperFile[]): PaperFile[] {
  const isArray = ({ name }: PaperFile) => /\.(?:npy|faiss|index)(?:\.gz)?$/i.test(name)
  return [...files.filter((file) => !isArray(file)), ...files.filter(isArray)]
}

/** Reads a file, or each file of an archive. */
async function* readFile(
  name: string,
  chunks: AsyncGenerator<Uint8Array, void, void>,
  options: ReaderOptions,
  ids: Map<string, number>,
  join: VectorJoin,
): AsyncGenerator<PaperBatch, void, void> {
  let reader: PaperFileReader | undefined
  const begin = (path: string) => new PaperFileReader(path === '' ? name : `${name}/${path}`, options, ids, join)
  try {
    const first = await firstBytes(chunks)
    const kind = isZip(first) ? packageKind(first, name) : undefined
    if (kind !== undefined && kind !== 'office') {
      yield begin('').refuse(kind.reason)
      return
    }
    const pieces = await unpacked(first, withFirst(first, chunks), kind === 'office')
    let path: string | undefined
    let any = false
    for await (const piece of pieces) {
      any = true
      if (piece.path !== path || reader === undefined) {
        if (reader) yield* reader.end()
        path = piece.path
        reader = begin(piece.path)
      }
      yield* await reader.push(piece.bytes)
      if (piece.last) {
        yield* reader.end()
        reader = undefined
        path = undefined
      }
    }
    if (reader) yield* reader.end()
    else if (path === undefined && !any)
      yield begin('').fail(new Specter2Error('UNREADABLE_FILE', 'The archive is empty or cut off. Get it again.'))
  } catch (error) {
    // Anything else is an abort, or what onProgress threw.
    if (!(error instanceof Specter2Error)) throw error
    yield (reader ?? begin('')).fail(error)
  }
}

/** The files of an archive, or the file itself. */
async function unpacked(
  first: Uint8Array,
  bytes: AsyncGenerator<Uint8Array, void, void>,
  workbook: boolean,
): Promise<AsyncIterable<UnpackedPiece>> {
  const { isGzip, unpackGzip, unpackZip } = await import('./archives/unpack.js')
  if (isZip(first) && !workbook) return unpackZip(bytes)
  if (!isGzip(first)) return isTar(first) ? unpackTar(bytes) : asPieces(bytes)
  const pieces = unpackGzip(bytes)
  // The first bytes tell whether a tar is packed.
  const begun: UnpackedPiece[] = []
  for (let size = 0; size < 512; ) {
    const { value, done } = await pieces.next()
    if (done) break
    begun.push(value)
    size += value.bytes.length
  }
  const all = (async function* () {
    yield* begun
    yield* pieces
  })()
  return isTar(concat(begun.map((piece) => piece.bytes))) ? unpackTar(bytesOf(all)) : all
}

/** The first chunks, as many as the kinds of archives are told by. */
async function firstBytes(chunks: AsyncGenerator<Uint8Array, void, void>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array()
  while (first.length < 512) {
    const { value, done } = await chunks.next()
    if (done) break
    first = first.length === 0 ? value : Uint8Array.from([...first, ...value])
  }
  return first
}

async function* bytesOf(pieces: AsyncIterable<UnpackedPiece>): AsyncGenerator<Uint8Array, void, void> {
  for await (const { bytes } of pieces) yield bytes
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece.subarray(0, 512)]))
}

async function* asPieces(bytes: AsyncIterable<Uint8Array>) {
  for await (const piece of bytes) yield { path: '', bytes: piece, last: false }
  yield { path: '', bytes: new Uint8Array(), last: true }
}

async function* withFirst(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield first
  yield* rest
}

function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined) return
  try {
    new TextDecoder(encoding)
  } catch {
    throw new InvalidArgumentError('encoding', encoding, 'a label of TextDecoder, such as utf-8, windows-1251 or gb18030')
  }
}

function checkMapping(mapping: ColumnMapping | undefined): void {
  const known: readonly string[] = [...COLUMN_PROPERTIES, 'firstPage', 'lastPage']
  for (const [property, column] of Object.entries(mapping ?? {})) {
    if (!known.includes(property))
      throw new InvalidArgumentError('mapping', property, `an object with keys from ${known.join(', ')}`)
    if (typeof column !== 'string') throw new InvalidArgumentError(`mapping.${property}`, column, 'the name of a column')
  }
}
