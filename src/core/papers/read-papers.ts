import { pauses } from '../async/pauses.js'
import { InvalidArgumentError, Specter2Error } from '../errors.js'
import { collectPapers, type ReadPapersResult } from './collect-papers.js'
import { COLUMN_PROPERTIES, type ColumnMapping } from './csv/columns.js'
import { decodeText, SNIFFED_BYTES, type TextDecoding } from './decode-text.js'
import { detectFormat, SNIFFED_CHARACTERS } from './detect-format.js'
import { FORMATS } from './formats.js'
import type { Paper } from './paper.js'
import type { FileReport, PaperBatch, PaperFile, PaperProblem } from './paper-file.js'
import { type Found, isProblem, type RecordReader, rawExcerpt } from './record.js'

/** How far the reading is. */
export interface ReadProgress {
  /** Name of the file that is being read. */
  file: string
  /** Bytes read of all files, packed as they are. */
  loaded: number
  /** Bytes of all files; `null` where one does not say. */
  total: number | null
  /** Papers read so far, of all files. */
  records: number
}

/** Options of {@link readPapers} and {@link streamPapers}. */
export interface ReadPapersOptions {
  /** Aborting rejects with the signal's reason, at once between two pieces of a file. */
  signal?: AbortSignal | undefined
  /** Called for each piece of a file, some 64 KB. */
  onProgress?: ((progress: ReadProgress) => void) | undefined
  /** Which column of a table, or key of a JSON object, is which property: for files whose own names are not recognised. */
  mapping?: ColumnMapping | undefined
}

/**
 * Reads every record of bibliography files, of whatever format, packed (`.zip`, `.gz`) or not. What cannot be read is a
 * problem with file, line, reason and text, and never an exception.
 *
 * @returns All papers; {@link streamPapers} gives them as they come.
 * @throws InvalidArgumentError for wrong options; the signal's reason.
 */
export function readPapers(files: Iterable<PaperFile>, options: ReadPapersOptions = {}): Promise<ReadPapersResult> {
  return collectPapers(streamPapers(files, options))
}

/**
 * The same as a stream, with no more in memory than a piece of a file and the record that it ends in. A record of BibTeX
 * that inherits from a later one comes after that; `source.record` has its place.
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
    const chunks = checkedChunks(file, signal, (bytes) => {
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

/** What is decoded and told of at a time: a browser may give megabytes at once. */
const PIECE_BYTES = 65_536

/** A file's bytes in pieces, with a pause now and then: in a worker, a message that aborts is heard in it. */
async function* checkedChunks(
  file: PaperFile,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const pause = pauses(signal)
  for await (const bytes of bytesOf(file, signal))
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await pause()
      signal?.throwIfAborted()
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      onBytes(piece.length)
      yield piece
    }
}

async function* bytesOf(file: PaperFile, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
  try {
    const stream = file.stream()
    if (Symbol.asyncIterator in stream) yield* stream
    else yield* readerOf(stream as ReadableStream<Uint8Array>)
  } catch (cause) {
    signal?.throwIfAborted()
    const reason = (cause as Error).message
    throw new Specter2Error('UNREADABLE_FILE', `The file cannot be read: ${reason}. It may have changed; choose it again.`, {
      cause,
    })
  }
}

/** Safari's streams cannot be iterated. */
async function* readerOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** One file, or each of an archive's. */
async function* readFile(
  name: string,
  chunks: AsyncGenerator<Uint8Array, void, void>,
  mapping: ColumnMapping | undefined,
  ids: Map<string, number>,
): AsyncGenerator<PaperBatch, void, void> {
  let reading: FileReading | undefined
  const begin = (path: string) => new FileReading(path === '' ? name : `${name}/${path}`, mapping, ids)
  try {
    const first = await firstBytes(chunks)
    const { isGzip, isZip, unpackGzip, unpackZip } = await import('./unpack.js')
    const bytes = again(first, chunks)
    const pieces = isGzip(first) ? unpackGzip(bytes) : isZip(first) ? unpackZip(bytes) : asPieces(bytes)
    let path: string | undefined
    for await (const piece of pieces) {
      if (piece.path !== path || reading === undefined) {
        if (reading) yield await reading.end()
        path = piece.path
        reading = begin(piece.path)
      }
      yield* await reading.push(piece.bytes)
      if (piece.last) {
        yield await reading.end()
        reading = undefined
        path = undefined
      }
    }
    if (reading) yield await reading.end()
    else if (path === undefined && isZip(first)) return
  } catch (error) {
    // An abort, or what onProgress threw.
    if (!(error instanceof Specter2Error)) throw error
    reading ??= begin('')
    yield reading.fail(error)
  }
}

