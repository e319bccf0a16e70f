import type { PaperRecord } from '../../core/papers/paper-record.js'
import { addRow, hasRow } from '../../core/search/row-set.js'
import type { RecordsPart } from '../../workers/library/library-protocol.js'
import type { IndexConnection } from './index-connection.js'

/** What searches need of an index's papers. */
export type SearchRecords = Pick<PaperRecords, 'rowsWhere' | 'all' | 'idsWithAbstract'>

/** An index's papers without abstracts, in the page, because filters cannot be sent to the worker. Read when first needed. */
export class PaperRecords {
  readonly #connection: IndexConnection
  #papers: (PaperRecord | undefined)[] = []
  readonly #withAbstract = new Set<number>()
  #nextRow = 0
  #edits = 0
  #live: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  #reading: Promise<void> = Promise.resolve()

  constructor(connection: IndexConnection) {
    this.#connection = connection
  }

  /** Rows of papers for which `predicate` holds, as a bit set. @throws What `predicate` throws. */
  async rowsWhere(
    predicate: (paper: PaperRecord) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<Uint32Array<ArrayBuffer>> {
    await this.#read(signal)
    const rows = new Uint32Array((this.#nextRow + 31) >>> 5)
    for (const [row, paper] of this.#papers.entries()) if (paper && hasRow(this.#live, row) && predicate(paper)) addRow(rows, row)
    return rows
  }

  /** All papers by ascending row. */
  async all(signal: AbortSignal | undefined): Promise<PaperRecord[]> {
    await this.#read(signal)
    return this.#papers.filter((paper, row): paper is PaperRecord => paper !== undefined && hasRow(this.#live, row))
  }

  /** Ids of the papers that have an abstract. */
  async idsWithAbstract(signal: AbortSignal | undefined): Promise<string[]> {
    await this.#read(signal)
    return [...this.#withAbstract].flatMap((row) => (hasRow(this.#live, row) ? (this.#papers[row]?.id ?? []) : []))
  }

  /** Updates the records, one call at a time, so that a later call reads only what is new. */
  async #read(signal: AbortSignal | undefined): Promise<void> {
    const reading = this.#reading.then(() => this.#update(signal))
    this.#reading = reading.catch(() => {})
    await reading
  }

  async #update(signal: AbortSignal | undefined): Promise<void> {
    const read = async (fromRow: number) => {
      const onReport = ({ rows, papers, withAbstract }: RecordsPart) => {
        for (const row of withAbstract) this.#withAbstract.add(row)
        for (const [index, row] of rows.entries()) this.#papers[row] = papers[index]!
      }
      return this.#connection.call('records', fromRow, { signal, onReport })
    }
    let state = await read(this.#nextRow)
    if (state.edits !== this.#edits) {
      this.#papers = []
      state = await read(0)
    }
    this.#nextRow = state.nextRow
    this.#edits = state.edits
    this.#live = state.live
    for (let row = 0; row < this.#nextRow; row++) if (!hasRow(this.#live, row)) this.#papers[row] = undefined
  }
}
