import { macrotask } from '../../core/async/macrotask.js'
import type { StartThreads } from '../../core/kernels/scan-threads.js'
import { type ModelStamp, modelKey } from '../../core/model-folder/model-stamp.js'
import type { Change, IndexMeta, IndexStore, Segment, SegmentCodes } from './index-store.js'
import { readCodes, readSegments, segmentNumbers } from './read-segments.js'
import { SEGMENT_ROWS, segmentOf } from './segment.js'
import { segmentCodes } from './segment-codes.js'
import { VectorView } from './vector-view.js'

/** Embedding writes many small segments; more than this many are merged. */
const MAX_SMALL_SEGMENTS = 48
/** Codes stored at once if an index lacks them. */
const CODES_AT_ONCE = 32

/** Stores the change that `make` returns for the next meta data; `change: null` stores nothing. */
export type Write = <T>(make: (meta: IndexMeta) => Promise<{ change: Change | null; result: T }>) => Promise<T>

/** What the views need from their index. */
export interface VectorViewsOptions {
  store: IndexStore
  /** The current meta data. */
  meta: () => IndexMeta
  write: Write
  /** Catches up with other tabs' changes. */
  follow: () => Promise<void>
  startThreads: StartThreads | undefined
}

/** An index's vectors in memory: one view for each model, read from the store when first needed. */
export class VectorViews {
  readonly #options: VectorViewsOptions
  readonly #views = new Map<string, Promise<VectorView>>()
  #damaged = 0

  constructor(options: VectorViewsOptions) {
    this.#options = options
  }

  /** How many segments were found damaged. Their papers are pending again. */
  get damaged(): number {
    return this.#damaged
  }

  /** The vectors of a model. Their codes are read once. */
  of(model: ModelStamp): Promise<VectorView> {
    const key = modelKey(model)
    let view = this.#views.get(key)
    if (!view) {
      const made: VectorView = new VectorView(model, (number) => this.#readVectors(made, number), this.#options.startThreads)
      view = this.#readCodes(made).then(() => made)
      this.#views.set(key, view)
      view.catch(() => this.#views.delete(key))
    }
    return view
  }

  /** All views read so far. */
  loaded(): Promise<VectorView[]> {
    return Promise.all(this.#views.values())
  }

  /** Applies a change that was stored here. */
  apply(views: readonly VectorView[], meta: IndexMeta, { segments = [], removedSegments = [] }: Change): void {
    for (const view of views) {
      for (const segment of segments) if (segment.model === modelKey(view.model)) view.add(segment, meta.live)
      for (const { number } of removedSegments) view.segments.delete(number)
    }
  }

  /** Reads the segments that another tab has stored. */
  async reread(views: readonly VectorView[]): Promise<void> {
    for (const view of views) {
      const stored = await segmentNumbers(this.#options.store, view.model)
      // Another tab may have merged segments.
      for (const number of view.segments.keys()) if (!stored.includes(number)) view.segments.delete(number)
      await this.#readSegments(
        view,
        stored.filter((number) => number >= view.nextSegment),
      )
    }
  }

  /** Drops the views of all other models. @returns The remaining views. */
  keepOnly(views: readonly VectorView[], model: ModelStamp): VectorView[] {
    const key = modelKey(model)
    return views.filter((view) => {
      const isKept = modelKey(view.model) === key
      if (!isKept) this.#views.delete(modelKey(view.model))
      return isKept
    })
  }

  /** Merges small segments if there are many, without the rows that have been removed. */
  async mergeSmall(model: ModelStamp): Promise<void> {
    const view = await this.of(model)
    const isSmall = (rows: Uint32Array) => rows.length < SEGMENT_ROWS / 2
    if ([...view.segments.values()].filter(isSmall).length <= MAX_SMALL_SEGMENTS) return
    await this.#options.write(async (meta) => {
      const small = [...view.segments].filter(([, rows]) => isSmall(rows))
      const rows = small.flatMap(([, rows]) => [...rows].filter((row) => view.has(row)))
      const stored = await this.#options.store.papersByRow(rows)
      await view.loadRows(rows)
      const items = stored.flatMap((paper) =>
        paper && view.has(paper.row) ? [{ row: paper.row, hash: paper.hash, vector: view.loadedVector(paper.row) }] : [],
      )
      const segments: Segment[] = []
      for (let first = 0; first < items.length; first += SEGMENT_ROWS) {
        segments.push(segmentOf(model, meta.nextSegment++, items.slice(first, first + SEGMENT_ROWS)))
        await macrotask()
      }
      const removedSegments = small.map(([number]) => ({ model: modelKey(model), number }))
      return { change: { meta, ...withCodes(segments, view), removedSegments }, result: null }
    })
  }

  /** Reads the codes of all segments; computes and stores those that are missing or damaged. */
  async #readCodes(view: VectorView): Promise<void> {
    const { store, meta } = this.#options
    const numbers = await segmentNumbers(store, view.model)
    const { live } = meta()
    const missing = await readCodes(store, view.model, numbers, (stored, codes) => view.addCodes(stored, codes, live))
    const made: SegmentCodes[] = []
    await this.#readSegments(view, missing, (segment) => made.push(segmentCodes(segment, view.code(segment.vectors))))
    if (made.length > 0) this.#writeCodes(view, made).catch(() => {})
  }

  async #writeCodes(view: VectorView, made: readonly SegmentCodes[]): Promise<void> {
    for (let first = 0; first < made.length; first += CODES_AT_ONCE)
      await this.#options.write(async (meta) => {
        const codes = made.slice(first, first + CODES_AT_ONCE).filter(({ number }) => view.segments.has(number))
        return { change: { meta, codes }, result: null }
      })
  }

  /** Reads segments. Deletes unreadable or damaged ones: their papers are pending again. */
  async #readSegments(view: VectorView, numbers: readonly number[], onSegment?: (segment: Segment) => void): Promise<void> {
    const damaged = await readSegments(this.#options.store, view.model, numbers, (segment) => {
      view.add(segment, this.#options.meta().live)
      onSegment?.(segment)
    })
    view.nextSegment = Math.max(view.nextSegment, ...damaged.map((number) => number + 1))
    this.#drop(view, damaged)
  }

  /** The vectors of one segment; `null` if it is damaged or gone. */
  async #readVectors(view: VectorView, number: number): Promise<Float32Array<ArrayBuffer> | null> {
    let vectors: Float32Array<ArrayBuffer> | null = null
    const damaged = await readSegments(this.#options.store, view.model, [number], (segment) => {
      vectors = segment.vectors
    })
    this.#drop(view, damaged)
    // If another tab has merged it with others, this reads the merged segment.
    if (!vectors) await this.#options.follow()
    return vectors
  }

  #drop({ model }: VectorView, damaged: readonly number[]): void {
    if (damaged.length === 0) return
    this.#damaged += damaged.length
    const removedSegments = damaged.map((number) => ({ model: modelKey(model), number }))
    // Not awaited, because a write may wait for this view. If deleting fails, the next opening finds them damaged again.
    this.#options.write(async (meta) => ({ change: { meta, removedSegments }, result: null })).catch(() => {})
  }
}

/** Segments with their codes, as fields of a change. @param view `null` if there are no segments. */
export function withCodes(segments: Segment[], view: VectorView | null): Required<Pick<Change, 'segments' | 'codes'>> {
  return { segments, codes: view ? segments.map((segment) => segmentCodes(segment, view.code(segment.vectors))) : [] }
}
