import { Specter2Error } from '../errors.js'
import { isZip } from './archives/zip-start.js'
import type { ColumnMapping } from './csv/columns.js'
import { unknownTable } from './csv/find-table.js'
import { detectFormat, SNIFFED_CHARACTERS } from './detect-format.js'
import { decodeText, SNIFFED_BYTES, type TextDecoding } from './encoding/decode-text.js'
import { NameOrder } from './fields/name-order.js'
import { foreignKind } from './foreign-kinds.js'
import { FORMATS } from './formats.js'
import { LIMITS, limitError } from './limits.js'
import type { Paper } from './paper.js'
import type { FileReport, PaperBatch, PaperProblem } from './paper-file.js'
import { type Found, isProblem, type RecordReader } from './record.js'
import { VectorGroups } from './vectors/vector-groups.js'
import type { VectorJoin } from './vectors/vector-join.js'
import { type VectorMatrix, vectorFileKind } from './vectors/vector-matrix.js'

/** How a file is read, if the caller knows. */
export interface ReaderOptions {
  mapping?: ColumnMapping | undefined
  encoding?: string | undefined
}

/** Reads the papers of one file from pieces of its bytes; finds out encoding and format itself. */
export class PaperFileReader {
  readonly #name: string
  readonly #mapping: ColumnMapping | undefined
  readonly #encoding: string | undefined
  readonly #ids: Map<string, number>
  readonly #report: FileReport
  /** The start of the file, until its encoding is known. */
  #start: Uint8Array[] = []
  #startBytes = 0
  #decoding: TextDecoding | undefined
  #reader: RecordReader | undefined
  readonly #names = new NameOrder()
  /** The file's first bytes. */
  #first: Uint8Array = new Uint8Array()
  /** The start of its text, until its format is known. */
  #head = ''
  #done = false
  /** Number of the latest record. */
  #record = 0
  readonly #join: VectorJoin
  #vectors: VectorGroups
  /** The kind of a file of vectors, which is read when it is whole. */
  #kind: ReturnType<typeof vectorFileKind>
  readonly #startedAt = performance.now()

