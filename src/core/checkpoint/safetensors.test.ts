import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  concat,
  counted,
  failure,
  float32,
  readAll,
  toleratesAnything,
  uint16,
  uint64,
} from '../../../testing/checkpoints.js'
import { bytesSource } from './byte-source.js'
import { openSafetensors, writeSafetensors } from './safetensors.js'

function file(header: unknown, data: Uint8Array = new Uint8Array()) {
  const json = ascii(typeof header === 'string' ? header : JSON.stringify(header))
  return bytesSource('model.safetensors', concat(uint64(json.length), json, data))
}

const entry = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets })

describe('openSafetensors', () => {
  test('reads every float type as float32 and leaves integers out', async () => {
    const header = {
      __metadata__: { format: 'pt' },
      f32: entry([2], [0, 8]),
      f16: entry([1, 1], [8, 10], 'F16'),
      bf16: entry([1], [10, 12], 'BF16'),
      f64: entry([], [12, 20], 'F64'),
      ids: entry([1], [20, 28], 'I64'),
    }
    const double = new Uint8Array(Float64Array.of(2.5).buffer)
    const data = concat(float32(1, -2), uint16(0x3c00), uint16(0x4000), double, uint64(9))
    expect(await readAll(await openSafetensors(file(header, data)))).toEqual({
      f32: { shape: [2], data: [1, -2] },
      f16: { shape: [1, 1], data: [1] },
      bf16: { shape: [1], data: [2] },
      f64: { shape: [], data: [2.5] },
    })
  })

  test.each(['I8', 'U8', 'I32'])('refuses weights that are integers: %s', async (dtype) => {
    const size = dtype === 'I32' ? 4 : 1
    const source = file({ 'layer.0.dense.weight': entry([1], [0, size], dtype) }, new Uint8Array(size))
    const error = await failure(openSafetensors(source), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ tensor: 'layer.0.dense.weight', dtype })
  })

  test('reads only the header at first, then each tensor on demand', async () => {
    const { source, reads } = counted(file({ a: entry([1], [0, 4]), b: entry([1], [4, 8]) }, float32(1, 2)))
    const checkpoint = await openSafetensors(source)
    reads.length = 0
    expect(Array.from(await checkpoint.get('b')!.read())).toEqual([2])
    expect(reads).toEqual([4])
  })

  test('accepts names that have a meaning for JavaScript objects', async () => {
    const source = file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', float32(3))
    const checkpoint = await openSafetensors(source)
    expect([...checkpoint.keys()]).toEqual(['__proto__'])
    expect(Array.from(await checkpoint.get('__proto__')!.read())).toEqual([3])
  })

  test.each([
    ['a file of four bytes', bytesSource('a', ascii('{}{}')), { actual: 4 }],
    [
      'a header longer than the format allows',
      bytesSource('a', concat(uint64(2n ** 63n), ascii('{}'))),
      { expected: 100_000_000 },
    ],
    ['a header longer than the file', bytesSource('a', concat(uint64(90), ascii('{}'))), { expected: 98, actual: 10 }],
    ['a header that is not JSON', file('{"a":'), { field: 'header' }],
    ['a header that is not UTF-8', bytesSource('a', concat(uint64(1), [0xff])), { field: 'header' }],
    ['a header that is a list', file('[]'), { field: 'header' }],
    ['an entry that is null', file({ a: null }), { tensor: 'a' }],
    ['a negative size', file({ a: entry([-1], [0, 4]) }), { tensor: 'a' }],
    ['a fractional size', file({ a: entry([0.5], [0, 2]) }, float32(1)), { tensor: 'a' }],
    ['offsets of three numbers', file({ a: entry([1], [0, 4, 4]) }, float32(1)), { tensor: 'a' }],
    [
      'offsets that disagree with the shape',
      file({ a: entry([2], [0, 4]) }, float32(1)),
      { tensor: 'a', expected: 8, actual: 4 },
    ],
    ['offsets that run backwards', file({ a: entry([1], [8, 4]) }, float32(1, 2)), { tensor: 'a', actual: -4 }],
    [
      'sizes whose product overflows',
      file({ a: entry([2 ** 52, 2 ** 52, 2 ** 52], [0, 4]) }, float32(1)),
      { tensor: 'a', actual: 4 },
    ],
    ['a tensor behind the end', file({ a: entry([2], [0, 8]) }, float32(1)), { tensor: 'a' }],
    ['an empty tensor behind the end', file({ a: entry([0], [9, 9]) }, float32(1)), { tensor: 'a' }],
    ['tensors that overlap', file({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, float32(1, 2)), { tensor: 'b' }],
  ])('refuses %s as damaged', async (_, source, details) => {
    expect((await failure(openSafetensors(source), 'DAMAGED_FILE')).details).toMatchObject(details)
  })

  test('refuses float types it cannot read, by name', async () => {
    const error = await failure(openSafetensors(file({ a: entry([1], [0, 1], 'F8_E4M3') }, ascii('x'))), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ tensor: 'a', dtype: 'F8_E4M3' })
  })

  test('ends with a Specter2Error or a checkpoint for any header', async () => {
    const number = fc.oneof(fc.integer({ min: -1, max: 20 }), fc.double())
    const tensor = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'I8', 'toString'),
      shape: fc.array(number, { maxLength: 3 }),
      data_offsets: fc.array(number, { maxLength: 3 }),
    })
    const header = fc.oneof(
      fc.json(),
      fc.dictionary(fc.string(), fc.oneof(tensor, fc.jsonValue())).map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(header, fc.uint8Array(), (json, data) =>
        toleratesAnything(async () => readAll(await openSafetensors(file(json, data)))),
      ),
      { numRuns: 300 },
    )
  })
})

