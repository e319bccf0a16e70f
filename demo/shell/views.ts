import type { PaperRecord } from '../../src/index.js'
import type { DuplicatesView } from '../duplicates/duplicates-view.js'
import type { HistoryEntry } from '../history/history.js'
import type { MapView } from '../map/map-view.js'
import type { OpenPaper } from '../paper/open-paper.js'
import type { ScreeningView } from '../screening/screening-view.js'
import type { ListQuery } from '../session/list-query.js'
import type { PaperActions } from '../session/paper-actions.js'
import type { QueryResult } from '../session/query-runner.js'
import { shownPaper } from '../session/shown-paper.js'
import type { Workspace } from '../session/workspace.js'
import { byId, download } from '../ui/dom.js'
import type { Notice } from '../ui/notice.js'

export const VIEWS = ['papers', 'map', 'duplicates', 'screening'] as const
export type ViewName = (typeof VIEWS)[number]

/** Entries of a history that change no paper's title, abstract or place in the library. */
const OTHER_ENTRIES: readonly string[] = ['duplicates', 'comparison', 'labels'] satisfies HistoryEntry['kind'][]

interface ShownMap {
  view: MapView
  content: string
  vectors: number
  isDrawing: boolean
}

/** While papers are embedded, the map is drawn again when it has a quarter more, unless the reader cancelled it. */
function canGrow({ view, vectors, isDrawing }: ShownMap, now: number): boolean {
  return !isDrawing && now >= Math.max(vectors + 20, 1.25 * vectors) && (view.layout !== null || vectors === 0)
}

