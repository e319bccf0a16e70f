import { button, element, setChildren } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import { type Colouring, cssColour, type Rgb } from './colours.js'
import type { MapLayout } from './layout.js'
import type { DrawnMap } from './map-protocol.js'

type Cluster = DrawnMap['clusters'][number]

export interface MapSideEvents {
  onClear(): void
  /** @param label The cluster's place in the list. */
  onCluster(label: number): void
  /** @param name Of an entry of the legend. */
  onCategory(name: string): void
  onLayOutAgain(): void
}

/** Beside the map: the selection, the meaning of the colours, and the clusters as a list. */
export class MapSide {
  readonly root: HTMLElement
  readonly #events: MapSideEvents
  readonly #status = element('span', { role: 'status' })
  readonly #clear: HTMLButtonElement
  readonly #legend = element('div')
  readonly #clusters = element('ol', { 'aria-label': 'Clusters' })
  readonly #about = element('p', { class: 'hint' })
  #names: readonly string[] = []

  constructor(events: MapSideEvents) {
    this.#events = events
    this.#clear = button('Clear selection', () => events.onClear(), { key: 'Escape', hidden: true })
    this.root = element(
      'div',
      { class: 'map-side' },
      element('p', { class: 'map-selection' }, this.#status, this.#clear),
      this.#legend,
      element('h2', { class: 'map-heading' }, 'Clusters'),
      this.#clusters,
      this.#about,
    )
  }

  /**
   * @param found What a search found; `null`: no search.
   * @param waiting Papers that are still to be embedded.
   */
  showSelected(selected: number, all: number, found: number | null = null, waiting = 0): void {
    this.#clear.hidden = selected === 0
    const shown = selected > 0 ? ([selected, ' selected'] as const) : ([found, ' found'] as const)
    const papers = `${countOf(all, 'paper')}${waiting > 0 ? ` embedded so far, ${formatCount(waiting)} to follow` : ''}`
    this.#status.textContent = shown[0] === null ? papers : `${formatCount(shown[0])} of ${papers}${shown[1]}`
  }

  showClusters(clusters: readonly Cluster[]): void {
    this.#names = clusters.map(clusterName)
    const items = clusters.map(({ size }, label) => {
      const count = element('span', { class: 'map-count' }, countOf(size, 'paper'))
      const select = button([element('span', {}, this.#names[label]!), count], () => this.#events.onCluster(label), {
        class: 'map-cluster',
      })
      return element('li', {}, select)
    })
    setChildren(this.#clusters, ...items)
  }

  /** @param isByCluster The list of clusters is the legend then. */
  showColours({ legend, sequence }: Colouring, isByCluster: boolean): void {
    const colourOf = new Map(legend.map(({ name, colour }) => [name, colour]))
    const other = legend.at(-1)?.colour
    for (const [label, cluster] of this.#clusters.querySelectorAll('button').entries()) {
      cluster.querySelector('.map-dot')?.remove()
      const colour = colourOf.get(this.#names[label]!) ?? other
      if (isByCluster && colour) cluster.prepend(colourDot(colour))
    }
    setChildren(
      this.#legend,
      !isByCluster &&
        element(
          'ul',
          { class: 'map-legend', 'aria-label': 'Colours' },
          sequence &&
            element(
              'li',
              {},
              sequence.from,
              swatch('map-sequence', `linear-gradient(to right, ${sequence.colours.map(cssColour).join(', ')})`),
              sequence.to,
            ),
          ...legend.map(({ name, colour, count }) =>
            element(
              'li',
              {},
              button(
                [
                  colourDot(colour),
                  element('span', { class: 'map-category' }, name),
                  element('span', { class: 'map-count' }, formatCount(count)),
                ],
                () => this.#events.onCategory(name),
                { class: 'map-cluster', title: name },
              ),
            ),
          ),
        ),
    )
  }

  showLayout(layout: MapLayout | null): void {
    setChildren(
      this.#about,
      layout && `UMAP of exact neighbours, seed ${layout.seed}. Papers near each other are alike; large distances mean little. `,
      layout && button('Lay out again', () => this.#events.onLayOutAgain()),
    )
  }
}

export const clusterName = ({ terms }: Cluster) => terms.join(', ') || 'unnamed'

const colourDot = (colour: Rgb) => swatch('map-dot', cssColour(colour))

function swatch(name: string, background: string): HTMLElement {
  const made = element('span', { class: name })
  made.style.background = background
  return made
}