describe('writeSafetensors', () => {
  const tensors = [
    { name: 'b', shape: [2, 1], data: Float32Array.of(1, 2) },
    { name: 'B', shape: [], data: Float32Array.of(3) },
    { name: 'ä', shape: [0], data: Float32Array.of() },
  ]

  test('writes what openSafetensors reads', async () => {
    const checkpoint = await openSafetensors(bytesSource('a', writeSafetensors(tensors, { format: 'pt' })))
    expect(await readAll(checkpoint)).toEqual({
      B: { shape: [], data: [3] },
      b: { shape: [2, 1], data: [1, 2] },
      ä: { shape: [0], data: [] },
    })
  })

  test('writes the same bytes for any order of tensors and metadata, with the data at a multiple of 8', () => {
    const file = writeSafetensors(tensors, { x: '1', a: '2' })
    expect(writeSafetensors([...tensors].reverse(), { a: '2', x: '1' })).toEqual(file)
    expect((file.length - 12) % 8).toBe(0)
    const header = new TextDecoder().decode(file.subarray(8, file.length - 12))
    expect(header.trimEnd()).toBe(
      '{"__metadata__":{"a":"2","x":"1"},"B":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
        '"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},"ä":{"dtype":"F32","shape":[0],"data_offsets":[12,12]}}',
    )
  })

  test('writes a view of a larger buffer without its neighbours', async () => {
    const data = Float32Array.of(9, 1, 9).subarray(1, 2)
    const checkpoint = await openSafetensors(bytesSource('a', writeSafetensors([{ name: 'a', shape: [1], data }])))
    expect(Array.from(await checkpoint.get('a')!.read())).toEqual([1])
  })

  test('names the tensor whose shape is wrong or whose name occurs twice', () => {
    const data = Float32Array.of(1, 2)
    expect(() => writeSafetensors([{ name: 'a', shape: [3], data }])).toThrow(expect.objectContaining({ field: 'shape of a' }))
    expect(() => writeSafetensors([0, 1].map(() => ({ name: 'a', shape: [2], data })))).toThrow(
      expect.objectContaining({ field: 'tensors' }),
    )
  })
})
