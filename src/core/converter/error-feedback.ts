import type { Dense, Smoothing } from './encoder-weights.js'
import type { Product } from './matrix-product.js'
import { BLOCK, EightBitRounder, FourBitRounder, type Rounding, type RowRounder } from './rounding.js'

/**
 * Share of the mean diagonal that is added to each element of it, so that directions that do not occur in the texts stay bounded.
 */
const DAMPING = 0.01

/**
 * Rounds the rows of a layer's weights in turn, and lets later rows compensate the errors of earlier ones as far as their inputs
 * correlate: GPTQ (Frantar et al. 2022) in the form of a nearest-plane search, which needs one Cholesky factor and no inverse.
 *
 * With the inputs' Gram matrix G = MᵀM, M lower triangular, the error of a layer's output is |M · E|² for E = W - Q. Its row i is
 * M[i,i] E[i] + Σ M[i,j] E[j] over the j < i that are rounded already, so Q[i] = round(W[i] + Σ M[i,j] E[j] / M[i,i]).
 */
export class ErrorFeedback implements Rounding {
  readonly #grams: Map<string, Float32Array<ArrayBuffer>>
  readonly #factored = new Set<string>()
  readonly #smoothing: Smoothing
  readonly #product: Product

  /**
   * @param grams XᵀX [inputs, inputs] of the inputs X before smoothing, by name; owned by this object, which overwrites them
   *   with their factors.
   */
  constructor(grams: Map<string, Float32Array<ArrayBuffer>>, smoothing: Smoothing, product: Product) {
    this.#grams = grams
    this.#smoothing = smoothing
    this.#product = product
  }

  async eightBits(layer: Dense) {
    const weight = await layer.weight()
    return this.#round(layer, weight, new EightBitRounder(weight, layer))
  }

  async fourBits(layer: Dense) {
    return this.#round(layer, await layer.weight(), new FourBitRounder(layer))
  }

  async #round<T>({ input, inputs, outputs }: Dense, weight: Float32Array<ArrayBuffer>, rounder: RowRounder<T>): Promise<T> {
    const factor = await this.#factor(input, inputs)
    // Each row is replaced by its error W - Q when it has been rounded.
    const errors = weight
    const importance = new Float32Array(BLOCK)
    const target = new Float32Array(outputs)
    for (let first = 0; first < inputs; first += BLOCK) {
      const targets = weight.slice(first * outputs, (first + BLOCK) * outputs)
      if (first > 0) {
        const carried = await this.#product(block(factor, inputs, first), errors.slice(0, first * outputs), first)
        for (let row = 0; row < BLOCK; row++) {
          const scale = 1 / factor[(first + row) * inputs + first + row]!
          for (let index = row * outputs; index < (row + 1) * outputs; index++) targets[index]! += carried[index]! * scale
        }
      }
      for (let row = 0; row < BLOCK; row++) importance[row] = factor[(first + row) * inputs + first + row]! ** 2
      rounder.fit(first, targets, importance)
      for (let row = first; row < first + BLOCK; row++) {
        target.set(targets.subarray((row - first) * outputs, (row - first + 1) * outputs))
        const diagonal = factor[row * inputs + row]!
        for (let earlier = first; earlier < row; earlier++) {
          const share = factor[row * inputs + earlier]! / diagonal
          const start = earlier * outputs
          for (let column = 0; column < outputs; column++) target[column]! += share * errors[start + column]!
        }
        rounder.round(row, target)
        const start = row * outputs
        for (let column = 0; column < outputs; column++) errors[start + column]! -= target[column]!
      }
    }
    return rounder.result
  }

  /** The factor M of the damped Gram matrix of the smoothed input: [inputs, inputs], lower triangular. */
  async #factor(input: string, inputs: number): Promise<Float32Array<ArrayBuffer>> {
    const gram = this.#grams.get(input)!
    if (this.#factored.has(input)) return gram
    const factors = this.#smoothing.get(input)
    if (factors)
      for (let row = 0; row < inputs; row++)
        for (let column = 0; column < inputs; column++) gram[row * inputs + column]! /= factors[row]! * factors[column]!
    await factorize(gram, inputs, this.#product)
    this.#factored.add(input)
    return gram
  }
}

/** The part of rows `first` … left of their block in a lower triangular matrix, transposed: [first, BLOCK]. */
function block(factor: Float32Array, inputs: number, first: number): Float32Array<ArrayBuffer> {
  const columns = new Float32Array(first * BLOCK)
  for (let row = 0; row < BLOCK; row++)
    for (let column = 0; column < first; column++) columns[column * BLOCK + row] = factor[(first + row) * inputs + column]!
  return columns
}

/**
 * Overwrites a symmetric positive semidefinite `matrix` [size, size] with the lower triangular M for which MᵀM = `matrix` +
 * damping: Cholesky's factorization from the last row upwards, in blocks.
 */
export async function factorize(matrix: Float32Array<ArrayBuffer>, size: number, product: Product): Promise<void> {
  let trace = 0
  for (let index = 0; index < size; index++) trace += matrix[index * size + index]!
  // Zero for an input that was always zero.
  const damping = trace > 0 ? (DAMPING * trace) / size : 1
  for (let index = 0; index < size; index++) matrix[index * size + index]! += damping
  for (let end = size; end > 0; end -= BLOCK) {
    const start = Math.max(0, end - BLOCK)
    const sums = new Float64Array(end)
    for (let row = end - 1; row >= start; row--) {
      sums.fill(0)
      for (let later = row + 1; later < end; later++) {
        const share = matrix[later * size + row]!
        for (let column = 0; column <= row; column++) sums[column]! += share * matrix[later * size + column]!
      }
      // With damping, pivots are at least as large as it; anything below is rounding error.
      const pivot = Math.sqrt(Math.max(matrix[row * size + row]! - sums[row]!, damping))
      for (let column = 0; column < row; column++)
        matrix[row * size + column] = (matrix[row * size + column]! - sums[column]!) / pivot
      matrix[row * size + row] = pivot
      matrix.fill(0, row * size + row + 1, (row + 1) * size)
    }
    if (start === 0) break
    const rows = new Float32Array((end - start) * start)
    for (let row = start; row < end; row++) rows.set(matrix.subarray(row * size, row * size + start), (row - start) * start)
    const update = await product(rows, rows, end - start)
    for (let row = 0; row < start; row++)
      for (let column = 0; column <= row; column++) matrix[row * size + column]! -= update[row * start + column]!
  }
}
