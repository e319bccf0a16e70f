import { extentOf } from './viewport.js'

/** Groups of points that lie close together. */
export interface Clusters {
  /** The cluster of each point, 0 is the largest; -1 if it is in none. */
  labels: Int32Array
  /** Largest first. */
  clusters: { x: number; y: number; size: number }[]
}

const CELLS = 128
/**
 * How often a box of three cells blurs the map; several boxes approximate a Gaussian. Fewer points need more. With more than this, half
 * of 5,914 papers of one field became one hill.
 */
const BLURS = { least: 4, most: 12, at: 6000 }
/** A hill that rises above its saddle by less than this share of its height joins the higher hill beside it. */
const PROMINENCE = 0.35
const MAX_CLUSTERS = 40
/** Cells below this share of the mean density of occupied cells belong to no cluster. */
const GROUND = 0.15

/**
 * Clusters points by density: clusters are the hills of a smoothed density map, and a hill without enough prominence joins its neighbour
 * (ToMATo, Chazal, Guibas, Oudot and Skraba 2013, on a grid). It needs no number of clusters, finds clusters of any shape, takes
 * milliseconds, and is deterministic.
 *
 * @param positions [count, 2].
 */
export function findClusters(positions: Float32Array): Clusters {
  const count = positions.length / 2
  const labels = new Int32Array(count).fill(-1)
  if (count < 8) return { labels, clusters: [] }
  const cellOf = cells(positions)
  const blurs = Math.round(BLURS.least * Math.sqrt(BLURS.at / count))
  const hillOf = hills(density(cellOf, Math.min(BLURS.most, Math.max(BLURS.least, blurs))))
  const members = new Map<number, number[]>()
  for (let point = 0; point < count; point++) {
    const hill = hillOf[cellOf[point]!]!
    if (hill < 0) continue
    const own = members.get(hill)
    if (own) own.push(point)
    else members.set(hill, [point])
  }
  const least = Math.max(4, count * 0.004)
  const kept = [...members.values()]
    .filter(({ length }) => length >= least)
    .sort((a, b) => b.length - a.length || a[0]! - b[0]!)
    .slice(0, MAX_CLUSTERS)
  const clusters = kept.map((points, label) => {
    for (const point of points) labels[point] = label
    return { x: median(points, positions, 0), y: median(points, positions, 1), size: points.length }
  })
  return { labels, clusters }
}

/** The cell of each point; empty cells surround the map. */
function cells(positions: Float32Array): Int32Array {
  const { left, top, right, bottom } = extentOf(positions)
  const size = Math.max(right - left, bottom - top) || 1
  const margin = BLURS.most
  const inner = CELLS - 2 * margin - 1
  const cell = (value: number, least: number) => margin + Math.floor(((value - least) / size) * inner)
  return Int32Array.from(
    { length: positions.length / 2 },
    (_, point) => cell(positions[point * 2 + 1]!, top) * CELLS + cell(positions[point * 2]!, left),
  )
}

function density(cellOf: Int32Array, blurs: number): Float32Array {
  let map = new Float32Array(CELLS * CELLS)
  for (const cell of cellOf) map[cell]!++
  for (let round = 0; round < blurs; round++) map = blur(blur(map, 1), CELLS)
  return map
}

/** A box blur along rows (step 1) or columns. */
function blur(map: Float32Array, step: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(map.length)
  const across = step === 1 ? CELLS : 1
  for (let line = 0; line < CELLS; line++)
    for (let at = 1; at < CELLS - 1; at++) {
      const cell = line * across + at * step
      out[cell] = (map[cell - step]! + map[cell]! + map[cell + step]!) / 3
    }
  return out
}

/** The hill of each cell, as the cell of its summit; -1 on low ground. Visits cells from the highest down. */
function hills(map: Float32Array): Int32Array {
  const occupied = map.filter((height) => height > 0)
  const ground = GROUND * (occupied.reduce((sum, height) => sum + height, 0) / Math.max(1, occupied.length))
  const parent = new Int32Array(map.length).fill(-1)
  const summitOf = (cell: number): number => {
    let root = cell
    while (parent[root] !== root) root = parent[root]!
    for (let at = cell; parent[at] !== root; ) [at, parent[at]] = [parent[at]!, root]
    return root
  }
  const order = Array.from(map.keys())
    .filter((cell) => map[cell]! > ground)
    .sort((a, b) => map[b]! - map[a]! || a - b)
  for (const cell of order) {
    const summits = [
      ...new Set(
        around(cell)
          .filter((near) => parent[near]! >= 0)
          .map(summitOf),
      ),
    ]
    summits.sort((a, b) => map[b]! - map[a]! || a - b)
    const [highest, ...others] = summits
    parent[cell] = highest ?? cell
    for (const summit of others) if (map[summit]! - map[cell]! < PROMINENCE * map[summit]!) parent[summit] = highest!
  }
  return parent.map((up, cell) => (up < 0 ? -1 : summitOf(cell)))
}

/** The eight neighbours of a cell. */
const around = (cell: number) =>
  [-CELLS - 1, -CELLS, -CELLS + 1, -1, 1, CELLS - 1, CELLS, CELLS + 1]
    .map((step) => cell + step)
    .filter((near) => near >= 0 && near < CELLS * CELLS)

function median(points: readonly number[], positions: Float32Array, axis: 0 | 1): number {
  const values = points.map((point) => positions[point * 2 + axis]!).sort((a, b) => a - b)
  return values[values.length >> 1]!
}