  constructor(name: string, { mapping, encoding }: ReaderOptions, ids: Map<string, number>, join: VectorJoin) {
    this.#name = name
    this.#join = join
    this.#vectors = new VectorGroups(name)
    this.#mapping = mapping
    this.#encoding = encoding
    this.#ids = ids
    this.#report = {
      file: name,
      format: 'unknown',
      encoding: 'utf-8',
      encodingGuessed: false,
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
    // The first piece must tell a zip.
    if (this.#startBytes > 0 && this.#startBytes < 6)
      this.#start = [Uint8Array.from([...this.#start.flatMap((piece) => [...piece]), ...bytes])]
    else this.#start.push(bytes)
    this.#startBytes += bytes.length
    // A workbook is read when it is whole: its directory is at its end.
    if (isZip(this.#start[0]!)) {
      if (this.#startBytes > LIMITS.MAX_WORKBOOK_BYTES) throw limitError('MAX_WORKBOOK_BYTES', 'A larger workbook')
      return []
    }
    this.#kind ??= vectorFileKind(this.#start[0]!)
    if (this.#kind) {
      if (this.#startBytes > LIMITS.MAX_VECTOR_BYTES) throw limitError('MAX_VECTOR_BYTES', 'A larger file of vectors')
      return []
    }
    return this.#startBytes < SNIFFED_BYTES ? [] : this.#begin()
  }

  /** Reads what is left; the last batch has the report. */
  async *end(): AsyncGenerator<PaperBatch, void, void> {
    if (!this.#done && this.#start[0] && isZip(this.#start[0])) yield* this.#workbook()
    if (!this.#done && this.#kind) yield* this.#vectorFile(this.#kind)
    if (!this.#decoding && !this.#done) yield* await this.#begin()
    if (!this.#done) yield* await this.#text(this.#decoding!.end(), true)
    yield { papers: [], problems: [], report: this.#finish() }
  }

  /** Gives up on the file, because it is damaged, a bomb, or gone. */
  fail(error: Specter2Error): PaperBatch {
    const code = error.code === 'LIMIT_EXCEEDED' ? 'LIMIT_EXCEEDED' : 'UNREADABLE_FILE'
    return { ...this.#lost(code, error.message), report: this.#finish() }
  }

  /** Gives up on a file that is told to be of another kind. */
  refuse(reason: string): PaperBatch {
    return { ...this.#lost('UNKNOWN_FORMAT', reason), report: this.#finish() }
  }

  #takeStart(): Uint8Array<ArrayBuffer> {
    const start = new Uint8Array(this.#startBytes)
    let at = 0
    for (const bytes of this.#start) {
      start.set(bytes, at)
      at += bytes.length
    }
    this.#start = []
    return start
  }

  async #begin(): Promise<PaperBatch[]> {
    const start = this.#takeStart()
    this.#first = start.slice(0, 4_096)
    this.#decoding = decodeText(start.subarray(0, SNIFFED_BYTES), this.#encoding)
    return this.#text(this.#decoding.push(start), false)
  }

  async *#workbook(): AsyncGenerator<PaperBatch, void, void> {
    this.#done = true
    this.#report.format = 'xlsx'
    try {
      const { readWorkbook } = await import('./xlsx/read-workbook.js')
      for (const found of readWorkbook(this.#takeStart(), this.#mapping)) yield this.#batch(found, false)
      yield this.#batch([], true)
    } catch (error) {
      yield this.#failed(error)
    }
  }

  async *#vectorFile(kind: 'parquet' | 'npy' | 'faiss'): AsyncGenerator<PaperBatch, void, void> {
    this.#done = true
    this.#report.format = kind
    try {
      if (kind === 'parquet') {
        const { readParquet } = await import('./vectors/read-parquet.js')
        const { stamp, parts } = await readParquet(this.#takeStart())
        this.#vectors = new VectorGroups(this.#name, stamp)
        for await (const found of parts) yield this.#batch(found, false)
        yield this.#batch([], true)
      } else {
        const { readFaiss, readNpy } = await import('./vectors/vector-matrix.js')
        yield this.#rows((kind === 'npy' ? readNpy : readFaiss)(this.#takeStart()))
      }
    } catch (error) {
      yield this.#failed(error)
    }
  }

  /** Vectors whose papers are in another file, in the same order or by ids. */
  #rows({ rows, dimension, vectors, ids: own }: VectorMatrix): PaperBatch {
    const ids = own ?? this.#join.rowsOf(this.#name)
    if (!ids) {
      const reason = `These are ${rows} vectors without papers. Give the file of the papers with them, with the same name: vectors.npy and vectors.jsonl.`
      return this.#lost('BAD_RECORD', reason)
    }
    if (ids.length !== rows) {
      const reason = `These are ${rows} vectors for ${ids.length} papers, so nobody can say which belongs to which.`
      return this.#lost('BAD_RECORD', reason)
    }
    for (let row = 0; row < rows; row++)
      this.#vectors.add(ids[row]!, [{ model: '', vector: vectors.subarray(row * dimension, (row + 1) * dimension) }], row + 1)
    return this.#batch([], true)
  }

  async #text(text: string, final: boolean): Promise<PaperBatch[]> {
    try {
      if (this.#reader) return [this.#batch([...this.#reader.push(text), ...(final ? this.#reader.end() : [])], final)]
      this.#head += text
      if (this.#head.length < SNIFFED_CHARACTERS && !final) return []
      const head = this.#head
      const format =
        this.#mapping && /\.(?:csv|tsv|txt|tab)$/i.test(this.#name)
          ? 'csv'
          : detectFormat(head.slice(0, SNIFFED_CHARACTERS), this.#name)
      if (format === undefined) {
        // The file may begin with a long preface, such as BibTeX comments.
        if (!final && head.length < 2 ** 20) return []
        return [this.#unknown(head)]
      }
      this.#head = ''
      this.#report.format = format
      this.#reader = await FORMATS[format]({ ...(this.#mapping && { mapping: this.#mapping }) })
      return [this.#batch([...this.#reader.push(head), ...(final ? this.#reader.end() : [])], final)]
    } catch (error) {
      this.#done = true
      return [this.#failed(error)]
    }
  }

  #failed(error: unknown): PaperBatch {
    if (error instanceof Specter2Error)
      return this.#lost(error.code === 'LIMIT_EXCEEDED' ? 'LIMIT_EXCEEDED' : 'UNREADABLE_FILE', error.message)
    this.#report.failed = true
    const reason = `The ${this.#report.format} reader failed: ${(error as Error).message}. This is a bug in specter2-web.`
    return this.#lost('READER_FAILED', reason)
  }

  #unknown(head: string): PaperBatch {
    this.#done = true
    if (head.trim() === '') {
      this.#report.empty = true
      return { papers: [], problems: [] }
    }
    const table = unknownTable(head)
    const reason = foreignKind(this.#first, this.#name) ?? table ?? 'The format of the file is not recognised.'
    const next =
      reason === 'The format of the file is not recognised.'
        ? ' Export it as BibTeX, RIS, NBIB, EndNote XML, CSL-JSON, XLSX or CSV.'
        : ''
    return this.#lost('UNKNOWN_FORMAT', `${reason}${next}`, head.slice(0, 1_000))
  }

  #lost(code: PaperProblem['code'], reason: string, raw = ''): PaperBatch {
    return { papers: [], problems: [this.#problem({ kind: 'lost', code, reason, raw })] }
  }

  #batch(found: readonly Found[], final: boolean): PaperBatch {
    const papers: Paper[] = []
    const problems: PaperProblem[] = []
    for (const item of this.#names.settle(found, final)) {
      if (isProblem(item)) {
        const { limit, ...problem } = item
        problems.push(this.#problem({ ...problem, code: limit === undefined ? 'BAD_RECORD' : 'LIMIT_EXCEEDED' }))
        continue
      }
      const { draft, line, vectors, vectorOf } = item
      if (vectorOf !== undefined) {
        this.#vectors.add(vectorOf, vectors!, line)
        continue
      }
      const record = item.record ?? this.#record + 1
      this.#record = Math.max(this.#record + 1, record)
      const { id, format, authors: people, ...rest } = draft
      // Braces, control characters and the like leave nothing of a name.
      const authors = people?.filter((author) => Object.values(author).some((part) => part.trim() !== ''))
      const source = { file: this.#name, record, ...(line !== undefined && { line }), format: format ?? this.#report.format }
      const unique = this.#unique(id ?? draft.key ?? `${this.#name}#${record}`)
      const paper: Paper = { id: unique, ...rest, ...(authors && authors.length > 0 && { authors }), source }
      papers.push(paper)
      if (vectors) this.#vectors.add(paper.id, vectors, line)
    }
    this.#report.records += papers.length
    this.#join.papers(this.#name, papers)
    const taken = this.#vectors.take(final)
    for (const problem of taken.problems) problems.push(this.#problem({ ...problem, code: 'BAD_RECORD' }))
    const vectors = taken.vectors.flatMap((part) => this.#join.join(part))
    return { papers, problems, ...(vectors.length > 0 && { vectors }) }
  }

  #problem(problem: Omit<PaperProblem, 'file'>): PaperProblem {
    if (problem.kind === 'lost') this.#report.reported++
    return { file: this.#name, ...problem }
  }

  #unique(said: string): string {
    const id = ownText(said)
    let count = this.#ids.get(id) ?? 0
    let unique = id
    while (count > 0 && this.#ids.has(unique)) unique = `${id}~${++count}`
    // Many records may share a key: the next one continues from this count.
    this.#ids.set(id, Math.max(1, count))
    this.#ids.set(unique, Math.max(1, this.#ids.get(unique) ?? 1))
    return unique
  }

  #finish(): FileReport {
    const report = this.#report
    report.encoding = this.#decoding?.encoding ?? 'utf-8'
    report.encodingGuessed = this.#decoding?.guessed ?? false
    report.empty ||= report.records === 0 && report.reported === 0
    report.seconds = (performance.now() - this.#startedAt) / 1000
    return report
  }
}

/** A copy of its own: engines keep the whole text of a piece of the file as long as a part of it is in use. */
const ownText = (text: string) => ` ${text}`.slice(1)
