import type { MapPaper } from './map-source.js'

/** The property that colours the points. */
export type ColourBy = 'cluster' | 'year' | 'venue' | 'label'

export type Rgb = readonly [red: number, green: number, blue: number]

/** Okabe and Ito's palette (2008), distinct for colour-blind readers too; without its black, which is the colour of text. */
const OKABE_ITO: readonly Rgb[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [240, 228, 66],
]
/** Shares of black or white in further rounds of the palette: darker, then lighter than the first. */
const ROUNDS: Record<Theme, readonly number[]> = { light: [0, -0.4, 0.45], dark: [0, 0.45, -0.4] }
const OTHER: Record<Theme, Rgb> = { light: [150, 155, 157], dark: [112, 118, 120] }
/** Early to late, evenly darker or brighter, so that it works in grey too. */
const SEQUENCE: Record<Theme, readonly Rgb[]> = {
  light: [
    [222, 196, 120],
    [112, 168, 132],
    [22, 106, 106],
    [16, 44, 84],
  ],
  dark: [
    [104, 112, 196],
    [58, 146, 160],
    [118, 188, 134],
    [246, 232, 160],
  ],
}

export type Theme = 'light' | 'dark'

export interface LegendEntry {
  name: string
  colour: Rgb
  count: number
}

export interface Colouring {
  /** [papers, 3]. */
  colours: Uint8Array
  /** The entry of the legend of each paper; -1 if it has none, as on a scale. */
  entries: Int16Array
  legend: LegendEntry[]
  /** The colour scale and its ends; `null` for categories. */
  sequence: { from: string; to: string; colours: readonly Rgb[] } | null
}

export interface ClusterNames {
  labels: ArrayLike<number>
  names: readonly string[]
}

/**
 * Colours papers by year, or by category: clusters each in a colour, the seven of the palette first, then darker and lighter ones; venues
 * and labels the seven most common, and one grey for all others and for what is in no cluster.
 */
export function colourPapers(papers: readonly MapPaper[], by: ColourBy, clusters: ClusterNames, theme: Theme): Colouring {
  if (by === 'year') return byYear(papers, theme)
  const categoryOf = (paper: MapPaper, index: number): string | null => {
    if (by === 'cluster') return clusters.names[clusters.labels[index]!] ?? null
    return by === 'venue' ? paper.venue || null : (paper.labels[0] ?? null)
  }
  const categories = papers.map(categoryOf)
  const counts = new Map<string, number>()
  for (const category of categories) if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1)
  const most = by === 'cluster' ? counts.size : OKABE_ITO.length
  const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most)
  const legend = top.map(([name, count], index) => ({ name, count, colour: paletteColour(index, theme) }))
  const entryOf = new Map(legend.map(({ name }, entry) => [name, entry]))
  const colours = new Uint8Array(papers.length * 3)
  const entries = new Int16Array(papers.length)
  for (const [index, category] of categories.entries()) {
    entries[index] = (category === null ? undefined : entryOf.get(category)) ?? legend.length
    colours.set(legend[entries[index]!]?.colour ?? OTHER[theme], index * 3)
  }
  const others = papers.length - legend.reduce((sum, { count }) => sum + count, 0)
  if (others > 0) legend.push({ name: OTHER_NAMES[by], count: others, colour: OTHER[theme] })
  return { colours, entries, legend, sequence: null }
}

const OTHER_NAMES = { cluster: 'between clusters', venue: 'other or unknown', label: 'other or none' }

/** The palette, then its darker and lighter rounds, over and over. */
function paletteColour(index: number, theme: Theme): Rgb {
  const colour = OKABE_ITO[index % OKABE_ITO.length]!
  const share = ROUNDS[theme][Math.floor(index / OKABE_ITO.length) % 3]!
  const end = share < 0 ? 0 : 255
  return colour.map((channel) => Math.round(channel + Math.abs(share) * (end - channel))) as unknown as Rgb
}

function byYear(papers: readonly MapPaper[], theme: Theme): Colouring {
  const years = papers.flatMap(({ year }) => year ?? []).sort((a, b) => a - b)
  // A misprinted year must not stretch the scale.
  const from = years[Math.floor(years.length * 0.02)] ?? 0
  const to = years[Math.ceil(years.length * 0.98) - 1] ?? 0
  const colours = new Uint8Array(papers.length * 3)
  for (const [index, { year }] of papers.entries()) {
    const share = year === null ? null : Math.min(1, Math.max(0, to === from ? 1 : (year - from) / (to - from)))
    colours.set(share === null ? OTHER[theme] : between(SEQUENCE[theme], share), index * 3)
  }
  const unknown = papers.length - years.length
  return {
    colours,
    entries: Int16Array.from(papers, ({ year }) => (year === null ? 0 : -1)),
    legend: unknown > 0 ? [{ name: 'year unknown', count: unknown, colour: OTHER[theme] }] : [],
    sequence: years.length > 0 ? { from: String(from), to: String(to), colours: SEQUENCE[theme] } : null,
  }
}

function between(stops: readonly Rgb[], share: number): Rgb {
  const at = share * (stops.length - 1)
  const first = stops[Math.min(stops.length - 2, Math.floor(at))]!
  const second = stops[Math.min(stops.length - 1, Math.floor(at) + 1)]!
  const part = Math.min(1, at - Math.min(stops.length - 2, Math.floor(at)))
  return [0, 1, 2].map((channel) => Math.round(first[channel]! + part * (second[channel]! - first[channel]!))) as unknown as Rgb
}

export const cssColour = (rgb: Rgb) => `rgb(${rgb.join(' ')})`
