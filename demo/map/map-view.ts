import './map.css'
import { element, keyCap } from '../ui/dom.js'
import { countOf, messageOf } from '../ui/format.js'
import { type ColourBy, type Colouring, colourPapers } from './colours.js'
import { drawMap } from './draw-map.js'
import type { MapLayout } from './layout.js'
import { mapImage } from './map-image.js'
import { colourDot, mapLegend } from './map-legend.js'
import type { MapEvents, MapPaper, MapSource } from './map-source.js'
import { MapStage } from './map-stage.js'
import type { DrawnMap, MapProgress } from './map-work.js'

export type { MapLayout } from './layout.js'
export type { MapEvents, MapPaper, MapSource } from './map-source.js'

const SEED = 42
const EMPTY: Colouring = { colours: new Uint8Array(), legend: [], sequence: null }
const NONE = { labels: new Int32Array(), clusters: [] as DrawnMap['clusters'] }

/** A map of papers: near each other where their vectors are. It owns what is in its host. */
export class MapView {
  readonly #host: HTMLElement
  readonly #events: MapEvents
  readonly #stage: MapStage
  readonly #root: HTMLElement
  readonly #work = element('div', { class: 'map-work', hidden: true })
  readonly #legend = element('div')
  readonly #clusters = element('ol', { class: 'map-clusters', 'aria-label': 'Clusters' })
  readonly #status = element('span', { role: 'status' })
  readonly #clear = button('Clear selection', 'Esc', () => this.#select([]))
  readonly #lasso = button('Lasso', 'l', () => this.#toggleLasso())
  readonly #colour = element('select', { id: 'map-colour' })
  readonly #about = element('p', { class: 'hint' })
  readonly #listeners = new AbortController()
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  #running: AbortController | null = null
  #source: MapSource | null = null
  #drawn: DrawnMap | null = null
  #rowOf = new Map<string, number>()
  #selected: readonly number[] = []
  #colouring = EMPTY

  constructor(host: HTMLElement, events: MapEvents) {
    this.#host = host
    this.#events = events
    this.#stage = new MapStage({
      onSelect: (points) => this.#select(points),
      onOpen: (point) => this.#events.onOpen(this.#papers[point]!.id),
      onLasso: (isOn) => this.#lasso.setAttribute('aria-pressed', String(isOn)),
      describe: (point) => card(this.#papers[point]!),
    })
    this.#lasso.setAttribute('aria-pressed', 'false')
    this.#root = this.#build()
    host.replaceChildren(this.#root)
    const { signal } = this.#listeners
    document.addEventListener('keydown', (event) => this.#press(event), { signal })
    this.#dark.addEventListener('change', () => this.#recolour(), { signal })
    this.#colour.addEventListener('change', () => this.#recolour(), { signal })
  }

  /** Where the papers lie, to be kept and given to {@link show} again; `null` before they are laid out. */
  get layout(): MapLayout | null {
    return this.#drawn?.layout ?? null
  }

  /**
   * Draws a map; papers that an earlier layout has keep their places. Resolves when it is drawn, given up or failed, which the view
   * says itself.
   */
  async show(source: MapSource, savedLayout?: unknown): Promise<void> {
    this.#source = source
    this.#rowOf = new Map(source.papers.map(({ id }, row) => [id, row]))
    await this.#draw(savedLayout, (savedLayout as Partial<MapLayout> | null | undefined)?.seed ?? SEED)
  }

  /** Shows as selected what is selected elsewhere; ids that are not on the map are passed over. */
  select(ids: readonly string[]): void {
    this.#showSelected(ids.flatMap((id) => this.#rowOf.get(id) ?? []))
  }

  /** Ends all work and empties the host; idempotent. */
  dispose(): void {
    this.#running?.abort()
    this.#listeners.abort()
    this.#stage.dispose()
    this.#root.remove()
  }

  get #papers(): readonly MapPaper[] {
    return this.#source?.papers ?? []
  }

