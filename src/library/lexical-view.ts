import { macrotask } from '../macrotask.js'
import { type LexicalHits, LexicalIndex, type LexicalSearchOptions } from '../search/lexical-index.js'
import { hasRow, type RowSet } from '../search/row-set.js'
import type { IndexMeta, IndexStore } from './index-store.js'

/** Papers indexed at once: so long may other calls have to wait. */
const SLICE = 100
/** Papers read at once. */
const READ_AT_ONCE = 2000

/** The words of the papers, read from the store in the background and kept up to date. */
export class LexicalView {
  readonly #index = new LexicalIndex()
  readonly #store: IndexStore
  readonly #meta: () => IndexMeta
  /** Rows below it are in. */
  #nextRow = 0
  #reading: Promise<void> | null = null

  /** @param meta Tells which rows there are now. */
  constructor(store: IndexStore, meta: () => IndexMeta) {
    this.#store = store
    this.#meta = meta
  }

  /** Resolves when every paper that is stored now can be found. */
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
    while (this.#nextRow < this.#meta().nextRow) {
      const [from, to] = [this.#nextRow, Math.min(this.#nextRow + READ_AT_ONCE, this.#meta().nextRow)]
      const [papers, abstracts] = await Promise.all([this.#store.papersInRange(from, to), this.#store.abstractsInRange(from, to)])
      for (const [index, { row, paper }] of papers.entries()) {
        // It may be gone since it was read.
        const live: RowSet = this.#meta().live
        if (hasRow(live, row)) this.#index.add(row, { title: paper.title, abstract: abstracts.get(row) ?? null })
        if (index % SLICE === SLICE - 1) await macrotask()
      }
      this.#nextRow = to
    }
  }
}
