/** The k rows with the smallest distances so far, ties by lower row: a heap with the worst row on top. */
export class NearestRows {
  readonly #k: number
  readonly #rows: number[] = []
  readonly #distances: number[] = []

  constructor(k: number) {
    this.#k = k
  }

  /**
   * The largest distance with which a row can be among the nearest: Infinity while there are fewer than k, -Infinity if k is 0.
   */
  get worst(): number {
    if (this.#k === 0) return Number.NEGATIVE_INFINITY
    return this.#rows.length < this.#k ? Number.POSITIVE_INFINITY : this.#distances[0]!
  }

  /** The rows, unordered. */
  get rows(): readonly number[] {
    return this.#rows
  }

  add(row: number, distance: number): void {
    if (this.#rows.length < this.#k) {
      this.#rows.push(row)
      this.#distances.push(distance)
      this.#rise(this.#rows.length - 1)
    } else if (this.#k > 0 && (distance < this.#distances[0]! || (distance === this.#distances[0]! && row < this.#rows[0]!))) {
      this.#rows[0] = row
      this.#distances[0] = distance
      this.#sink()
    }
  }

  /** Rows by ascending distance, ties by ascending row. */
  sorted(): { rows: Uint32Array<ArrayBuffer>; distances: Float64Array<ArrayBuffer> } {
    const order = this.#rows.map((_, index) => index).sort((a, b) => (this.#isFarther(a, b) ? 1 : -1))
    return {
      rows: Uint32Array.from(order, (index) => this.#rows[index]!),
      distances: Float64Array.from(order, (index) => this.#distances[index]!),
    }
  }

  #isFarther(a: number, b: number): boolean {
    const difference = this.#distances[a]! - this.#distances[b]!
    return difference > 0 || (difference === 0 && this.#rows[a]! > this.#rows[b]!)
  }

  #rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isFarther(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #sink(): void {
    let index = 0
    for (;;) {
      let worst = index
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < this.#rows.length && this.#isFarther(child, worst)) worst = child
      if (worst === index) return
      this.#swap(index, worst)
      index = worst
    }
  }

  #swap(a: number, b: number): void {
    const row = this.#rows[a]!
    this.#rows[a] = this.#rows[b]!
    this.#rows[b] = row
    const distance = this.#distances[a]!
    this.#distances[a] = this.#distances[b]!
    this.#distances[b] = distance
  }
}