  #build(): HTMLElement {
    const tools = element(
      'div',
      { class: 'map-tools', role: 'group', 'aria-label': 'Map' },
      element('label', { for: 'map-colour' }, 'Colour by'),
      this.#colour,
      this.#lasso,
      button('Zoom in', '+', () => this.#stage.zoom(1.5)),
      button('Zoom out', '-', () => this.#stage.zoom(1 / 1.5)),
      button('Show all', '0', () => this.#stage.show()),
      button('Save image', null, () => void this.#saveImage()),
    )
    const keys =
      'Arrow keys move the map, plus and minus zoom, 0 shows all, l draws a lasso. The clusters beside it are a list of the same papers.'
    const side = element(
      'div',
      { class: 'map-side' },
      element('p', { class: 'map-selection' }, this.#status, this.#clear),
      this.#legend,
      element('h2', { class: 'map-heading' }, 'Clusters'),
      this.#clusters,
      this.#about,
    )
    this.#clear.hidden = true
    const hint = element('p', { class: 'visually-hidden', id: 'map-keys' }, keys)
    return element('section', { class: 'map', 'aria-label': 'Map' }, tools, hint, this.#stage.root, this.#work, side)
  }

  async #draw(saved: unknown, seed: number): Promise<void> {
    this.#running?.abort()
    const source = this.#source!
    this.#drawn = null
    this.#fill(NONE, new Float32Array())
    if (source.papers.length === 0) {
      this.#say(
        'There is nothing to map yet.',
        'Import papers and embed them: those that are alike then lie near each other here.',
      )
      return
    }
    const running = new AbortController()
    this.#running = running
    const { signal } = running
    try {
      this.#showProgress({ stage: 'neighbours', done: 0 })
      const onProgress = (progress: MapProgress) => signal.aborted || this.#showProgress(progress)
      const drawn = await drawMap(source, { saved, seed, signal, onProgress })
      if (signal.aborted) return
      this.#drawn = drawn
      this.#work.hidden = true
      this.#fill(drawn, drawn.layout.positions)
    } catch (error) {
      if (this.#running !== running || this.#listeners.signal.aborted) return
      const again = button('Draw the map', null, () => void this.#draw(saved, seed))
      if (signal.aborted) this.#say('The map was not drawn.', 'Your papers and vectors are as they were.', again)
      else this.#say('The map could not be drawn.', `${messageOf(error)} Your papers and vectors are as they were.`, again)
    }
  }

  #fill({ labels, clusters }: Pick<DrawnMap, 'labels' | 'clusters'>, positions: Float32Array): void {
    const has = (test: (paper: MapPaper) => boolean) => this.#papers.some(test)
    const choices: [ColourBy, string][] = [
      ['cluster', 'cluster'],
      ...(has(({ year }) => year !== null) ? [['year', 'year'] as [ColourBy, string]] : []),
      ...(has(({ venue }) => venue !== null) ? [['venue', 'venue'] as [ColourBy, string]] : []),
      ...(has((paper) => paper.labels.length > 0) ? [['label', 'label'] as [ColourBy, string]] : []),
    ]
    const chosen = this.#colour.value
    this.#colour.replaceChildren(...choices.map(([value, name]) => element('option', { value }, name)))
    if (choices.some(([value]) => value === chosen)) this.#colour.value = chosen
    this.#stage.setPositions(positions)
    this.#stage.setNames(clusters)
    this.#clusters.replaceChildren(
      ...clusters.map((cluster, label) => {
        const select = element(
          'button',
          { type: 'button', class: 'map-cluster' },
          element('span', {}, nameOf(cluster)),
          element('span', { class: 'map-count' }, countOf(cluster.size, 'paper')),
        )
        select.addEventListener('click', () => {
          const points = this.#papers.flatMap((_, row) => (labels[row] === label ? row : []))
          this.#select(points)
          this.#stage.show(points)
        })
        return element('li', {}, select)
      }),
    )
    this.#recolour()
    this.#showSelected(this.#selected.filter((row) => row < this.#papers.length))
    this.#describe()
  }

  #describe(): void {
    const layout = this.layout
    this.#stage.root.setAttribute('aria-label', `Map of ${countOf(this.#papers.length, 'paper')}`)
    this.#about.replaceChildren()
    if (!layout) return
    const again = button('Lay out anew', null, () => void this.#draw(undefined, layout.seed + 1))
    this.#about.append(`UMAP of exact neighbours, seed ${layout.seed}. What is near is alike; far distances say little. `, again)
  }

  #recolour(): void {
    const { labels, clusters } = this.#drawn ?? NONE
    const names = { labels, names: clusters.map(nameOf) }
    const theme = this.#dark.matches ? 'dark' : 'light'
    this.#colouring = colourPapers(this.#papers, (this.#colour.value || 'cluster') as ColourBy, names, theme)
    this.#stage.setColours(this.#colouring.colours)
    this.#showColours()
  }

  /** Clusters are their own legend. */
  #showColours(): void {
    const isByCluster = this.#colour.value === 'cluster'
    this.#legend.replaceChildren(...(this.#drawn && !isByCluster ? [mapLegend(this.#colouring)] : []))
    const colourOf = new Map(this.#colouring.legend.map(({ name, colour }) => [name, colour]))
    const other = this.#colouring.legend.at(-1)?.colour
    for (const [label, cluster] of this.#clusters.querySelectorAll('button').entries()) {
      cluster.querySelector('.map-dot')?.remove()
      const colour = colourOf.get(nameOf(this.#drawn!.clusters[label]!)) ?? other
      if (isByCluster && colour) cluster.prepend(colourDot(colour))
    }
  }

  /** The reader's own selection. */
  #select(points: readonly number[]): void {
    if (points.length === 0 && this.#selected.length === 0) return
    this.#showSelected(points)
    this.#events.onSelect(points.map((point) => this.#papers[point]!.id))
  }

  #showSelected(points: readonly number[]): void {
    this.#selected = points
    this.#stage.setSelected(points.length > 0 ? points : null)
    this.#clear.hidden = points.length === 0
    const all = countOf(this.#papers.length, 'paper')
    this.#status.textContent = points.length > 0 ? `${points.length.toLocaleString('en')} of ${all} selected` : all
  }

  #toggleLasso(): void {
    this.#stage.isLassoOn = !this.#stage.isLassoOn
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !this.#root.checkVisibility()) return
    const focus = document.activeElement
    if (focus?.matches('input, textarea, select') || document.querySelector('dialog[open]')) return
    const onStage = focus === this.#stage.root
    const bindings: Record<string, (() => void) | false> = {
      '+': () => this.#stage.zoom(1.5),
      '=': () => this.#stage.zoom(1.5),
      '-': () => this.#stage.zoom(1 / 1.5),
      0: () => this.#stage.show(),
      l: () => this.#toggleLasso(),
      ArrowLeft: onStage && (() => this.#stage.pan(-1, 0)),
      ArrowRight: onStage && (() => this.#stage.pan(1, 0)),
      ArrowUp: onStage && (() => this.#stage.pan(0, -1)),
      ArrowDown: onStage && (() => this.#stage.pan(0, 1)),
      Escape: this.#stage.isLassoOn ? () => this.#toggleLasso() : this.#selected.length > 0 && (() => this.#select([])),
    }
    const binding = bindings[event.key]
    if (!binding) return
    event.preventDefault()
    binding()
  }

  #showProgress({ stage, done }: MapProgress): void {
    const text = `${STAGES[stage]}${stage === 'names' ? '' : `, ${Math.floor(done * 100)} %`}`
    const bar = this.#work.querySelector('progress')
    if (!this.#work.hidden && bar) {
      bar.value = done
      this.#work.querySelector('span')!.textContent = text
      return
    }
    this.#work.replaceChildren(
      element('h2', {}, `Drawing a map of ${countOf(this.#papers.length, 'paper')}`),
      element('p', {}, element('span', {}, text)),
      element('progress', { max: 1, value: done, 'aria-label': 'Drawing the map' }),
      button('Cancel', null, () => this.#running?.abort(new DOMException('The map was given up.', 'AbortError'))),
    )
    this.#work.hidden = false
  }

  #say(title: string, text: string, ...actions: readonly HTMLElement[]): void {
    this.#work.replaceChildren(element('h2', {}, title), element('p', {}, text), ...actions)
    this.#work.hidden = false
  }

  async #saveImage(): Promise<void> {
    const seed = this.layout?.seed
    if (seed === undefined) return
    const blob = await mapImage(this.#stage, this.#colouring, `${countOf(this.#papers.length, 'paper')}, UMAP, seed ${seed}`)
    const url = URL.createObjectURL(blob)
    const link = element('a', { href: url, download: 'map.png' })
    this.#host.append(link)
    link.click()
    link.remove()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
}

const STAGES = {
  neighbours: 'Comparing every pair of papers',
  layout: 'Laying them out',
  names: 'Naming the clusters',
} as const

function button(name: string, shortcut: string | null, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'quiet', 'aria-keyshortcuts': shortcut }, name)
  if (shortcut) made.append(keyCap(shortcut, { 'aria-hidden': 'true' }))
  made.addEventListener('click', onClick)
  return made
}

const nameOf = ({ terms }: DrawnMap['clusters'][number]) => terms.join(', ') || 'without a name'

function card({ title, authors, year, venue }: MapPaper): HTMLElement[] {
  const facts = [venue, year].filter((fact) => fact !== null).join(', ')
  return [title, authors, facts]
    .filter(Boolean)
    .map((text, index) => element('p', index === 0 ? { class: 'map-title' } : {}, text))
}
