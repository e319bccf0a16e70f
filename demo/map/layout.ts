import type { MapSource } from './map-source.js'

/** Where the papers of a map lie: plain data, to be stored and given back. */
export interface MapLayout {
  format: 1
  seed: number
  dimension: number
  metric: MapSource['metric']
  ids: string[]
  /** x and y of each paper, [papers, 2]. */
  positions: Float32Array
}

/** Beyond this share of papers that are new, a map is laid out anew: they would crowd between the old. */
const NEW_SHARE = 0.2

/** Whether something stored is a layout of vectors of this kind. */
export function isLayout(value: unknown, { dimension, metric }: Pick<MapSource, 'dimension' | 'metric'>): value is MapLayout {
  const layout = value as Partial<MapLayout> | null | undefined
  return (
    layout?.format === 1 &&
    layout.dimension === dimension &&
    layout.metric === metric &&
    Array.isArray(layout.ids) &&
    layout.positions instanceof Float32Array &&
    layout.positions.length === layout.ids.length * 2 &&
    layout.positions.every(Number.isFinite)
  )
}

/** Papers of a map that an earlier layout has, and those that it lacks. */
export interface ReusedLayout {
  /** [papers, 2]; 0 where it lacks one. */
  positions: Float32Array
  /** Indices of papers. */
  missing: number[]
}

/** What an earlier layout says of these papers; `null` where too many are new for it. */
export function reuseLayout({ ids, positions: old }: MapLayout, papers: readonly { id: string }[]): ReusedLayout | null {
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const positions = new Float32Array(papers.length * 2)
  const missing: number[] = []
  for (const [index, { id }] of papers.entries()) {
    const row = rowOf.get(id)
    if (row === undefined) missing.push(index)
    else positions.set(old.subarray(row * 2, row * 2 + 2), index * 2)
  }
  return missing.length > papers.length * NEW_SHARE ? null : { positions, missing }
}

/**
 * Places a new paper among its nearest neighbours that have a place: at their mean, weighted by nearness, and a little aside so that two
 * new ones with the same neighbours do not hide each other.
 *
 * @param neighbours Positions of the neighbours, nearest first; `distances` are theirs.
 */
export function placeAmong(
  neighbours: readonly (readonly [x: number, y: number])[],
  distances: readonly number[],
  turn: number,
): [x: number, y: number] {
  let [x, y, sum] = [0, 0, 0]
  for (const [n, [nx, ny]] of neighbours.entries()) {
    const weight = 1 / (distances[n]! + 1e-3)
    x += weight * nx
    y += weight * ny
    sum += weight
  }
  if (sum === 0) return [0, 0]
  const angle = turn * 2.4
  return [x / sum + 0.02 * Math.cos(angle), y / sum + 0.02 * Math.sin(angle)]
}
