import { InvalidArgumentError } from '../errors.js'
import { type ByteSource, readExactly, viewOf } from './byte-source.js'
import { damagedFile, integerWeights, isWeight, unsupportedFile } from './file-errors.js'
import { elementCount, FLOAT_BYTES, type FloatType, isCount, toFloat32 } from './float-values.js'
import type { Checkpoint, CheckpointTensor } from './tensors.js'

// https://huggingface.co/docs/safetensors: header length (uint64), header (JSON), data; offsets count from the data's start.

/** The format's own limit. BERT-large's header has 40 kB; a larger length means another kind of file, and would be allocated. */
export const MAX_HEADER_BYTES = 100_000_000

const INTEGER_BYTES = { I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 }
const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map(Object.entries({ ...FLOAT_BYTES, ...INTEGER_BYTES }))

/** A float32 tensor to be written. */
export interface TensorData {
  readonly name: string
  readonly shape: readonly number[]
  /** Row-major values; borrowed, not changed. */
  readonly data: Float32Array
}

interface Entry {
  name: string
  dtype: string
  shape: readonly number[]
  /** First byte in the file. */
  start: number
  /** Byte after the last. */
  end: number
}

/**
 * Float tensors of a safetensors file. Only the header is read; each tensor is read on demand.
 * @throws Specter2Error `DAMAGED_FILE` if header, offsets, shapes and file size disagree; `UNSUPPORTED` for float types other
 *   than F64, F32, F16 and BF16, and for weights that are integers.
 */
export async function openSafetensors(source: ByteSource): Promise<Checkpoint> {
  const entries = await readHeader(source)
  checkSpans(source, entries)
  const tensors = new Map<string, CheckpointTensor>()
  for (const { name, dtype, shape, start, end } of entries) {
    if (dtype in INTEGER_BYTES) {
      if (isWeight(name)) throw integerWeights(source.name, name, dtype)
      continue
    }
    const read = async () => toFloat32(await readExactly(source, start, end), dtype as FloatType)
    tensors.set(name, { name, shape, read })
  }
  return tensors
}

async function readHeader(source: ByteSource): Promise<Entry[]> {
  if (source.byteLength < 8)
    throw damagedFile(source.name, `has ${source.byteLength} bytes, too few for a safetensors file`, {
      expected: 8,
      actual: source.byteLength,
    })
  const length = Number(viewOf(await readExactly(source, 0, 8)).getBigUint64(0, true))
  if (length > MAX_HEADER_BYTES) {
    throw damagedFile(source.name, `claims a header of ${length} bytes, but safetensors allows ${MAX_HEADER_BYTES}`, {
      expected: MAX_HEADER_BYTES,
      actual: length,
    })
  }
  const dataStart = 8 + length
  if (dataStart > source.byteLength) {
    throw damagedFile(source.name, `ends within its header: ${source.byteLength} bytes instead of at least ${dataStart}`, {
      expected: dataStart,
      actual: source.byteLength,
    })
  }
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readExactly(source, 8, dataStart)))
  } catch (cause) {
    throw damagedFile(source.name, `has a header that is not JSON (${(cause as Error).message})`, { field: 'header' })
  }
  if (!isObject(header)) throw damagedFile(source.name, 'has a header that is not a JSON object', { field: 'header' })
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(source, dataStart, name, value))
}

function parseEntry(source: ByteSource, dataStart: number, name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {}
  if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw damagedFile(source.name, `describes tensor ${name} without a proper dtype, shape and data_offsets`, { tensor: name })
  }
  const elementBytes = ELEMENT_BYTES.get(dtype)
  if (elementBytes === undefined) {
    const next = `Convert the tensor to one of ${Object.keys(FLOAT_BYTES).join(', ')}.`
    throw unsupportedFile(source.name, `holds tensor ${name} as ${dtype}, which is not read`, next, { tensor: name, dtype })
  }
  const [start, end] = offsets as [number, number]
  const expected = elementCount(shape) * elementBytes
  if (end - start !== expected) {
    const found = `gives tensor ${name} ${end - start} bytes, but ${dtype} [${shape}] takes ${expected}`
    throw damagedFile(source.name, found, { tensor: name, expected, actual: end - start })
  }
  return { name, dtype, shape, start: dataStart + start, end: dataStart + end }
}

function checkSpans(source: ByteSource, entries: readonly Entry[]): void {
  let covered: Entry | undefined
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    if (entry.end > source.byteLength) {
      const found = `is cut off: tensor ${entry.name} ends at byte ${entry.end}, the file at ${source.byteLength}`
      throw damagedFile(source.name, found, { tensor: entry.name, expected: entry.end, actual: source.byteLength })
    }
    if (entry.start === entry.end) continue
    if (covered !== undefined && entry.start < covered.end) {
      throw damagedFile(source.name, `has tensors that overlap: ${covered.name} and ${entry.name}`, { tensor: entry.name })
    }
    covered = entry
  }
}

/**
 * A safetensors file of float32 tensors, and of float16 ones as a Uint16Array of their bits. The same tensors in any order give
 * the same bytes: tensors are sorted by name, and the header is padded with spaces so that the data begins at a multiple of 8.
 * The result belongs to the caller.
 * @throws InvalidArgumentError if a name occurs twice or a shape does not match its data.
 */
export function writeSafetensors(
  tensors: readonly (Omit<TensorData, 'data'> & { readonly data: Float32Array | Uint16Array })[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort((a, b) => compare(a.name, b.name))
  const header: [string, unknown][] = []
  const sortedMetadata = Object.entries(metadata).sort(([a], [b]) => compare(a, b))
  if (sortedMetadata.length > 0) header.push(['__metadata__', Object.fromEntries(sortedMetadata)])
  let dataBytes = 0
  for (const [i, { name, shape, data }] of sorted.entries()) {
    if (name === '__metadata__' || name === sorted[i - 1]?.name) {
      throw new InvalidArgumentError('tensors', name, 'tensors whose names occur once')
    }
    if (elementCount(shape) !== data.length) {
      throw new InvalidArgumentError(`shape of ${name}`, `[${shape}]`, `the shape of its ${data.length} values`)
    }
    header.push([
      name,
      { dtype: data instanceof Uint16Array ? 'F16' : 'F32', shape, data_offsets: [dataBytes, dataBytes + data.byteLength] },
    ])
    dataBytes += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const headerBytes = Math.ceil(json.length / 8) * 8

  const file = new Uint8Array(8 + headerBytes + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.fill(0x20, 8, 8 + headerBytes)
  file.set(json, 8)
  let position = 8 + headerBytes
  for (const { data } of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return file
}

/** Compares UTF-16 code units: the same everywhere, unlike a locale's order. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount)
}