async function* asPieces(bytes: AsyncIterable<Uint8Array>) {
  for await (const piece of bytes) yield { path: '', bytes: piece, last: false }
  yield { path: '', bytes: new Uint8Array(), last: true }
}

async function firstBytes(chunks: AsyncGenerator<Uint8Array, void, void>): Promise<Uint8Array> {
  const { value } = await chunks.next()
  return value ?? new Uint8Array()
}

async function* again(first: Uint8Array, chunks: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<Uint8Array, void, void> {
  yield first
  yield* chunks
}

/** Reads one file's bytes as they come: encoding, format, records. */
class FileReading {
  readonly #name: string
  readonly #mapping: ColumnMapping | undefined
  readonly #ids: Map<string, number>
  readonly #report: FileReport
  /** The file's begin, until encoding and format are known. */
  #start: Uint8Array[] = []
  #startBytes = 0
  #decoding: TextDecoding | undefined
  #reader: RecordReader | undefined
  #head = ''
  #done = false
  #record = 0
  #from = performance.now()

  constructor(name: string, mapping: ColumnMapping | undefined, ids: Map<string, number>) {
    this.#name = name
    this.#mapping = mapping
    this.#ids = ids
    this.#report = {
      file: name,
      format: 'unknown',
      encoding: 'utf-8',
      records: 0,
      reported: 0,
      failed: false,
      empty: false,
      seconds: 0,
    }
  }

  async push(bytes: Uint8Array): Promise<PaperBatch[]> {
    if (this.#done || bytes.length === 0) return []
    if (this.#decoding) return this.#text(this.#decoding.push(bytes), false)
    this.#start.push(bytes)
    this.#startBytes += bytes.length
    return this.#startBytes < SNIFFED_BYTES ? [] : this.#begin()
  }

  async end(): Promise<PaperBatch> {
    const batch: PaperBatch = { papers: [], problems: [] }
    const add = (batches: readonly PaperBatch[]) => {
      for (const { papers, problems } of batches) {
        batch.papers.push(...papers)
        batch.problems.push(...problems)
      }
    }
    if (!this.#decoding && !this.#done) add(await this.#begin())
    if (!this.#done) add(await this.#text(this.#decoding!.end(), true))
    return { ...batch, report: this.#finish() }
  }

  /** The whole file is given up: it is damaged, a bomb, or gone. */
  fail(error: Specter2Error): PaperBatch {
    const code = error.code === 'LIMIT_EXCEEDED' ? 'LIMIT_EXCEEDED' : 'UNREADABLE_FILE'
    return {
      papers: [],
      problems: [this.#problem({ kind: 'lost', code, reason: error.message, raw: '' })],
      report: this.#finish(),
    }
  }

  async #begin(): Promise<PaperBatch[]> {
    const start = new Uint8Array(this.#startBytes)
    let at = 0
    for (const bytes of this.#start) {
      start.set(bytes, at)
      at += bytes.length
    }
    this.#start = []
    this.#decoding = decodeText(start.subarray(0, SNIFFED_BYTES))
    return this.#text(this.#decoding.push(start), false)
  }

  async #text(text: string, final: boolean): Promise<PaperBatch[]> {
    try {
      if (this.#reader) return [this.#batch([...this.#reader.push(text), ...(final ? this.#reader.end() : [])])]
      this.#head += text
      if (this.#head.length < SNIFFED_CHARACTERS && !final) return []
      const head = this.#head
      const format =
        this.#mapping && /\.(?:csv|tsv)$/i.test(this.#name) ? 'csv' : detectFormat(head.slice(0, SNIFFED_CHARACTERS), this.#name)
      if (format === undefined) {
        // A long preface, as of BibTeX's comments: the rest may tell.
        if (!final && head.length < 2 ** 20) return []
        return [this.#unknown(head)]
      }
      this.#head = ''
      this.#report.format = format
      this.#reader = await FORMATS[format]({ ...(this.#mapping && { mapping: this.#mapping }) })
      return [this.#batch([...this.#reader.push(head), ...(final ? this.#reader.end() : [])])]
    } catch (error) {
      this.#done = true
      const limit = error instanceof Specter2Error && error.code === 'LIMIT_EXCEEDED'
      this.#report.failed = !limit
      const reason = limit
        ? error.message
        : `The reader of ${this.#report.format} failed: ${(error as Error).message}. This is a fault of specter2-web's.`
      return [
        {
          papers: [],
          problems: [this.#problem({ kind: 'lost', code: limit ? 'LIMIT_EXCEEDED' : 'READER_FAILED', reason, raw: '' })],
        },
      ]
    }
  }

  #unknown(head: string): PaperBatch {
    this.#done = true
    if (head.trim() === '') {
      this.#report.empty = true
      return { papers: [], problems: [] }
    }
    const reason = 'The file is of no format that is read. Export it as BibTeX, RIS, NBIB, EndNote XML, CSL-JSON or CSV.'
    return {
      papers: [],
      problems: [this.#problem({ kind: 'lost', code: 'UNKNOWN_FORMAT', reason, raw: rawExcerpt(head.slice(0, 1_000)) })],
    }
  }

  #batch(found: readonly Found[]): PaperBatch {
    const papers: Paper[] = []
    const problems: PaperProblem[] = []
    for (const item of found) {
      if (isProblem(item)) {
        const { limit, ...problem } = item
        problems.push(this.#problem({ ...problem, code: limit === undefined ? 'BAD_RECORD' : 'LIMIT_EXCEEDED' }))
        continue
      }
      const { draft, line } = item
      const record = item.record ?? this.#record + 1
      this.#record = Math.max(this.#record + 1, record)
      const { id, format, ...rest } = draft
      const source = { file: this.#name, record, ...(line !== undefined && { line }), format: format ?? this.#report.format }
      papers.push({ id: this.#unique(id ?? draft.key ?? `${this.#name}#${record}`), ...rest, source })
    }
    this.#report.records += papers.length
    return { papers, problems }
  }

  #problem(problem: Omit<PaperProblem, 'file'>): PaperProblem {
    if (problem.kind === 'lost') this.#report.reported++
    return { file: this.#name, ...problem }
  }

  #unique(id: string): string {
    let count = this.#ids.get(id) ?? 0
    let unique = id
    while (count > 0 && this.#ids.has(unique)) unique = `${id}~${++count}`
    // Many records may share a key: the next one goes on from here.
    this.#ids.set(id, Math.max(1, count))
    this.#ids.set(unique, Math.max(1, this.#ids.get(unique) ?? 1))
    return unique
  }

  #finish(): FileReport {
    const report = this.#report
    report.encoding = this.#decoding?.encoding ?? 'utf-8'
    report.empty ||= report.records === 0 && report.reported === 0
    report.seconds = (performance.now() - this.#from) / 1000
    return report
  }
}

function checkMapping(mapping: ColumnMapping | undefined): void {
  const known: readonly string[] = [...COLUMN_PROPERTIES, 'lastPage']
  for (const [property, column] of Object.entries(mapping ?? {})) {
    if (!known.includes(property))
      throw new InvalidArgumentError('mapping', property, `an object whose keys are of ${known.join(', ')}`)
    if (typeof column !== 'string') throw new InvalidArgumentError(`mapping.${property}`, column, 'the name of a column')
  }
}
