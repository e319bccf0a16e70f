import type { Product } from './matrix-product.js'

/** Tokens per matrix product: enough for the runtime's full speed. */
const BATCH_TOKENS = 1024

/** Statistics of the inputs of dense layers, by the name of the input. */
export class InputStatistics {
  /** Largest |x| of each channel: [inputs]. */
  readonly maxima = new Map<string, Float32Array<ArrayBuffer>>()
  /** XᵀX over all tokens [inputs, inputs], after `finish`; empty without a product. */
  readonly grams = new Map<string, Float32Array<ArrayBuffer>>()
  readonly #sums = new Map<string, GramSum>()
  readonly #product: Product | null

  constructor(product: Product | null) {
    this.#product = product
  }

  /**
   * @param rows [tokens, inputs] of one text; overwritten.
   * @param firstWeight Factor of the first token's row for the Gram matrix.
   */
  async add(input: string, rows: Float32Array, tokens: number, firstWeight: number): Promise<void> {
    const inputs = rows.length / tokens
    if (!this.maxima.has(input)) this.maxima.set(input, new Float32Array(inputs))
    raise(this.maxima.get(input)!, rows)
    if (!this.#product) return
    if (!this.#sums.has(input)) this.#sums.set(input, new GramSum(inputs, this.#product))
    for (let channel = 0; channel < inputs; channel++) rows[channel]! *= firstWeight
    await this.#sums.get(input)!.add(rows)
  }

  async finish(): Promise<void> {
    for (const [input, sum] of this.#sums) {
      this.grams.set(input, await sum.finish())
      this.#sums.delete(input)
    }
  }
}

/** Raises the maximum of each channel to that of the rows [tokens, channels]. */
function raise(maxima: Float32Array, rows: Float32Array): void {
  const channels = maxima.length
  for (let start = 0; start < rows.length; start += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const size = Math.abs(rows[start + channel]!)
      if (size > maxima[channel]!) maxima[channel] = size
    }
  }
}

/** Sums XᵀX over rows that arrive in pieces. */
class GramSum {
  readonly #inputs: number
  readonly #product: Product
  readonly #batch: Float32Array<ArrayBuffer>
  readonly #sum: Float32Array<ArrayBuffer>
  #filled = 0

  constructor(inputs: number, product: Product) {
    this.#inputs = inputs
    this.#product = product
    this.#batch = new Float32Array(BATCH_TOKENS * inputs)
    this.#sum = new Float32Array(inputs * inputs)
  }

  async add(rows: Float32Array): Promise<void> {
    for (let offset = 0; offset < rows.length; ) {
      const taken = Math.min(this.#batch.length - this.#filled, rows.length - offset)
      this.#batch.set(rows.subarray(offset, offset + taken), this.#filled)
      this.#filled += taken
      offset += taken
      if (this.#filled === this.#batch.length) await this.#flush()
    }
  }

  async finish(): Promise<Float32Array<ArrayBuffer>> {
    if (this.#filled > 0) await this.#flush()
    return this.#sum
  }

  async #flush(): Promise<void> {
    const rows = this.#batch.slice(0, this.#filled)
    this.#filled = 0
    const part = await this.#product(rows, rows, rows.length / this.#inputs)
    for (let index = 0; index < part.length; index++) this.#sum[index]! += part[index]!
  }
}
