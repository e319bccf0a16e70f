import { LAYOUTS } from '../../src/core/kernels/encoder-tiers.js'
import type { EncoderTier } from '../../src/core/types.js'
import { Arena } from '../../src/engine/encoder/arena.js'
import { instantiate } from '../../src/engine/encoder/kernels.js'
import { packDense } from '../../src/engine/encoder/pack-weights.js'
import { median } from '../statistics.js'

/** Rows of a block, and a square layer. */
const ROWS = 96
const TURNS = 200
/** Multiplications and additions of a turn: long enough for the clock, short enough not to be interrupted. */
const OPERATIONS = 100e6

export interface ProductRace {
  /** Billions of multiplications and additions a second, of the integer product and of a loop in registers alone. */
  product: number
  limit: number
  /** The product's share of the limit. */
  share: number
}

/** The integer product of a layer beside what the tier's instructions allow at most, taking turns on this thread. */
export async function productRace(tier: EncoderTier, width: number): Promise<ProductRace> {
  const limit = await limitOf(tier)
  const product = productOf(tier, width)
  const turns = Array.from({ length: TURNS }, () => ({ limit: speed(limit), product: speed(product) })).slice(TURNS / 5)
  return {
    product: median(turns.map((turn) => turn.product)),
    limit: median(turns.map((turn) => turn.limit)),
    share: median(turns.map((turn) => turn.product / turn.limit)),
  }
}

interface Work {
  run(): void
  operations: number
}

async function limitOf(tier: EncoderTier): Promise<Work> {
  const response = await fetch(new URL(`limits/${tier}.wasm`, document.baseURI))
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer())
  const { limit, products } = instance.exports as { limit(rounds: number): number; products: WebAssembly.Global }
  const operations = (products.value as number) * (LAYOUTS[tier].codeBytes === 2 ? 16 : 32)
  const rounds = Math.round(OPERATIONS / operations)
  return { run: () => limit(rounds), operations: rounds * operations }
}

function productOf(tier: EncoderTier, width: number): Work {
  const arena = new Arena()
  const kernels = instantiate(tier, arena.memory)
  const codes = Int8Array.from({ length: width * width }, (_, index) => ((index * 37) % 101) - 50)
  const scales = new Float32Array(width).fill(1)
  const dense = packDense(arena, tier, {
    inputs: width,
    outputs: width,
    stride: width,
    codes,
    scales,
    bias: scales,
    smoothing: null,
  })
  const x = arena.take(ROWS * width * LAYOUTS[tier].codeBytes)
  const [rows, out] = [arena.take(ROWS * 8), arena.take(ROWS * width * 4)]
  const { panels, columns, panelCount } = dense
  const run = () => kernels.product(x, rows, ROWS, width, panels, columns, panelCount, out, width * 4, false)
  return { run, operations: 2 * ROWS * width * width }
}

/** Billions of operations a second. */
function speed({ run, operations }: Work): number {
  const times = Math.max(1, Math.round(OPERATIONS / operations))
  const start = performance.now()
  for (let time = 0; time < times; time++) run()
  return (times * operations) / (performance.now() - start) / 1e6
}
