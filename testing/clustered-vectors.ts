/**
 * Random vectors from a seed, clustered like those of papers: the sum of a common part, a field of research, a topic within it,
 * and an individual part.
 */
export class ClusteredVectors {
  readonly dimension: number
  readonly #common: Float32Array
  readonly #fields: Float32Array
  readonly #topics: Float32Array
  #state: number

  /** @param stream Other streams give other vectors from the same clusters, such as queries. */
  constructor(dimension: number, stream: number) {
    this.dimension = dimension
    this.#state = SEED
    this.#common = this.#normals(dimension)
    this.#fields = this.#normals(FIELDS * dimension)
    this.#topics = this.#normals(TOPICS * dimension)
    this.#state = (SEED + 7919 * stream) >>> 0
  }

  /** The next `count` vectors, [count, dimension], of length 1. */
  next(count: number): Float32Array<ArrayBuffer> {
    const { dimension } = this
    const vectors = new Float32Array(count * dimension)
    for (let row = 0; row < count; row++) {
      const topic = this.#random() % TOPICS
      const [field, start] = [topic % FIELDS, row * dimension]
      // The cosine of two random papers is about .1, more within a field, and between .5 and .8 within a topic.
      const [inTopic, own] = [0.4 + (this.#random() % 256) / 640, 0.5]
      let squares = 0
      for (let column = 0; column < dimension; column++) {
        const value =
          0.35 * this.#common[column]! +
          0.5 * this.#fields[field * dimension + column]! +
          inTopic * this.#topics[topic * dimension + column]! +
          own * this.#normal()
        vectors[start + column] = value
        squares += value * value
      }
      const factor = 1 / Math.sqrt(squares)
      for (let column = 0; column < dimension; column++) vectors[start + column]! *= factor
    }
    return vectors
  }

  #normals(length: number): Float32Array {
    return Float32Array.from({ length }, () => this.#normal())
  }

  /** Nearly normal, variance 1: the sum of the four bytes of a random number. */
  #normal(): number {
    const bits = this.#random()
    return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 147.8
  }

  /** Marsaglia's xorshift, 32 bits. */
  #random(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state >>> 0
    return this.#state
  }
}

const SEED = 2_463_534_242
const FIELDS = 100
const TOPICS = 3000
