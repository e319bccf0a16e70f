import { expect } from 'vitest'
import type { ByteSource } from '../src/core/checkpoint/byte-source.js'
import type { Checkpoint } from '../src/core/checkpoint/tensors.js'
import { type ErrorCode, Specter2Error } from '../src/core/errors.js'

// Builds checkpoint files byte by byte, so that tests can make each field wrong.

export type Bytes = Uint8Array<ArrayBuffer>

export function concat(...parts: (Uint8Array | readonly number[])[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

export const ascii = (text: string): Bytes => new TextEncoder().encode(text)
export const uint16 = (value: number): Bytes => new Uint8Array(Uint16Array.of(value).buffer)
export const uint32 = (value: number): Bytes => new Uint8Array(Uint32Array.of(value).buffer)
export const uint64 = (value: number | bigint): Bytes => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
export const float32 = (...values: number[]): Bytes => new Uint8Array(Float32Array.from(values).buffer)

/** Encoders for the parts of a pickle. */
export const proto = [0x80, 2]
export const stop = ascii('.')
export const text = (value: string) => concat([0x58], uint32(ascii(value).length), ascii(value))
export const int = (value: number) => concat([0x4a], uint32(value))
export const global = (name: string) => ascii(`c${name.replace(/\.(\w+)$/, '\n$1')}\n`)
export const tuple = (...items: Uint8Array[]) => concat(ascii('('), ...items, ascii('t'))
export const list = (...items: Uint8Array[]) => concat(ascii(']('), ...items, ascii('e'))
export const dict = (...items: Uint8Array[]) => concat(ascii('}('), ...items, ascii('u'))
export const reduce = (name: string, ...args: Uint8Array[]) => concat(global(name), tuple(...args), ascii('R'))
export const orderedDict = () => reduce('collections.OrderedDict')
const no = [0x89]
const none = ascii('N')

export interface TestTensor {
  /** Default `Float`. */
  type?: string
  key?: string
  /** Element type of the storage. */
  elements: number
  offset?: number
  shape: number[]
  strides: number[]
  /** In the legacy format, the view of the storage. */
  view?: [offset: number, elements: number] | 'none'
}

export function tensor({ type = 'Float', key = '0', elements, offset = 0, shape, strides, view }: TestTensor): Bytes {
  const viewId = view === undefined ? [] : view === 'none' ? [none] : [tuple(text('view'), int(view[0]), int(view[1]))]
  const id = tuple(text('storage'), global(`torch.${type}Storage`), text(key), text('cpu'), int(elements), ...viewId)
  const storage = concat(id, ascii('Q'))
  const sizes = [shape, strides].map((values) => tuple(...values.map(int)))
  return reduce('torch._utils._rebuild_tensor_v2', storage, int(offset), ...sizes, Uint8Array.from(no), orderedDict())
}

export function stateDict(tensors: Record<string, TestTensor>): Bytes {
  return concat(proto, dict(...Object.entries(tensors).flatMap(([name, value]) => [text(name), tensor(value)])), stop)
}

export interface TestEntry {
  name: string
  bytes: Uint8Array
  method?: number
  flags?: number
  /** Whether size and position are in the zip64 extra field. */
  zip64?: boolean
}

/** A zip archive of stored entries; with `zip64` its end records have that format as well. */
export function zip(entries: readonly TestEntry[], { zip64 = false, comment = '' } = {}): Bytes {
  const locals: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let position = 0
  for (const { name, bytes, method = 0, flags = 0, zip64: large = false } of entries) {
    // As in files of torch, the local extra field differs from that in the directory.
    const padding = concat(ascii('FB'), uint16(5), ascii('ZZZZZ'))
    const head = [uint16(20), uint16(flags), uint16(method), uint32(0), uint32(0)]
    const sizes = large ? [uint32(0xffffffff), uint32(0xffffffff)] : [uint32(bytes.length), uint32(bytes.length)]
    const extra = large ? concat(uint16(1), uint16(24), uint64(bytes.length), uint64(bytes.length), uint64(position)) : []
    const where = uint32(large ? 0xffffffff : position)
    const local = concat(
      ascii('PK\x03\x04'),
      ...head,
      ...sizes,
      uint16(name.length),
      uint16(padding.length),
      ascii(name),
      padding,
    )
    const lengths = [uint16(name.length), uint16(extra.length), uint16(0), uint16(0), uint16(0), uint32(0), where]
    directory.push(concat(ascii('PK\x01\x02'), uint16(20), ...head, ...sizes, ...lengths, ascii(name), extra))
    locals.push(local, bytes)
    position += local.length + bytes.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const counts = [uint64(entries.length), uint64(entries.length), uint64(size), uint64(position)]
  const end64 = concat(ascii('PK\x06\x06'), uint64(44), uint16(45), uint16(45), uint32(0), uint32(0), ...counts)
  const locator = concat(ascii('PK\x06\x07'), uint32(0), uint64(position + size), uint32(1))
  const [endSize, endStart] = zip64 ? [0xffffffff, 0xffffffff] : [size, position]
  const endCounts = [uint16(0), uint16(0), uint16(entries.length), uint16(entries.length), uint32(endSize), uint32(endStart)]
  const end = concat(ascii('PK\x05\x06'), ...endCounts, uint16(comment.length), ascii(comment))
  return concat(...locals, ...directory, ...(zip64 ? [end64, locator] : []), end)
}

/** A file of torch's zip format. */
export function torchZip(pickle: Uint8Array, storages: Record<string, Uint8Array>, byteorder = 'little'): Bytes {
  return zip([
    { name: 'model/data.pkl', bytes: pickle },
    { name: 'model/byteorder', bytes: ascii(byteorder) },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `model/data/${key}`, bytes })),
  ])
}

export const legacyMagic = concat(proto, [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], stop)

/** A file of torch's format before 1.6. */
export function torchLegacy(pickle: Uint8Array, storages: Record<string, { elements: number; bytes: Uint8Array }>): Bytes {
  return concat(
    legacyMagic,
    concat(proto, int(1001), stop),
    concat(proto, dict(text('little_endian'), Uint8Array.of(0x88)), stop),
    pickle,
    concat(proto, list(...Object.keys(storages).map(text)), stop),
    ...Object.values(storages).flatMap(({ elements, bytes }) => [uint64(elements), bytes]),
  )
}

/** A source that records the length of each read. */
export function counted(source: ByteSource): { source: ByteSource; reads: number[] } {
  const reads: number[] = []
  const read: ByteSource['read'] = (start, end) => {
    reads.push(end - start)
    return source.read(start, end)
  }
  return { source: { ...source, read }, reads }
}

/** Shape and values of every tensor by name. */
export async function readAll(checkpoint: Checkpoint): Promise<Record<string, { shape: readonly number[]; data: number[] }>> {
  const all: [string, { shape: readonly number[]; data: number[] }][] = []
  for (const [name, { shape, read }] of checkpoint) all.push([name, { shape, data: Array.from(await read()) }])
  return Object.fromEntries(all)
}

/** The error of a promise or of a function, which must be a `Specter2Error` with this code. */
export async function failure(work: Promise<unknown> | (() => unknown), code: ErrorCode): Promise<Specter2Error> {
  const error = await Promise.resolve()
    .then(() => (typeof work === 'function' ? work() : work))
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  expect(error).toBeInstanceOf(Specter2Error)
  expect((error as Specter2Error).code).toBe(code)
  return error as Specter2Error
}

/** Checks that a reader either succeeds or throws a `Specter2Error`. */
export async function toleratesAnything(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!(error instanceof Specter2Error)) throw error
  })
}
