import { LAYOUTS, TIERS } from '../../core/kernels/encoder-tiers.js'
import type { EncoderTier } from '../../core/types.js'
import { Arena } from './arena.js'
import { instantiate } from './kernels.js'
import { packDense } from './pack-weights.js'

/** Enough calls for engines to compile the kernel a second time, for speed. */
const CALLS = 400
const [ROWS, INPUTS, COLUMNS] = [13, 64, 16]

/**
 * The fastest tier whose products are right here; `null` if there is none, as where a policy forbids WASM.
 *
 * What relaxed instructions do beyond 7 bits depends on CPU and engine, so each tier is tried: in fresh code and after many calls,
 * since engines compile twice. Nothing is concluded from the name of a CPU or browser.
 *
 * @param candidates In order of preference.
 */
export function chooseTier(candidates: readonly EncoderTier[] = TIERS): EncoderTier | null {
  return candidates.find((tier) => (tier === 'simd' || hasRelaxedSimd()) && isRight(tier)) ?? null
}

/**
 * Whether the engine has relaxed SIMD by itself. V8 got this method in the version that enabled relaxed SIMD; before, it computed
 * wrong numbers behind a flag.
 */
const hasRelaxedSimd = () => 'transfer' in ArrayBuffer.prototype

/** Whether a tier's products are exact for the extremes that it is made for. */
function isRight(tier: EncoderTier): boolean {
  const arena = new Arena()
  const { rows: tileRows, codeBytes, bounded } = LAYOUTS[tier]
  const largest = bounded ? 64 : 127
  // The first columns hold the largest weights, with equal signs, and the others all that there are.
  const weight = (input: number, column: number) =>
    column < 2 ? largest * (1 - 2 * column) : ((input * 73 + column * 31) % (2 * largest + 1)) - largest
  // Each value is its own code.
  const value = (row: number, input: number) => (row === 0 || input === 0 ? 255 : (row * 97 + input * 41) % 256)
  const codes = Int8Array.from({ length: INPUTS * COLUMNS }, (_, at) => weight(Math.floor(at / COLUMNS), at % COLUMNS))
  const values = Float32Array.from({ length: ROWS * INPUTS }, (_, at) => value(Math.floor(at / INPUTS), at % INPUTS))
  const expected = Array.from({ length: ROWS * COLUMNS }, (_, at) => {
    let sum = 0
    for (let input = 0; input < INPUTS; input++) sum += value(Math.floor(at / COLUMNS), input) * weight(input, at % COLUMNS)
    return sum
  })
  try {
    const kernels = instantiate(tier, arena.memory)
    const { panels, columns, panelCount } = packDense(arena, tier, {
      inputs: INPUTS,
      outputs: COLUMNS,
      codes,
      stride: COLUMNS,
      scales: new Float32Array(COLUMNS).fill(1),
      bias: new Float32Array(COLUMNS),
      smoothing: null,
    })
    const tiles = arena.take(Math.ceil(ROWS / tileRows) * tileRows * INPUTS * codeBytes)
    const [rows, x, out] = [arena.take(ROWS * 8), arena.floats(values), arena.take(ROWS * COLUMNS * 4)]
    kernels.quantizeRows(x, ROWS, INPUTS, INPUTS * 4, tiles, rows)
    const isExact = () => {
      kernels.product(tiles, rows, ROWS, INPUTS, panels, columns, panelCount, out, COLUMNS * 4, false)
      return new Float32Array(arena.memory.buffer, out, ROWS * COLUMNS).every((sum, at) => Math.abs(sum - expected[at]!) <= 2)
    }
    for (let call = 0; call < CALLS; call++) if (!isExact()) return false
    return true
  } catch (error) {
    // The engine lacks the instructions.
    if (error instanceof WebAssembly.CompileError) return false
    throw error
  }
}
