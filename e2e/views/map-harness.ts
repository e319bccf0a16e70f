import type { Page } from '@playwright/test'
import type { MapPaper } from '../../demo/map/map-view.js'
import { HOSTILE } from './site.js'

declare global {
  interface Window {
    map: import('../../demo/map/map-view.js').MapView
    mapEvents: { selected: string[]; opened: string[] }
    layout: unknown
  }
}

const DIMENSION = 24
const TOPICS = ['coral reefs bleaching', 'protein folding dynamics', 'medieval trade routes', 'sparse attention transformers']

/** Papers on four subjects in turn; every text of the first four is hostile. */
export function mapPapers(count: number): MapPaper[] {
  return Array.from({ length: count }, (_, index) => {
    const topic = TOPICS[index % TOPICS.length]!
    const hostile = index < 4 ? HOSTILE : ''
    return {
      id: `p${index}`,
      title: `${topic}, study ${index}${hostile}`,
      authors: `Author ${index}${hostile}`,
      year: index % 50 === 7 ? null : 1990 + (index % 31),
      venue: `Venue ${index % 9}${hostile}`,
      labels: index % 3 === 0 ? [`label ${index % 2}${hostile}`] : [],
      terms: `${topic}. ${hostile}`,
    }
  })
}

/** Shows a map of papers whose vectors lie around that of their subject; records its events in `window.mapEvents`. */
export async function showMap(
  page: Page,
  papers: readonly MapPaper[],
  { keepLayout = false }: { keepLayout?: boolean } = {},
): Promise<void> {
  await page.evaluate(
    async ({ papers, dimension, keepLayout }) => {
      let seed = 1
      const random = () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
        return seed / 2 ** 32 - 0.5
      }
      const centres = Float32Array.from({ length: 4 * dimension }, random)
      const vectors = new Float32Array(papers.length * dimension)
      for (let at = 0; at < vectors.length; at++) {
        const topic = Math.floor(at / dimension) % 4
        vectors[at] = centres[topic * dimension + (at % dimension)]! + 0.5 * random()
      }
      const saved = keepLayout ? window.layout : undefined
      window.map?.dispose()
      window.mapEvents = { selected: [], opened: [] }
      const { MapView } = await window.views.map()
      window.map = new MapView(document.querySelector('#host')!, {
        onSelect: (ids) => {
          window.mapEvents.selected = [...ids]
        },
        onOpen: (id) => window.mapEvents.opened.push(id),
      })
      await window.map.show({ papers, vectors, dimension, metric: 'cosine' }, saved)
      window.layout = window.map.layout
    },
    { papers, dimension: DIMENSION, keepLayout },
  )
}
