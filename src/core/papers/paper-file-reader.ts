import { Specter2Error } from '../errors.js'
import type { ColumnMapping } from './csv/columns.js'
import { decodeText, SNIFFED_BYTES, type TextDecoding } from './decode-text.js'
import { detectFormat, SNIFFED_CHARACTERS } from './detect-format.js'
import { NameOrder } from './fields/name-order.js'
import { FORMATS } from './formats.js'
import type { Paper } from './paper.js'
import type { FileReport, PaperBatch, PaperProblem } from './paper-file.js'
import { type Found, isProblem, type RecordReader } from './record.js'

/** Reads the papers of one file from pieces of its bytes; finds out encoding and format itself. */
export class PaperFileReader {
  readonly #name: string
  readonly #mapping: ColumnMapping | undefined
  readonly #ids: Map<string, number>
  readonly #report: FileReport
  /** The start of the file, until its encoding is known. */
  #start: Uint8Array[] = []
  #startBytes = 0
  #decoding: TextDecoding | undefined
  #reader: RecordReader | undefined
  readonly #names = new NameOrder()
  /** The start of its text, until its format is known. */
  #head = ''
  #done = false
  /** Number of the latest record. */
  #record = 0
  readonly #startedAt = performance.now()

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

  /** Gives up on the file, because it is damaged, a bomb, or gone. */
  fail(error: Specter2Error): PaperBatch {
    const code = error.code === 'LIMIT_EXCEEDED' ? 'LIMIT_EXCEEDED' : 'UNREADABLE_FILE'
    return { ...this.#lost(code, error.message), report: this.#finish() }
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
      if (this.#reader) return [this.#batch([...this.#reader.push(text), ...(final ? this.#reader.end() : [])], final)]
      this.#head += text
      if (this.#head.length < SNIFFED_CHARACTERS && !final) return []
      const head = this.#head
      const format =
        this.#mapping && /\.(?:csv|tsv)$/i.test(this.#name) ? 'csv' : detectFormat(head.slice(0, SNIFFED_CHARACTERS), this.#name)
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
      const limit = error instanceof Specter2Error && error.code === 'LIMIT_EXCEEDED'
      this.#report.failed = !limit
      const reason = limit
        ? error.message
        : `The ${this.#report.format} reader failed: ${(error as Error).message}. This is a bug in specter2-web.`
      return [this.#lost(limit ? 'LIMIT_EXCEEDED' : 'READER_FAILED', reason)]
    }
  }

  #unknown(head: string): PaperBatch {
    this.#done = true
    if (head.trim() === '') {
      this.#report.empty = true
      return { papers: [], problems: [] }
    }
    const reason = 'The format of the file is not recognised. Export it as BibTeX, RIS, NBIB, EndNote XML, CSL-JSON or CSV.'
    return this.#lost('UNKNOWN_FORMAT', reason, head.slice(0, 1_000))
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
    // Many records may share a key: the next one continues from this count.
    this.#ids.set(id, Math.max(1, count))
    this.#ids.set(unique, Math.max(1, this.#ids.get(unique) ?? 1))
    return unique
  }

  #finish(): FileReport {
    const report = this.#report
    report.encoding = this.#decoding?.encoding ?? 'utf-8'
    report.empty ||= report.records === 0 && report.reported === 0
    report.seconds = (performance.now() - this.#startedAt) / 1000
    return report
  }
}
