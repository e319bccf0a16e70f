/** Vectors of one length, appended and never moved: they lie in chunks, so that growing copies nothing. */
export class VectorRows {
  readonly dimension: number
  readonly #rowsPerChunk: number
  readonly #chunks: Float32Array<ArrayBuffer>[] = []
  #count = 0

  constructor(dimension: number) {
    this.dimension = dimension
    this.#rowsPerChunk = 2 ** Math.max(0, Math.floor(Math.log2(CHUNK_VALUES / dimension)))
  }

  get count(): number {
    return this.#count
  }

  /** @param vectors [n, dimension], row-major; copied. */
  append(vectors: Float32Array): void {
    const { dimension } = this
    const rows = vectors.length / dimension
    for (let row = 0; row < rows; ) {
      const inChunk = this.#count % this.#rowsPerChunk
      if (inChunk === 0) this.#chunks.push(new Float32Array(this.#rowsPerChunk * dimension))
      const taken = Math.min(rows - row, this.#rowsPerChunk - inChunk)
      this.#chunks.at(-1)!.set(vectors.subarray(row * dimension, (row + taken) * dimension), inChunk * dimension)
      this.#count += taken
      row += taken
    }
  }

  /** Rows from `first` on that lie together, at least one where there is one, [n, dimension]; borrowed. */
  run(first: number): Float32Array<ArrayBuffer> {
    const start = this.startOf(first)
    const rows = Math.min(this.#count - first, this.#rowsPerChunk - (first % this.#rowsPerChunk))
    return this.chunkOf(first).subarray(start, start + rows * this.dimension)
  }

  /** The chunk that holds a row; borrowed. */
  chunkOf(row: number): Float32Array<ArrayBuffer> {
    return this.#chunks[Math.floor(row / this.#rowsPerChunk)]!
  }

  /** Where a row begins in its chunk. */
  startOf(row: number): number {
    return (row % this.#rowsPerChunk) * this.dimension
  }
}

/** 4 MiB of values. */
const CHUNK_VALUES = 2 ** 20
