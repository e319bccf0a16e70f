import './map.css'
import { proxy } from 'comlink'
import { button, download, element, labelFor, select, setChildren, setOptions } from '../ui/dom.js'
import { countOf, messageOf } from '../ui/format.js'
import { bindKeys } from '../ui/keyboard.js'
import { WorkerTask } from '../ui/worker-task.js'
import { type ColourBy, colourPapers } from './colours.js'
import { isLayout, type MapLayout } from './layout.js'
import { mapImage } from './map-image.js'
import type { DrawnMap, MapProgress, MapWorker } from './map-protocol.js'
import { clusterName, MapSide } from './map-side.js'
import type { MapPaper, MapSource } from './map-source.js'
import { MapStage } from './map-stage.js'

export type { MapLayout } from './layout.js'
export type { MapPaper, MapSource } from './map-source.js'

/** What the reader does on the map. */
export interface MapEvents {
  /** The selection changed; no ids: it was cleared. */
  onSelect(ids: readonly string[]): void
  onOpen(id: string): void
}

const SEED = 42
const NOTHING_DRAWN: Omit<DrawnMap, 'layout'> = { labels: new Int32Array(), clusters: [] }
const UNCHANGED = 'Your papers and vectors are unchanged.'
const STAGES: Readonly<Record<MapProgress['stage'], string>> = {
  neighbours: 'Comparing every pair of papers',
  layout: 'Laying them out',
  names: 'Naming the clusters',
}

/** A map of papers: close to each other if their vectors are. It owns the content of its host. */
export class MapView {
  readonly #events: MapEvents
  readonly #stage: MapStage
  readonly #side: MapSide
  readonly #root: HTMLElement
  readonly #work = element('div', { class: 'map-work', hidden: true })
  readonly #lasso = button('Lasso', () => this.#toggleLasso(), { key: 'l', 'aria-pressed': 'false' })
  readonly #colourBy = select({ id: 'map-colour' })
  readonly #listeners = new AbortController()
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  #running: AbortController | null = null
  #source: MapSource | null = null
  #drawn: DrawnMap | null = null
  #rowOf = new Map<string, number>()
  #selected: readonly number[] = []
  /** What a search found; `null`: no search. */
  #lit: readonly number[] | null = null
  #colouring = colourPapers([], 'cluster', { labels: [], names: [] }, 'light')

