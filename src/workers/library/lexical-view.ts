import { type LexicalHits, LexicalIndex, type LexicalSearchOptions } from '../../core/search/lexical-index.js'
import type { ParsedQuery } from '../../core/search/query-language.js'
import { hasRow, type RowSet, rowsOf } from '../../core/search/row-set.js'
import type { IdleGate } from './idle-gate.js'
import type { IndexMeta, IndexStore } from './index-store.js'
import { joinPaper } from './paper-parts.js'

/** Milliseconds of uninterrupted indexing: other calls wait no longer than this. */
const SLICE_MS = 8
/** Papers read from the store at once. */
const READ_AT_ONCE = 256

/**
 * The lexical index of the papers, built from the store in the background at every opening, and kept up to date: a stored snapshot of an
 * index took a third of that time to load, blocking the worker, and two thirds to write after every change (5,914 abstracts).
 */
export class LexicalView {
  readonly #index = new LexicalIndex()
  readonly #store: IndexStore
  readonly #meta: () => IndexMeta
  readonly #gate: IdleGate
  /** Rows below this one are indexed, or are being indexed. */
  #nextRow = 0
  /** Rows below this one are indexed. */
  #indexedRows = 0
  /** Indexed rows whose papers have other fields now. */
  #changed = new Set<number>()
  #reading: Promise<void> | null = null

  /** @param meta The current meta data. */
  constructor(store: IndexStore, meta: () => IndexMeta, gate: IdleGate) {
    this.#store = store
    this.#meta = meta
    this.#gate = gate
  }

  /** Resolves when all papers stored so far are indexed. @param soFar Whether to resolve at once, and index them in the background. */
  ready(soFar = false): Promise<void> {
    if (this.#nextRow === this.#meta().nextRow && this.#changed.size === 0) return Promise.resolve()
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    if (!soFar) return this.#reading
    // Whoever waits for all papers gets the error.
    this.#reading.catch(() => {})
    return Promise.resolve()
  }

  /** Papers that are not indexed yet. */
  get unread(): number {
    const rows = rowsOf(this.#meta().live, this.#indexedRows)
    return Array.from(rows).length
  }

  remove(row: number): void {
    this.#index.remove(row)
  }

  /** Papers have other fields: labels, notes, years. @param rows `null`: it is not known which. */
  changed(rows: readonly number[] | null): void {
    for (const row of rows ?? rowsOf(this.#meta().live)) if (row < this.#nextRow) this.#changed.add(row)
  }

  search(query: ParsedQuery, options?: LexicalSearchOptions): LexicalHits {
    return this.#index.search(query, options)
  }

  /** The rows that a query's phrases, fields, years, identifiers and exclusions allow. */
  scope(query: ParsedQuery, filter?: RowSet): RowSet | undefined {
    return this.#index.scope(query, filter)
  }

  async #read(): Promise<void> {
    while (this.#nextRow < this.#meta().nextRow) {
      await this.#gate.idle()
      const [from, to] = [this.#nextRow, Math.min(this.#nextRow + READ_AT_ONCE, this.#meta().nextRow)]
      const [papers, abstracts] = await Promise.all([this.#store.papersInRange(from, to), this.#store.abstractsInRange(from, to)])
      // What is changed from now on is read again.
      this.#nextRow = to
      await this.#add(papers.map(({ row, paper }) => ({ row, paper: joinPaper(paper, abstracts.get(row)) })))
      this.#indexedRows = to
    }
    while (this.#changed.size > 0) {
      await this.#gate.idle()
      const rows = [...this.#changed].slice(0, READ_AT_ONCE)
      for (const row of rows) this.#changed.delete(row)
      const [papers, abstracts] = await Promise.all([this.#store.papersByRow(rows), this.#store.abstracts(rows)])
      await this.#add(
        papers.flatMap((stored, index) =>
          stored ? [{ row: stored.row, paper: joinPaper(stored.paper, abstracts[index]) }] : [],
        ),
      )
    }
  }

  async #add(papers: readonly { row: number; paper: Parameters<LexicalIndex['add']>[1] }[]): Promise<void> {
    let sliceEnd = performance.now() + SLICE_MS
    for (const { row, paper } of papers) {
      if (performance.now() > sliceEnd) {
        await this.#gate.idle()
        sliceEnd = performance.now() + SLICE_MS
      }
      // The paper may have been removed since it was read.
      if (hasRow(this.#meta().live, row)) this.#index.add(row, paper)
    }
  }
}
