import { type LexicalHits, LexicalIndex, type LexicalSearchOptions } from '../../core/search/lexical-index.js'
import { hasRow, type RowSet } from '../../core/search/row-set.js'
import type { IdleGate } from './idle-gate.js'
import type { IndexMeta, IndexStore } from './index-store.js'

/** Milliseconds of uninterrupted indexing: other calls wait no longer than this. */
const SLICE_MS = 8
/** Papers read from the store at once. */
const READ_AT_ONCE = 256

/**
 * The lexical index of the papers, built from the store in the background and kept up to date. It is rebuilt at every opening:
 * a stored MiniSearch snapshot took a third of that time to load (5,914 abstracts), blocking the worker, and two thirds to write
 * after every change.
 */
export class LexicalView {
  readonly #index = new LexicalIndex()
  readonly #store: IndexStore
  readonly #meta: () => IndexMeta
  readonly #gate: IdleGate
  /** Rows below this one are indexed. */
  #nextRow = 0
  #reading: Promise<void> | null = null

  /** @param meta The current meta data. */
  constructor(store: IndexStore, meta: () => IndexMeta, gate: IdleGate) {
    this.#store = store
    this.#meta = meta
    this.#gate = gate
  }

  /** Resolves when all papers stored so far are indexed. */
  ready(): Promise<void> {
    if (this.#nextRow === this.#meta().nextRow) return Promise.resolve()
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  remove(row: number): void {
    this.#index.remove(row)
  }

  search(query: string, options?: LexicalSearchOptions): LexicalHits {
    return this.#index.search(query, options)
  }

  async #read(): Promise<void> {
    const read = (from: number, to: number) =>
      Promise.all([this.#store.papersInRange(from, to), this.#store.abstractsInRange(from, to)])
    while (this.#nextRow < this.#meta().nextRow) {
      await this.#gate.idle()
      const [from, to] = [this.#nextRow, Math.min(this.#nextRow + READ_AT_ONCE, this.#meta().nextRow)]
      const [papers, abstracts] = await read(from, to)
      let sliceEnd = performance.now() + SLICE_MS
      for (const { row, paper } of papers) {
        if (performance.now() > sliceEnd) {
          await this.#gate.idle()
          sliceEnd = performance.now() + SLICE_MS
        }
        // The paper may have been removed since it was read.
        const live: RowSet = this.#meta().live
        if (hasRow(live, row)) this.#index.add(row, { title: paper.title, abstract: abstracts.get(row) ?? null })
      }
      this.#nextRow = to
    }
  }
}