/** The papers, and the views of map, duplicates and screening: loaded when they are first shown, recreated for another library. */
export class Views {
  readonly #workspace: Workspace
  readonly #notice: Notice
  readonly #query: ListQuery
  readonly #openPaper: OpenPaper
  readonly #actions: PaperActions
  readonly #hosts: Readonly<Record<ViewName, HTMLElement>> = {
    papers: byId('view-papers', HTMLElement),
    map: byId('view-map', HTMLElement),
    duplicates: byId('view-duplicates', HTMLElement),
    screening: byId('view-screening', HTMLElement),
  }
  #shown: ViewName = 'papers'
  #map: ShownMap | null = null
  #duplicates: { view: DuplicatesView; content: string } | null = null
  #screening: { view: ScreeningView; content: string } | null = null
  readonly #onList: (ids: readonly string[]) => void
  #run = 0
  #found: readonly string[] | null = null

  /** @param onList Lists papers that a view found. */
  constructor(
    workspace: Workspace,
    notice: Notice,
    query: ListQuery,
    openPaper: OpenPaper,
    actions: PaperActions,
    onList: (ids: readonly string[]) => void,
  ) {
    this.#onList = onList
    this.#workspace = workspace
    this.#notice = notice
    this.#query = query
    this.#openPaper = openPaper
    this.#actions = actions
  }

  get shown(): ViewName {
    return this.#shown
  }

  /** Removes the views: another library is open. */
  close(): void {
    this.#run++
    this.#map?.view.dispose()
    this.#map = null
    this.#screening?.view.dispose()
    this.#screening = null
    this.#closeDuplicates()
  }

  async show(name: ViewName): Promise<void> {
    this.#shown = name
    document.body.dataset.view = name
    for (const view of VIEWS) this.#hosts[view].hidden = view !== name
    if (name !== 'duplicates') this.#closeDuplicates()
    // The map lights all that is found; the list begins with its first page and goes on below the line.
    if (name !== 'duplicates' && this.#query.isSet) void this.#query.run(false)
    await this.refresh()
  }

  /** Shows a paper in the screening. */
  async screen(id: string): Promise<void> {
    await this.show('screening')
    await this.#screening?.view.choose(id)
  }

  /** Takes back the last decision of the screening, if that is shown. @returns Whether it is. */
  undoDecision(): boolean {
    if (this.#shown !== 'screening') return false
    void this.#screening?.view.undo()
    return true
  }

  /** Updates the view that is shown. */
  async refresh(): Promise<void> {
    try {
      if (this.#shown === 'map') await this.#showMap()
      else if (this.#shown === 'screening') await this.#showScreening()
      else if (this.#shown === 'duplicates' && this.#duplicates?.content !== this.#papersNow) await this.#showDuplicates()
    } catch (error) {
      this.#notice.showError(`The ${this.#shown} could not be shown`, error)
    }
  }

  /** Shows on the map what is selected elsewhere. */
  select(ids: readonly string[]): void {
    this.#map?.view.select(ids)
  }

  /** Lights on the map what the list found: hits above the line, or the papers that the filters allow; all, without a query. */
  showFound(result: QueryResult | null): void {
    const isQuery = result !== null && (result.isRanked || result.allowed < (this.#workspace.session?.papers.length ?? 0))
    this.#found = isQuery ? result.rows.slice(0, result.above ?? undefined).map(({ paper }) => paper.id) : null
    this.#map?.view.light(this.#found)
  }

  async #showMap(): Promise<void> {
    const { session, store } = this.#workspace
    const info = session?.info
    const content = session && info ? `${info.papers} ${info.vectors} ${info.model?.id} ${info.model?.adapter}` : ''
    if (this.#map?.content === content) return
    // Embedding changes the content all the time.
    if (this.#map && session?.isWorking && !canGrow(this.#map, session.info.vectors)) return
    const run = ++this.#run
    const { MapView } = await import('../map/map-view.js')
    const key = `${session?.id}:layout`
    const saved = await store.get(key)
    const vectors = (await session?.index.vectors()) ?? {
      ids: [],
      vectors: new Float32Array(),
      dimension: 0,
      metric: 'cosine' as const,
    }
    const records = (await session?.fullPapers(vectors.ids)) ?? []
    if (run !== this.#run || this.#shown !== 'map') return
    const onOpen = (id: string) => this.#openPaper.open(id)
    const onSelect = (ids: readonly string[]) => {
      this.#query.restrictTo(ids)
      this.#openPaper.refreshOverview()
    }
    const view = this.#map?.view ?? new MapView(this.#hosts.map, { onOpen, onSelect })
    const map = { view, content, vectors: vectors.ids.length, isDrawing: true }
    this.#map = map
    const papers = records.map((record) => {
      const { id, title, abstract, authors, year, venue, labels } = shownPaper(record)
      return { id, title, authors: authors.join(', '), year, venue, labels, terms: `${title} ${abstract}` }
    })
    await view.show({ ...vectors, papers, waiting: info?.pending ?? 0 }, saved)
    map.isDrawing = false
    view.light(this.#found)
    if (view.layout) await store.set(key, view.layout)
  }

  /** Another text when papers have been added, merged, removed or edited. */
  get #papersNow(): string {
    const { session } = this.#workspace
    return `${session?.id} ${session?.history.entries.findLast(({ kind }) => !OTHER_ENTRIES.includes(kind))?.id}`
  }

  async #showDuplicates(): Promise<void> {
    this.#closeDuplicates()
    const { session, store } = this.#workspace
    const content = this.#papersNow
    const run = ++this.#run
    const { DuplicatesView } = await import('../duplicates/duplicates-view.js')
    const { toPaper } = await import('../../src/core/papers/index.js')
    // Earlier versions of the page kept it apart from the library.
    const review = (await session?.history.review()) ?? (await store.get(`${session?.id}:review`))
    const ids = session?.papers.map(({ id }) => id) ?? []
    const records = (await session?.fullPapers(ids)) ?? []
    const isEmbedded = session !== null && session.info.pending === 0 && session.info.vectors > 0
    const vectors = isEmbedded ? await session.index.vectors(ids) : null
    if (run !== this.#run || this.#shown !== 'duplicates') return
    const view = new DuplicatesView(this.#hosts.duplicates, {
      onOpen: (id) => this.#openPaper.open(id),
      save: async (state) => session?.history.saveReview(state),
      onCompared: (found) => void session?.history.noteSearch(found),
      onMerged: async ({ papers, removed, method }) => {
        await this.#actions.merge(papers as unknown as PaperRecord[], removed, method)
      },
      download,
    })
    this.#duplicates = { view, content }
    const model = session?.info.model ?? null
    const named = vectors && vectors.ids.length === records.length ? { ...vectors, model } : null
    await view.show(
      records.flatMap((record) => toPaper(record) ?? []),
      named,
      review ?? null,
      session?.history.entries,
    )
  }

  async #showScreening(): Promise<void> {
    const { session } = this.#workspace
    if (!session) return
    const content = `${this.#papersNow} ${session.isWorking ? '' : session.info.vectors}`
    if (this.#screening) {
      if (this.#screening.content === content) return
      this.#screening.content = content
      return this.#screening.view.refresh()
    }
    const run = ++this.#run
    const { openScreening } = await import('../screening/screening-view.js')
    const view = await openScreening(this.#hosts.screening, session, {
      onList: this.#onList,
      libraryName: () => this.#workspace.record?.name ?? 'papers',
    })
    if (run !== this.#run || this.#shown !== 'screening' || session !== this.#workspace.session) return view.dispose()
    this.#screening = { view, content }
    await view.show()
  }

  #closeDuplicates(): void {
    this.#duplicates?.view.dispose()
    this.#duplicates = null
  }
}
