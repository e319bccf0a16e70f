import { BLOCK, roundRows } from '../../core/converter/rounding.js'

/** Added to a double and subtracted again, it leaves the nearest integer, ties to even. */
const INTEGERS = 1.5 * 2 ** 52

/** Columns that are unpacked together, so that what they read and write fits the cache. */
const TILE = 32

/**
 * A dense layer's 4 bits in 8, with a scale for each column: bit for bit what the graph of `q4CpuForm` computes.
 *
 * @param packed Codes [outputs, inputs / BLOCK, BLOCK / 2]; two in a byte, the even input in its lower half.
 * @param blockScales [outputs, inputs / BLOCK].
 * @returns Codes [inputs, outputs], scales [outputs].
 */
export function unpackDense(packed: Uint8Array, blockScales: Float32Array, inputs: number, outputs: number) {
  const blocks = inputs / BLOCK
  const codes = new Int8Array(inputs * outputs)
  const scales = new Float32Array(outputs)
  for (let column = 0; column < outputs; column++) {
    let largest = 0
    for (let block = column * blocks; block < (column + 1) * blocks; block++) {
      let size = 0
      for (let at = (block * BLOCK) / 2; at < ((block + 1) * BLOCK) / 2; at++) {
        const byte = packed[at]!
        size = Math.max(size, Math.abs((byte & 15) - 8), Math.abs((byte >> 4) - 8))
      }
      largest = Math.max(largest, size * Math.abs(blockScales[block]!))
    }
    scales[column] = Math.max(Math.fround(largest * Math.fround(1 / 127)), 1e-20)
  }
  /** Codes in 8 bits of the 16 values of a block. */
  const values = new Int8Array(16)
  for (let tile = 0; tile < outputs; tile += TILE) {
    for (let block = 0; block < blocks; block++) {
      for (let column = tile; column < Math.min(tile + TILE, outputs); column++) {
        const index = column * blocks + block
        for (let code = 0; code < 16; code++) {
          const quotient = Math.fround(((code - 8) * blockScales[index]!) / scales[column]!)
          values[code] = quotient + INTEGERS - INTEGERS
        }
        for (let at = 0; at < BLOCK / 2; at++) {
          const byte = packed[(index * BLOCK) / 2 + at]!
          const target = (block * BLOCK + 2 * at) * outputs + column
          codes[target] = values[byte & 15]!
          codes[target + outputs] = values[byte >> 4]!
        }
      }
    }
  }
  return { codes, scales }
}

/**
 * Rows of a table that `packRows` packed, as floats [count, width].
 *
 * @param packed [rows, width / 2]: the first half of a row in the lower halves of its bytes.
 * @param blockScales [rows, width / BLOCK].
 */
export function unpackRows(packed: Uint8Array, blockScales: Float32Array, width: number, first: number, count: number) {
  const half = width / 2
  const rows = new Float32Array(count * width)
  for (let row = 0; row < count; row++) {
    const [source, scales] = [(first + row) * half, (first + row) * (width / BLOCK)]
    for (let column = 0; column < half; column++) {
      const byte = packed[source + column]!
      rows[row * width + column] = ((byte & 15) - 8) * blockScales[scales + Math.floor(column / BLOCK)]!
      rows[row * width + half + column] = ((byte >> 4) - 8) * blockScales[scales + Math.floor((half + column) / BLOCK)]!
    }
  }
  return rows
}

/** A table that `packRows` packed in 8 bits, with a scale for each row: codes [rows, width], scales [rows]. */
export function unpackTable(packed: Uint8Array, blockScales: Float32Array, width: number) {
  const rows = packed.length / (width / 2)
  const codes = new Int8Array(rows * width)
  const scales = new Float32Array(rows)
  // The table in floats would take 95 MB for SPECTER2's vocabulary.
  const slice = 512
  for (let first = 0; first < rows; first += slice) {
    const count = Math.min(slice, rows - first)
    const rounded = roundRows(unpackRows(packed, blockScales, width, first, count), count, width)
    codes.set(rounded.codes, first * width)
    scales.set(rounded.scales, first)
  }
  return { codes, scales }
}
