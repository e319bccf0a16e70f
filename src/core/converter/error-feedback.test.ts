import { describe, expect, test } from 'vitest'
import { fromFourBits } from '../../../testing/models.js'
import { normalNumbers } from '../../../testing/random-numbers.js'
import type { Dense } from './encoder-weights.js'
import { ErrorFeedback, factorize } from './error-feedback.js'
import type { Product } from './matrix-product.js'
import { type EightBits, type FourBits, nearest } from './rounding.js'

const INPUTS = 96
const OUTPUTS = 24
const TOKENS = 400

/** In double precision, as the runtime's product is too slow to start here. */
const product: Product = async (a, b, rows) => {
  const [m, n] = [a.length / rows, b.length / rows]
  const result = new Float32Array(m * n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let row = 0; row < rows; row++) sum += a[row * m + i]! * b[row * n + j]!
      result[i * n + j] = sum
    }
  return result
}

/** Inputs [tokens, INPUTS] whose channels go together: few directions, and channels of different sizes. */
function correlatedInputs(seed: number): Float32Array<ArrayBuffer> {
  const normal = normalNumbers(seed)
  const directions = Array.from({ length: 12 }, () => Float32Array.from({ length: INPUTS }, () => normal(0, 1)))
  const rows = new Float32Array(TOKENS * INPUTS)
  for (let token = 0; token < TOKENS; token++) {
    for (const direction of directions) {
      const share = normal(0, 1)
      for (let channel = 0; channel < INPUTS; channel++)
        rows[token * INPUTS + channel]! += share * direction[channel]! * (1 + (channel % 4))
    }
    for (let channel = 0; channel < INPUTS; channel++) rows[token * INPUTS + channel]! += normal(0, 0.1)
  }
  return rows
}

const normal = normalNumbers(3)
const weight = Float32Array.from({ length: INPUTS * OUTPUTS }, () => normal(0, 0.05))
const layer: Dense = {
  name: 'layer',
  input: 'x',
  inputs: INPUTS,
  outputs: OUTPUTS,
  smoothing: null,
  weight: async () => weight.slice(),
  bias: async () => new Float32Array(OUTPUTS),
}

/** Mean square of x · (W - Q), over the held-out rows. */
async function outputError(rounded: Float32Array<ArrayBuffer>): Promise<number> {
  const difference = weight.map((value, index) => value - rounded[index]!)
  const rows = correlatedInputs(2)
  // x · E = (xᵀ)ᵀ · E: the product takes the rows of both to go together.
  const transposed = new Float32Array(rows.length)
  for (let token = 0; token < TOKENS; token++)
    for (let channel = 0; channel < INPUTS; channel++) transposed[channel * TOKENS + token] = rows[token * INPUTS + channel]!
  const errors = await product(transposed, difference, INPUTS)
  return errors.reduce((sum, error) => sum + error * error, 0) / errors.length
}

const fromEightBits = ({ codes, scales }: EightBits) => Float32Array.from(codes, (code, index) => code * scales[index % OUTPUTS]!)
const fromPacked = (bits: FourBits) => fromFourBits(bits, INPUTS, OUTPUTS)

async function feedback(): Promise<ErrorFeedback> {
  const rows = correlatedInputs(2)
  return new ErrorFeedback(new Map([['x', await product(rows, rows, TOKENS)]]), new Map(), product)
}

describe('factorize', () => {
  test('gives a lower triangular M with MᵀM the matrix plus a hundredth of its mean diagonal', async () => {
    const rows = correlatedInputs(1)
    const gram = await product(rows, rows, TOKENS)
    const factor = gram.slice()
    await factorize(factor, INPUTS, product)
    for (let row = 0; row < INPUTS; row++)
      for (let column = row + 1; column < INPUTS; column++) expect(factor[row * INPUTS + column]).toBe(0)
    const damping = (0.01 * Array.from({ length: INPUTS }, (_, at) => gram[at * INPUTS + at]!).reduce((a, b) => a + b)) / INPUTS
    const again = await product(factor, factor, INPUTS)
    const largest = Math.max(...gram)
    for (let row = 0; row < INPUTS; row++)
      for (let column = 0; column < INPUTS; column++) {
        const expected = gram[row * INPUTS + column]! + (row === column ? damping : 0)
        expect(Math.abs(again[row * INPUTS + column]! - expected)).toBeLessThan(1e-5 * largest)
      }
  })

  test('holds for an input that is always zero: rounding is then to the nearest', async () => {
    const zeros = new ErrorFeedback(new Map([['x', new Float32Array(INPUTS * INPUTS)]]), new Map(), product)
    expect(await zeros.eightBits(layer)).toEqual(await nearest.eightBits(layer))
    expect(await zeros.fourBits(layer)).toEqual(await nearest.fourBits(layer))
  })
})

describe('ErrorFeedback', () => {
  test.each([
    [
      '8 bits',
      async () => fromEightBits(await nearest.eightBits(layer)),
      async () => fromEightBits(await (await feedback()).eightBits(layer)),
    ],
    [
      '4 bits',
      async () => fromPacked(await nearest.fourBits(layer)),
      async () => fromPacked(await (await feedback()).fourBits(layer)),
    ],
  ])(
    'of %s has less than a quarter of the error of rounding to the nearest where channels go together',
    async (_, plain, fed) => {
      expect(await outputError(await fed())).toBeLessThan(0.25 * (await outputError(await plain())))
    },
  )

  test('takes smoothing into account: raised weights and divided inputs give the same product', async () => {
    const factors = Float32Array.from({ length: INPUTS }, (_, channel) => 0.5 + (channel % 7))
    const rows = correlatedInputs(2)
    const gram = await product(rows, rows, TOKENS)
    const raised: Dense = {
      ...layer,
      smoothing: factors,
      weight: async () => weight.map((value, index) => value * factors[Math.floor(index / OUTPUTS)]!),
    }
    const rounding = new ErrorFeedback(new Map([['x', gram]]), new Map([['x', factors]]), product)
    const lowered = (bits: EightBits) => fromEightBits(bits).map((value, index) => value / factors[Math.floor(index / OUTPUTS)]!)
    const plain = await outputError(lowered(await nearest.eightBits(raised)))
    expect(await outputError(lowered(await rounding.eightBits(raised)))).toBeLessThan(0.25 * plain)
  })

  test('gives the same codes again, and for the other width, from one Gram matrix', async () => {
    const rounding = await feedback()
    const first = await rounding.eightBits(layer)
    await rounding.fourBits(layer)
    expect(await rounding.eightBits(layer)).toEqual(first)
    expect(await (await feedback()).fourBits(layer)).toEqual(await rounding.fourBits(layer))
  })
})
