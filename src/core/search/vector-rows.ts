/** Consecutive rows in one array. */
export interface VectorChunk {
  /** Number of its first row. */
  readonly first: number
  readonly count: number
  /** [at least count, dimension]; `null` while only the codes are known. */
  readonly vectors: Float32Array<ArrayBuffer> | null
}

/**
 * Vectors of one length, which are appended and never moved: they are stored in chunks, so that growing copies nothing, and the
 * vectors of a chunk may arrive later than its rows.
 */
export class VectorRows {
  readonly dimension: number
  readonly #chunks: { first: number; count: number; vectors: Float32Array<ArrayBuffer> | null }[] = []
  #count = 0
  #missing = 0

  constructor(dimension: number) {
    this.dimension = dimension
  }

  get count(): number {
    return this.#count
  }

  /** Number of chunks without vectors. */
  get missing(): number {
    return this.#missing
  }

  get chunks(): readonly VectorChunk[] {
    return this.#chunks
  }

  /** @param vectors [n, dimension], row-major; copied. */
  append(vectors: Float32Array): void {
    const { dimension } = this
    const capacity = 2 ** Math.max(0, Math.floor(Math.log2(CHUNK_VALUES / dimension)))
    const rows = vectors.length / dimension
    for (let row = 0; row < rows; ) {
      let chunk = this.#chunks.at(-1)
      if (!chunk?.vectors || chunk.vectors.length < (chunk.count + 1) * dimension) {
        chunk = { first: this.#count, count: 0, vectors: new Float32Array(capacity * dimension) }
        this.#chunks.push(chunk)
      }
      const room = chunk.vectors!.length / dimension - chunk.count
      const taken = Math.min(rows - row, room)
      chunk.vectors!.set(vectors.subarray(row * dimension, (row + taken) * dimension), chunk.count * dimension)
      chunk.count += taken
      this.#count += taken
      row += taken
    }
  }

  /** Adds a chunk of rows without vectors, which {@link fill} adds. */
  appendMissing(count: number): void {
    this.#chunks.push({ first: this.#count, count, vectors: null })
    this.#count += count
    this.#missing++
  }

  /** @param vectors [count, dimension]: all vectors of the chunk of `row`; taken over, not copied. */
  fill(row: number, vectors: Float32Array<ArrayBuffer>): void {
    const chunk = this.#chunks[this.#chunkIndex(row)]!
    if (chunk.vectors) return
    chunk.vectors = vectors
    this.#missing--
  }

  chunkOf(row: number): VectorChunk {
    return this.#chunks[this.#chunkIndex(row)]!
  }

  #chunkIndex(row: number): number {
    let [low, high] = [0, this.#chunks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#chunks[middle]!.first <= row) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** 4 MiB of values. */
const CHUNK_VALUES = 2 ** 20
