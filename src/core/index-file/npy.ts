/** NumPy's format, version 1.0: magic, version, length of the header, the header as a Python literal, the values. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]
/** Values begin at a multiple of this, as NumPy writes them. */
const ALIGNMENT = 64

/**
 * The header of a `.npy` file, which comes before float32 values [count, dimension], row-major and little-endian.
 *
 * @example
 * const file = new Blob([npyHeader(papers.length, dimension), vectors]) // numpy.load() reads it
 * show(file)
 */
export function npyHeader(count: number, dimension: number): Uint8Array<ArrayBuffer> {
  const literal = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dimension}), }`
  const prefix = MAGIC.length + 2
  const length = Math.ceil((prefix + literal.length + 1) / ALIGNMENT) * ALIGNMENT
  const header = new Uint8Array(length).fill(0x20)
  header.set(MAGIC)
  new DataView(header.buffer).setUint16(MAGIC.length, length - prefix, true)
  header.set(new TextEncoder().encode(literal), prefix)
  header[length - 1] = 0x0a
  return header
}
