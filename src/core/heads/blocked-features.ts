import { BlockProducts } from './block-products.js'
import { DenseFeatures } from './features.js'

/** Numbers of all rows, times outputs, from which on blocks are worth their copy. */
const LEAST_PRODUCTS = 4_000_000

/** Dense rows to train on: many of them are multiplied in blocks. */
export class BlockedFeatures extends DenseFeatures {
  #blocks: BlockProducts | null = null

  /** @inheritdoc */
  override select(rows: ArrayLike<number>): BlockedFeatures {
    return new BlockedFeatures(this.rowsOf(rows), this.dimension)
  }

  /** Products with several weight vectors at once, to float32; `null` if the rows are too few. */
  blocks(outputs: number): BlockProducts | null {
    // With one output a row's own loop is as fast.
    if (outputs < 3 || this.values.length * outputs < LEAST_PRODUCTS) return null
    this.#blocks ??= new BlockProducts(
      this.values instanceof Float32Array ? this.values : new Float32Array(this.values),
      this.dimension,
    )
    return this.#blocks
  }
}
