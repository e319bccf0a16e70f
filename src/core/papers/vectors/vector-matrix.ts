import { Specter2Error } from '../../errors.js'

/** Vectors without papers, as files of arrays hold them. */
export interface VectorMatrix {
  rows: number
  dimension: number
  /** [rows, dimension], row-major. */
  vectors: Float32Array<ArrayBuffer>
  /** What the file calls the papers; `undefined` if only their order tells them. */
  ids?: string[]
}

/** The kinds of files of vectors, by their first bytes. */
export function vectorFileKind(start: Uint8Array): 'parquet' | 'npy' | 'faiss' | undefined {
  const text = String.fromCharCode(...start.subarray(0, 6))
  if (text.startsWith('PAR1')) return 'parquet'
  if (text === '\u0093NUMPY') return 'npy'
  return /^Ix(?:F[2Il]|M[p2])/.test(text) ? 'faiss' : undefined
}

/** Bits of a value of a .npy file, and how they are read. */
const VALUES: Readonly<Record<string, readonly [bytes: number, read: (view: DataView, at: number, little: boolean) => number]>> =
  {
    f2: [2, (view, at, little) => halfFloat(view.getUint16(at, little))],
    f4: [4, (view, at, little) => view.getFloat32(at, little)],
    f8: [8, (view, at, little) => view.getFloat64(at, little)],
  }

/**
 * Reads NumPy's `.npy`: float16, float32 or float64 of shape [rows, dimension] in C order.
 *
 * @throws Specter2Error `UNREADABLE_FILE`, which says what else it is.
 */
export function readNpy(bytes: Uint8Array<ArrayBuffer>): VectorMatrix {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long = bytes[6]! > 1
  const start = long ? 12 : 10
  if (bytes.length < start) throw unreadable('it is cut off')
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true))
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end))
  const [, order = '', type = ''] = /'descr':\s*'([<>|=])(\w+)'/.exec(header) ?? []
  const shape = (/'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .flatMap((part) => (part.trim() ? [Number(part)] : []))
  const value = VALUES[type]
  if (!value) throw unreadable(`its values are ${type || 'objects'}, not float16, float32 or float64`)
  if (shape.length !== 2) throw unreadable(`its shape is (${shape.join(', ')}), not (papers, dimension)`)
  if (/'fortran_order':\s*True/.test(header)) throw unreadable('it is in Fortran order; save numpy.ascontiguousarray(vectors)')
  const [rows, dimension] = shape as [number, number]
  const [size, read] = value
  if (bytes.length - end !== rows * dimension * size)
    throw unreadable(`it has ${bytes.length - end} bytes of values, where ${rows} × ${dimension} need ${rows * dimension * size}`)
  const little = order !== '>'
  if (type === 'f4' && little) return { rows, dimension, vectors: floatsAt(bytes, end, rows * dimension) }
  const vectors = new Float32Array(rows * dimension)
  for (let index = 0; index < vectors.length; index++) vectors[index] = read(view, end + index * size, little)
  return { rows, dimension, vectors }
}

/**
 * Reads a flat index of FAISS, `IndexFlatL2` or `IndexFlatIP`, also within an `IndexIDMap`, whose ids name the papers.
 *
 * @throws Specter2Error `UNREADABLE_FILE` for other kinds, in which vectors are compressed, and for damaged files.
 */
export function readFaiss(bytes: Uint8Array<ArrayBuffer>): VectorMatrix {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number) => {
    if (at + count > bytes.length) throw unreadable('it is cut off')
    at += count
    return at - count
  }
  /** Name of the kind of index, dimension and number of vectors; what else every index begins with is skipped. */
  const head = () => {
    const name = String.fromCharCode(...bytes.subarray(at, take(4) + 4))
    const dimension = view.getInt32(take(4), true)
    const rows = Number(view.getBigInt64(take(8), true))
    take(8 + 8 + 1)
    if (view.getInt32(take(4), true) > 1) take(4)
    return { name, dimension, rows }
  }
  const outer = head()
  const isMap = /^IxM[p2]$/.test(outer.name)
  const { name, dimension, rows } = isMap ? head() : outer
  if (!/^IxF[2Il]$/.test(name))
    throw unreadable(`it holds an index of the kind ${name}, which keeps no exact vectors; save an IndexFlatL2 or IndexFlatIP`)
  const count = Number(view.getBigUint64(take(8), true))
  if (dimension < 1 || count !== rows * dimension)
    throw unreadable(`it has ${count} values, where ${rows} × ${dimension} are needed`)
  const vectors = floatsAt(bytes, take(4 * count), count)
  if (!isMap) return { rows, dimension, vectors }
  if (Number(view.getBigUint64(take(8), true)) !== rows) throw unreadable('its ids are not as many as its vectors')
  const from = take(8 * rows)
  return {
    rows,
    dimension,
    vectors,
    ids: Array.from({ length: rows }, (_, row) => String(view.getBigInt64(from + 8 * row, true))),
  }
}

function floatsAt(bytes: Uint8Array<ArrayBuffer>, at: number, count: number): Float32Array<ArrayBuffer> {
  const start = bytes.byteOffset + at
  return start % 4 === 0 ? new Float32Array(bytes.buffer, start, count) : new Float32Array(bytes.slice(at, at + 4 * count).buffer)
}

/** IEEE 754 binary16, whose bits are the exponent's five above the fraction's ten. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

function unreadable(found: string): Specter2Error {
  return new Specter2Error('UNREADABLE_FILE', `The vectors of the file cannot be read: ${found}.`)
}
