import type { MapSource } from './map-source.js'

/** Where the papers of a map lie: plain data that can be stored. */
export interface MapLayout {
  format: 1
  seed: number
  dimension: number
  metric: MapSource['metric']
  ids: string[]
  /** x and y of each paper, [papers, 2]. */
  positions: Float32Array
  /** How many papers were laid out together; the others were placed among them. Default: all. */
  laidOut?: number
}

/** With a larger share of new papers a map is laid out again: they would crowd between the old ones. */
const NEW_SHARE = 0.2
/** While papers are being embedded, and the map grows, more may crowd: it is laid out again at the end. */
const NEW_SHARE_GROWING = 0.5

/** Whether a stored value is a layout of vectors of this kind. */
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

/**
 * @param ids Of the papers on the map.
 * @param isGrowing Whether more papers follow.
 * @returns The places that an earlier layout gives them, [papers, 2], and the indices of the papers that it lacks; `null` if they are
 * too many.
 */
export function reuseLayout(
  layout: MapLayout,
  ids: readonly string[],
  isGrowing = false,
): { positions: Float32Array; missing: number[] } | null {
  const rowOf = new Map(layout.ids.map((id, row) => [id, row]))
  const positions = new Float32Array(ids.length * 2)
  const missing: number[] = []
  for (const [index, id] of ids.entries()) {
    const row = rowOf.get(id)
    if (row === undefined) missing.push(index)
    else positions.set(layout.positions.subarray(row * 2, row * 2 + 2), index * 2)
  }
  const placed = layout.ids.length - (layout.laidOut ?? layout.ids.length)
  const share = isGrowing ? NEW_SHARE_GROWING : NEW_SHARE
  return missing.length + placed > ids.length * share ? null : { positions, missing }
}

/**
 * Places a new paper at the mean of its nearest neighbours, weighted by nearness, and slightly to one side, so that two new papers with
 * the same neighbours do not hide each other.
 *
 * @param turn Another number for each new paper: the side.
 */
export function placeAmong(
  neighbours: readonly { x: number; y: number; distance: number }[],
  turn: number,
): [x: number, y: number] {
  let [x, y, sum] = [0, 0, 0]
  for (const near of neighbours) {
    const weight = 1 / (near.distance + 1e-3)
    x += weight * near.x
    y += weight * near.y
    sum += weight
  }
  if (sum === 0) return [0, 0]
  const angle = turn * 2.4
  return [x / sum + 0.02 * Math.cos(angle), y / sum + 0.02 * Math.sin(angle)]
}
