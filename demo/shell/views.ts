import type { PaperRecord } from '../../src/index.js'
import type { DuplicatesView, RemovedPaper } from '../duplicates/duplicates-view.js'
import type { MapView } from '../map/map-view.js'
import type { LibrarySession } from '../session/library-session.js'
import { shownPaper } from '../session/shown-paper.js'
import type { PageStore } from '../storage/page-store.js'
import { byId, download } from '../ui/dom.js'

export const VIEWS = ['papers', 'map', 'duplicates'] as const
export type ViewName = (typeof VIEWS)[number]

export interface ViewsEvents {
  onOpen: (id: string) => void
  /** Papers are selected on the map; none: the selection was cleared. */
  onSelect: (ids: readonly string[]) => void
  onMerged: (papers: readonly PaperRecord[], removed: readonly RemovedPaper[]) => Promise<void>
  onError: (title: string, error: unknown) => void
}

/** The papers, and the views of map and duplicates: loaded when they are first shown, recreated for another library. */
export class Views {
  readonly #store: PageStore
  readonly #events: ViewsEvents
  readonly #hosts: Readonly<Record<ViewName, HTMLElement>>
  #session: LibrarySession | null = null
  #shown: ViewName = 'papers'
  #map: { view: MapView; content: string } | null = null
  #duplicates: DuplicatesView | null = null
  #run = 0

  constructor(store: PageStore, events: ViewsEvents) {
    this.#store = store
    this.#events = events
    this.#hosts = {
      papers: byId('view-papers', HTMLElement),
      map: byId('view-map', HTMLElement),
      duplicates: byId('view-duplicates', HTMLElement),
    }
  }

  get shown(): ViewName {
    return this.#shown
  }

  /** Another library is open. */
  open(session: LibrarySession | null): void {
    if (session === this.#session) return
    this.#session = session
    this.#close()
  }

  async show(name: ViewName): Promise<void> {
    this.#shown = name
    document.body.dataset.view = name
    for (const view of VIEWS) this.#hosts[view].hidden = view !== name
    if (name !== 'duplicates') this.#closeDuplicates()
    await this.refresh()
  }

  /** Updates the map, or shows the duplicates, if that view is shown. */
  async refresh(): Promise<void> {
    try {
      if (this.#shown === 'map') await this.#showMap()
      else if (this.#shown === 'duplicates' && !this.#duplicates) await this.#showDuplicates()
    } catch (error) {
      this.#events.onError(this.#shown === 'map' ? 'The map could not be shown' : 'The duplicates could not be shown', error)
    }
  }

  /** Shows on the map what is selected elsewhere. */
  select(ids: readonly string[]): void {
    this.#map?.view.select(ids)
  }

  async #showMap(): Promise<void> {
    const session = this.#session
    const info = session?.info
    const content = session && info ? `${info.papers} ${info.vectors} ${info.model?.id} ${info.model?.adapter}` : ''
    // Embedding changes the content all the time; the map is redrawn when it ends.
    if (this.#map?.content === content || (this.#map && session?.isWorking)) return
    const run = ++this.#run
    const { MapView } = await import('../map/map-view.js')
    const key = `${session?.id}:layout`
    const saved = await this.#store.get(key)
    const vectors = (await session?.index.vectors()) ?? {
      ids: [],
      vectors: new Float32Array(),
      dimension: 0,
      metric: 'cosine' as const,
    }
    const records = (await session?.fullPapers(vectors.ids)) ?? []
    if (run !== this.#run || this.#shown !== 'map') return
    const { onOpen, onSelect } = this.#events
    const view = this.#map?.view ?? new MapView(this.#hosts.map, { onOpen, onSelect })
    this.#map = { view, content }
    const papers = records.map((record) => {
      const { id, title, abstract, authors, year, venue, labels } = shownPaper(record)
      return { id, title, authors: authors.join(', '), year, venue, labels, terms: `${title} ${abstract}` }
    })
    await view.show({ ...vectors, papers }, saved)
    if (view.layout) await this.#store.set(key, view.layout)
  }

  async #showDuplicates(): Promise<void> {
    const session = this.#session
    const run = ++this.#run
    const { DuplicatesView } = await import('../duplicates/duplicates-view.js')
    const { toPaper } = await import('../../src/core/papers/index.js')
    const key = `${session?.id}:review`
    const review = await this.#store.get(key)
    const ids = session?.papers.map(({ id }) => id) ?? []
    const records = (await session?.fullPapers(ids)) ?? []
    const isEmbedded = session !== null && session.info.pending === 0 && session.info.vectors > 0
    const vectors = isEmbedded ? await session.index.vectors(ids) : null
    if (run !== this.#run || this.#shown !== 'duplicates') return
    this.#duplicates = new DuplicatesView(this.#hosts.duplicates, {
      onOpen: this.#events.onOpen,
      save: (state) => this.#store.set(key, state),
      onMerged: async ({ papers, removed }) => {
        await this.#events.onMerged(papers as unknown as PaperRecord[], removed)
        this.#closeDuplicates()
        await this.refresh()
      },
      download,
    })
    const model = session?.info.model
    const named = vectors && vectors.ids.length === records.length ? { ...vectors, model: model?.id ?? '' } : null
    await this.#duplicates.show(
      records.flatMap((record) => toPaper(record) ?? []),
      named,
      review ?? null,
    )
  }

  #close(): void {
    this.#run++
    this.#map?.view.dispose()
    this.#map = null
    this.#closeDuplicates()
  }

  #closeDuplicates(): void {
    this.#duplicates?.dispose()
    this.#duplicates = null
  }
}