  constructor(host: HTMLElement, events: MapEvents) {
    this.#events = events
    this.#stage = new MapStage({
      onSelect: (points) => this.#select(points),
      onOpen: (point) => this.#events.onOpen(this.#papers[point]!.id),
      onLasso: (isOn) => this.#lasso.setAttribute('aria-pressed', String(isOn)),
      describe: (point) => cardOf(this.#papers[point]!),
    })
    this.#side = new MapSide({
      onClear: () => this.#select([]),
      onCluster: (label) => this.#selectCluster(label),
      onCategory: (name) => this.#selectCategory(name),
      onLayOutAgain: () => void this.#draw(undefined, (this.layout?.seed ?? SEED) + 1),
    })
    const tools = element(
      'div',
      { class: 'map-tools', role: 'group', 'aria-label': 'Map' },
      labelFor(this.#colourBy, 'Colour by'),
      this.#colourBy,
      this.#lasso,
      button('Zoom in', () => this.#stage.zoom(1.5), { key: '+' }),
      button('Zoom out', () => this.#stage.zoom(1 / 1.5), { key: '-' }),
      button('Show all', () => this.#stage.show(), { key: '0' }),
      button('Save image', () => void this.#saveImage()),
    )
    const keys =
      'Arrow keys move the map, plus and minus zoom, 0 shows all papers, l draws a lasso. The list of clusters beside the map has the same papers.'
    this.#root = element(
      'section',
      { class: 'map', 'aria-label': 'Map' },
      tools,
      element('p', { class: 'visually-hidden', id: 'map-keys' }, keys),
      this.#stage.root,
      this.#work,
      this.#side.root,
    )
    host.replaceChildren(this.#root)
    const { signal } = this.#listeners
    this.#bindKeys(signal)
    this.#dark.addEventListener('change', () => this.#recolour(), { signal })
    this.#colourBy.addEventListener('change', () => this.#recolour(), { signal })
  }

  /** Where the papers lie, to be saved for a later {@link show}; `null` before they are laid out. */
  get layout(): MapLayout | null {
    return this.#drawn?.layout ?? null
  }

  /**
   * Draws a map; papers keep the places of a saved layout. Resolves when the map is drawn, cancelled or failed, which the view shows by
   * itself.
   */
  async show(source: MapSource, savedLayout?: unknown): Promise<void> {
    if (this.#drawn && this.#source?.waiting) return this.#grow(source, this.#drawn.layout)
    this.#setSource(source)
    await this.#draw(savedLayout, (savedLayout as Partial<MapLayout> | null | undefined)?.seed ?? SEED)
  }

  /** Shows a selection that was made elsewhere; skips ids that are not on the map. */
  select(ids: readonly string[]): void {
    this.#showSelected(ids.flatMap((id) => this.#rowOf.get(id) ?? []))
  }

  /** Lights what a search found, whatever is selected; `null`: all papers alike. */
  light(ids: readonly string[] | null): void {
    this.#lit = ids?.flatMap((id) => this.#rowOf.get(id) ?? []) ?? null
    this.#showSelected(this.#selected)
  }

  /** Stops all work and empties the host; idempotent. */
  dispose(): void {
    this.#running?.abort()
    this.#listeners.abort()
    this.#stage.dispose()
    this.#root.remove()
  }

  get #papers(): readonly MapPaper[] {
    return this.#source?.papers ?? []
  }

  #bindKeys(signal: AbortSignal): void {
    bindKeys(
      'Map',
      [
        ['+ =', 'Zoom in', () => this.#stage.zoom(1.5)],
        ['-', 'Zoom out', () => this.#stage.zoom(1 / 1.5)],
        ['0', 'Show all', () => this.#stage.show()],
        ['l', 'Select with a lasso', () => !isPaperOpen() && this.#toggleLasso()],
        ['Escape', 'Put the lasso away, or clear the selection', () => !isPaperOpen() && this.#goBack()],
      ],
      { when: () => this.#root.checkVisibility(), signal },
    )
    bindKeys(
      'On the map',
      [
        ['ArrowLeft', 'Move left', () => this.#stage.pan(-1, 0)],
        ['ArrowRight', 'Move right', () => this.#stage.pan(1, 0)],
        ['ArrowUp', 'Move up', () => this.#stage.pan(0, -1)],
        ['ArrowDown', 'Move down', () => this.#stage.pan(0, 1)],
      ],
      { focusIn: this.#stage.root, signal },
    )
  }

  #setSource(source: MapSource): void {
    this.#source = source
    this.#rowOf = new Map(source.papers.map(({ id }, row) => [id, row]))
  }

  /** Draws a map with more papers; until it is drawn, and if that fails, the map that is there stays. */
  async #grow(source: MapSource, before: MapLayout): Promise<void> {
    this.#running?.abort()
    this.#running = new AbortController()
    const { signal } = this.#running
    const drawn = await drawMap(source, before, before.seed, () => {}, signal).catch(() => null)
    if (!drawn || signal.aborted) return
    const idOf = (row: number) => before.ids[row]!
    const [selected, lit] = [this.#selected.map(idOf), this.#lit?.map(idOf) ?? null]
    this.#setSource(source)
    this.#drawn = drawn
    const rowsOf = (ids: readonly string[]) => ids.flatMap((id) => this.#rowOf.get(id) ?? [])
    this.#selected = rowsOf(selected)
    this.#lit = lit && rowsOf(lit)
    this.#fill(drawn, drawn.layout.positions, drawn.layout.laidOut === (before.laidOut ?? before.ids.length))
  }

  async #draw(saved: unknown, seed: number): Promise<void> {
    this.#running?.abort()
    const source = this.#source
    this.#drawn = null
    this.#fill(NOTHING_DRAWN, new Float32Array())
    if (!source || source.papers.length === 0) {
      this.#showMessage(
        'There is nothing to map yet.',
        'Import and embed papers; similar ones will then be near each other here.',
      )
      return
    }
    const running = new AbortController()
    this.#running = running
    const { signal } = running
    try {
      this.#showProgress({ stage: 'neighbours', done: 0 })
      const onProgress = (progress: MapProgress) => signal.aborted || this.#showProgress(progress)
      const drawn = await drawMap(source, saved, seed, onProgress, signal)
      if (signal.aborted) return
      this.#drawn = drawn
      this.#work.hidden = true
      this.#fill(drawn, drawn.layout.positions)
    } catch (error) {
      if (this.#running !== running || this.#listeners.signal.aborted) return
      const again = button('Draw the map', () => void this.#draw(saved, seed))
      if (signal.aborted) this.#showMessage('The map was not drawn.', UNCHANGED, again)
      else this.#showMessage('The map could not be drawn.', `${messageOf(error)} ${UNCHANGED}`, again)
    }
  }

  #fill({ clusters }: Omit<DrawnMap, 'layout'>, positions: Float32Array, keepsView = false): void {
    const has = (test: (paper: MapPaper) => boolean) => this.#papers.some(test)
    const choices: ColourBy[] = ['cluster']
    if (has(({ year }) => year !== null)) choices.push('year')
    if (has(({ venue }) => venue !== null)) choices.push('venue')
    if (has(({ labels }) => labels.length > 0)) choices.push('label')
    setOptions(
      this.#colourBy,
      choices.map((choice) => [choice, choice]),
    )
    this.#stage.setPositions(positions, keepsView)
    this.#stage.setNames(clusters)
    this.#side.showClusters(clusters)
    this.#side.showLayout(this.layout)
    this.#recolour()
    this.#showSelected(this.#selected.filter((row) => row < this.#papers.length))
    this.#stage.root.setAttribute('aria-label', `Map of ${countOf(this.#papers.length, 'paper')}`)
  }

  #recolour(): void {
    const { labels, clusters } = this.#drawn ?? NOTHING_DRAWN
    const by = this.#colourBy.value as ColourBy
    const theme = this.#dark.matches ? 'dark' : 'light'
    this.#colouring = colourPapers(this.#papers, by, { labels, names: clusters.map(clusterName) }, theme)
    this.#stage.setColours(this.#colouring.colours)
    this.#side.showColours(this.#colouring, by === 'cluster' || !this.#drawn)
  }

  #selectCluster(label: number): void {
    const { labels } = this.#drawn ?? NOTHING_DRAWN
    const points = this.#papers.flatMap((_, row) => (labels[row] === label ? row : []))
    this.#select(points)
    this.#stage.show(points)
  }

  /** Selects the papers of an entry of the legend. */
  #selectCategory(name: string): void {
    const category = this.#colouring.legend.findIndex((entry) => entry.name === name)
    const points = this.#papers.flatMap((_, row) => (this.#colouring.entries[row] === category ? row : []))
    this.#select(points)
  }

  /** Selects points for the reader. */
  #select(points: readonly number[]): void {
    if (points.length === 0 && this.#selected.length === 0) return
    this.#showSelected(points)
    this.#events.onSelect(points.map((point) => this.#papers[point]!.id))
  }

  #showSelected(points: readonly number[]): void {
    this.#selected = points
    this.#stage.setSelected(points.length > 0 ? points : this.#lit)
    this.#side.showSelected(points.length, this.#papers.length, this.#lit?.length ?? null, this.#source?.waiting)
  }

  #toggleLasso(): void {
    this.#stage.isLassoOn = !this.#stage.isLassoOn
  }

  /** @returns Whether there was anything to go back from. */
  #goBack(): boolean {
    if (this.#stage.isLassoOn) this.#toggleLasso()
    else if (this.#selected.length > 0) this.#select([])
    else return false
    return true
  }

  #showProgress({ stage, done }: MapProgress): void {
    const text = `${STAGES[stage]}${stage === 'names' ? '' : `, ${Math.floor(done * 100)} %`}`
    const bar = this.#work.querySelector('progress')
    if (!this.#work.hidden && bar) {
      bar.value = done
      this.#work.querySelector('p')!.textContent = text
      return
    }
    this.#showMessage(
      `Drawing a map of ${countOf(this.#papers.length, 'paper')}`,
      text,
      element('progress', { max: 1, value: done, 'aria-label': 'Drawing the map' }),
      button('Cancel', () => this.#running?.abort(new DOMException('The map was cancelled.', 'AbortError'))),
    )
  }

  #showMessage(title: string, text: string, ...others: readonly HTMLElement[]): void {
    setChildren(this.#work, element('h2', {}, title), element('p', {}, text), ...others)
    this.#work.hidden = false
  }

  async #saveImage(): Promise<void> {
    const { layout } = this
    if (!layout) return
    const caption = `${countOf(this.#papers.length, 'paper')}, UMAP, seed ${layout.seed}`
    download('map.png', await mapImage(this.#stage, this.#colouring, caption))
  }
}

/**
 * Lays papers out and names their clusters in a worker, which is terminated afterwards to free its memory.
 *
 * @param saved An earlier layout; ignored if it does not fit the vectors.
 * @throws the signal's reason; Error if the worker fails.
 */
async function drawMap(
  { papers, vectors, dimension, metric, waiting = 0 }: MapSource,
  saved: unknown,
  seed: number,
  onProgress: (progress: MapProgress) => void,
  signal: AbortSignal,
): Promise<DrawnMap> {
  const worker = new Worker(new URL('./map.worker.ts', import.meta.url), { type: 'module' })
  const task = new WorkerTask<MapWorker>(worker, signal)
  const ids = papers.map(({ id }) => id)
  const texts = papers.map(({ terms }) => terms)
  const layout = isLayout(saved, { dimension, metric }) ? saved : null
  const request = { ids, texts, vectors, dimension, metric, saved: layout, seed, isGrowing: waiting > 0 }
  try {
    return await task.run((service) => service.draw(request, proxy(onProgress)))
  } finally {
    task.end()
  }
}

/** An open paper has these keys first: it is labelled, and closed. */
const isPaperOpen = () => document.body.hasAttribute('data-paper-open')

function cardOf({ title, authors, year, venue }: MapPaper): HTMLElement[] {
  const facts = [venue, year].filter((fact) => fact !== null).join(', ')
  return [title, authors, facts]
    .filter(Boolean)
    .map((text, index) => element('p', index === 0 ? { class: 'map-title' } : {}, text))
}
