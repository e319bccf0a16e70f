import type { Change, IndexMeta, IndexStore, Segment, SegmentCodes, SegmentId, StoredPaper } from './index-store.js'
import type { IndexStorage } from './library-protocol.js'

/** Holds an index in memory, as long as its worker lives: for private windows and browsers that block storage. */
export class MemoryIndexStore implements IndexStore {
  readonly storage: IndexStorage
  #meta: IndexMeta | null = null
  readonly #papers = new Map<string, StoredPaper>()
  readonly #byRow = new Map<number, StoredPaper>()
  readonly #abstracts = new Map<number, string>()
  readonly #segments = new Map<number, Segment>()
  protected readonly codes = new Map<number, SegmentCodes>()
  readonly #data = new Map<string, unknown>()

  /** @param reason Why nothing is stored. */
  constructor(reason: string) {
    this.storage = { persistent: false, reason }
  }

  async meta(): Promise<IndexMeta | null> {
    return this.#meta
  }

  async commit({ meta, ...change }: Change): Promise<boolean> {
    if ((this.#meta?.sequence ?? 0) !== meta.sequence - 1) return false
    for (const id of change.removedIds ?? []) {
      const stored = this.#papers.get(id)
      this.#papers.delete(id)
      if (stored) this.#byRow.delete(stored.row)
    }
    for (const row of change.removedRows ?? []) {
      this.#abstracts.delete(row)
      this.#byRow.delete(row)
    }
    for (const { stored, abstract } of change.papers ?? []) {
      this.#papers.set(stored.paper.id, stored)
      this.#byRow.set(stored.row, stored)
      if (abstract !== null) this.#abstracts.set(stored.row, abstract)
    }
    for (const { number } of change.removedSegments ?? []) {
      this.#segments.delete(number)
      this.codes.delete(number)
    }
    for (const segment of change.segments ?? []) this.#segments.set(segment.number, segment)
    for (const codes of change.codes ?? []) this.codes.set(codes.number, codes)
    for (const [key, value] of change.data ?? []) {
      if (value === null) this.#data.delete(key)
      else this.#data.set(key, value)
    }
    this.#meta = meta
    return true
  }

  async papersById(ids: readonly string[]): Promise<(StoredPaper | undefined)[]> {
    return ids.map((id) => this.#papers.get(id))
  }

  async papersByRow(rows: readonly number[]): Promise<(StoredPaper | undefined)[]> {
    return rows.map((row) => this.#byRow.get(row))
  }

  async papersInRange(from: number, to: number): Promise<StoredPaper[]> {
    const rows = Array.from({ length: Math.max(0, to - from) }, (_, index) => this.#byRow.get(from + index))
    return rows.filter((stored) => stored !== undefined)
  }

  async abstracts(rows: readonly number[]): Promise<(string | undefined)[]> {
    return rows.map((row) => this.#abstracts.get(row))
  }

  async abstractRows(from: number, to: number): Promise<number[]> {
    return [...this.#abstracts.keys()].filter((row) => row >= from && row < to)
  }

  async abstractsInRange(from: number, to: number): Promise<Map<number, string>> {
    return new Map([...this.#abstracts].filter(([row]) => row >= from && row < to))
  }

  async readSegments(
    _model: string,
    numbers: readonly number[],
    onSegment: (segment: Segment | null, number: number) => void,
  ): Promise<void> {
    for (const number of numbers) onSegment(this.#segments.get(number) ?? null, number)
  }

  async readCodes(
    _model: string,
    numbers: readonly number[],
    onCodes: (codes: SegmentCodes | null, number: number) => void,
  ): Promise<void> {
    for (const number of numbers) onCodes(this.codes.get(number) ?? null, number)
  }

  async data(prefix: string): Promise<Map<string, unknown>> {
    return new Map([...this.#data].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  async segmentIds(): Promise<SegmentId[]> {
    return [...this.#segments.values()].map(({ model, number }) => ({ model, number }))
  }
}
