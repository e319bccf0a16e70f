/** The k nearest neighbours of each row, nearest first, kept in order as candidates arrive; equals stay in order of arrival. */
export class NearestLists<T extends Float32Array | Float64Array> {
  readonly k: number
  /** [rows, k], row-major; undefined where the distance is Infinity. */
  readonly neighbours: Int32Array<ArrayBuffer>
  /** [rows, k], row-major; Infinity where a row has fewer than k neighbours. */
  readonly distances: T

  /** @param distances [rows, k]; kept and filled. */
  constructor(k: number, distances: T) {
    this.k = k
    this.distances = distances.fill(Number.POSITIVE_INFINITY) as T
    this.neighbours = new Int32Array(distances.length)
  }

  /** Inserts a neighbour if it is nearer than the row's last one. */
  add(row: number, neighbour: number, distance: number): void {
    const { k, neighbours, distances } = this
    const start = row * k
    let at = start + k - 1
    if (!(distance < distances[at]!)) return
    for (; at > start && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!
      neighbours[at] = neighbours[at - 1]!
    }
    distances[at] = distance
    neighbours[at] = neighbour
  }
}
