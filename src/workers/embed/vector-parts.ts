import type { Report } from '../rpc/protocol.js'
import { transferred } from '../rpc/transferred.js'
import type { VectorPart } from './embed-protocol.js'

/** Often enough for a progress bar, rarely enough not to burden the page. */
const INTERVAL_MS = 100

/** Collects the vectors of a call and reports them about ten times a second. */
export class VectorParts {
  readonly #dimension: number
  readonly #report: Report<VectorPart>
  #vectors: Float32Array[] = []
  #part: { indices: number[]; tokenCounts: number[]; truncated: boolean[] } = { indices: [], tokenCounts: [], truncated: [] }
  #sentAt = performance.now()

  constructor(dimension: number, report: Report<VectorPart>) {
    this.#dimension = dimension
    this.#report = report
  }

  add(index: number, vector: Float32Array, tokenCount: number, truncated: boolean): void {
    this.#vectors.push(vector)
    this.#part.indices.push(index)
    this.#part.tokenCounts.push(tokenCount)
    this.#part.truncated.push(truncated)
    if (performance.now() - this.#sentAt >= INTERVAL_MS) this.flush()
  }

  /** Reports what is left. */
  flush(): void {
    if (this.#vectors.length === 0) return
    const vectors = new Float32Array(this.#vectors.length * this.#dimension)
    for (const [row, vector] of this.#vectors.entries()) vectors.set(vector, row * this.#dimension)
    void this.#report(transferred({ ...this.#part, vectors }, [vectors.buffer]))
    this.#vectors = []
    this.#part = { indices: [], tokenCounts: [], truncated: [] }
    this.#sentAt = performance.now()
  }
}
