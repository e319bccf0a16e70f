import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  concat,
  counted,
  dict,
  failure,
  float32,
  global,
  int,
  legacyMagic,
  list,
  orderedDict,
  proto,
  readAll,
  reduce,
  stateDict,
  stop,
  type TestTensor,
  tensor,
  text,
  toleratesAnything,
  torchLegacy,
  torchZip,
  tuple,
  uint16,
  zip,
} from '../../../testing/checkpoints.js'
import { bytesSource } from './byte-source.js'
import { openSafetensors } from './safetensors.js'
import { openTorch } from './torch-checkpoint.js'

const fixture = new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url)
const six = float32(0, 1, 2, 3, 4, 5)
const open = (bytes: Uint8Array) => openTorch(bytesSource('model.bin', bytes))
const openOne = (one: TestTensor, bytes: Uint8Array = six) => open(torchZip(stateDict({ a: one }), { 0: bytes }))

describe('the zip format', () => {
  test('has the same tensors as the safetensors file of the model', async () => {
    const [bin, safetensors] = await Promise.all(
      ['pytorch_model.bin', 'model.safetensors'].map(async (name) => bytesSource(name, await readFile(new URL(name, fixture)))),
    )
    const expected = await readAll(await openSafetensors(safetensors!))
    const actual = await readAll(await openTorch(bin!))
    expect(Object.keys(actual).length).toBeGreaterThan(50)
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
    expect(actual).toEqual(expected)
  })

  test('reads slices, each tensor on demand', async () => {
    const pickle = stateDict({
      a: { elements: 6, shape: [6], strides: [1] },
      b: { key: '1', elements: 6, offset: 2, shape: [2], strides: [1] },
    })
    const { source, reads } = counted(bytesSource('model.bin', torchZip(pickle, { 0: six, 1: six })))
    const checkpoint = await openTorch(source)
    reads.length = 0
    expect(Array.from(await checkpoint.get('b')!.read())).toEqual([2, 3])
    expect(reads).toEqual([30, 8])
  })

  test.each<[string, TestTensor, number[]]>([
    ['a matrix', { elements: 6, shape: [2, 3], strides: [3, 1] }, [0, 1, 2, 3, 4, 5]],
    ['a transposed matrix', { elements: 6, shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
    ['a column', { elements: 6, offset: 1, shape: [2, 1], strides: [3, 1] }, [1, 4]],
    ['every second element', { elements: 6, offset: 1, shape: [3], strides: [2] }, [1, 3, 5]],
    ['a permuted tensor', { elements: 6, shape: [3, 1, 2], strides: [1, 6, 3] }, [0, 3, 1, 4, 2, 5]],
    ['sizes of 1 with any stride', { elements: 6, offset: 4, shape: [1, 2, 1], strides: [99, 1, 99] }, [4, 5]],
    ['a scalar', { elements: 6, offset: 3, shape: [], strides: [] }, [3]],
    ['no element', { elements: 6, shape: [0, 3], strides: [3, 1] }, []],
  ])('reads %s', async (_, one, data) => {
    expect(await readAll(await openOne(one))).toEqual({ a: { shape: one.shape, data } })
  })

  test('refuses weights that are integers', async () => {
    const value = tensor({ type: 'Char', key: 'missing', elements: 1, shape: [1], strides: [1] })
    const pickle = concat(proto, orderedDict(), ascii('('), text('dense.weight'), value, ascii('u'), stop)
    const error = await failure(open(torchZip(pickle, {})), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ tensor: 'dense.weight', dtype: '8 bits' })
  })

  test('reads every float type, and tensors that share a storage; leaves integers and other values out', async () => {
    const items: [string, Uint8Array][] = [
      ['half', tensor({ type: 'Half', key: 'h', elements: 1, shape: [1], strides: [1] })],
      ['bfloat16', tensor({ type: 'BFloat16', key: 'b', elements: 1, shape: [1], strides: [1] })],
      ['double', tensor({ type: 'Double', key: 'd', elements: 1, shape: [1], strides: [1] })],
      ['whole', tensor({ elements: 6, shape: [6], strides: [1] })],
      ['part', tensor({ elements: 6, offset: 4, shape: [2], strides: [1] })],
      [
        'parameter',
        reduce(
          'torch._utils._rebuild_parameter',
          tensor({ elements: 6, shape: [1], strides: [1] }),
          Uint8Array.of(0x88),
          orderedDict(),
        ),
      ],
      ['epoch', int(3)],
      ...['Long', 'Int', 'Short', 'Char', 'Byte', 'Bool'].map(
        (type) => [type, tensor({ type, key: 'missing', elements: 1, shape: [1], strides: [1] })] as [string, Uint8Array],
      ),
    ]
    const state = concat(orderedDict(), ascii('('), ...items.flatMap(([name, value]) => [text(name), value]), ascii('u'))
    // As state_dict() does: an OrderedDict with `_metadata`.
    const pickle = concat(proto, state, dict(text('_metadata'), orderedDict()), ascii('b'), stop)
    const double = new Uint8Array(Float64Array.of(0.5).buffer)
    const file = torchZip(pickle, { 0: six, h: uint16(0x3c00), b: uint16(0x4000), d: double })
    expect(await readAll(await open(file))).toEqual({
      half: { shape: [1], data: [1] },
      bfloat16: { shape: [1], data: [2] },
      double: { shape: [1], data: [0.5] },
      whole: { shape: [6], data: [0, 1, 2, 3, 4, 5] },
      part: { shape: [2], data: [4, 5] },
      parameter: { shape: [1], data: [0] },
    })
  })

  test('reads zip64 archives, and archives with a comment', async () => {
    const entries = [
      { name: 'x/data.pkl', bytes: stateDict({ a: { elements: 6, shape: [6], strides: [1] } }), zip64: true },
      { name: 'x/data/0', bytes: six, zip64: true },
    ]
    const expected = { a: { shape: [6], data: [0, 1, 2, 3, 4, 5] } }
    expect(await readAll(await open(zip(entries, { zip64: true })))).toEqual(expected)
    expect(await readAll(await open(zip(entries, { comment: 'PK\x05\x06 is no end' })))).toEqual(expected)
  })

  test.each<[string, TestTensor]>([
    ['a tensor behind its storage', { elements: 6, offset: 1, shape: [6], strides: [1] }],
    ['strides that leave the storage', { elements: 6, shape: [2, 2], strides: [5, 1].reverse() as number[], offset: 1 }],
    ['a storage larger than its bytes', { elements: 7, shape: [7], strides: [1] }],
    ['a storage that is not there', { key: 'x', elements: 6, shape: [6], strides: [1] }],
    ['a key that climbs', { key: '../data.pkl', elements: 1, shape: [1], strides: [1] }],
    ['a negative stride', { elements: 6, offset: 5, shape: [6], strides: [-1] }],
    ['a negative offset', { elements: 6, offset: -1, shape: [1], strides: [1] }],
    ['fewer strides than sizes', { elements: 6, shape: [2, 3], strides: [3] }],
    ['65 dimensions', { elements: 6, shape: Array(65).fill(1), strides: Array(65).fill(1) }],
    ['a product that overflows', { elements: 6, shape: Array(64).fill(2 ** 30), strides: Array(64).fill(2 ** 30) }],
  ])('refuses %s as damaged', async (_, one) => {
    await failure(openOne(one), 'DAMAGED_FILE')
  })

  test('refuses expanded tensors, whose size the file does not bound', async () => {
    const error = await failure(openOne({ elements: 6, shape: [2 ** 30, 2 ** 20], strides: [0, 0] }), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ tensor: 'a' })
  })

  test('uses the shape at the creation of a tensor, even if the pickle changes it afterwards', async () => {
    const shape = concat(list(int(1)), [0x71, 9])
    const id = tuple(text('storage'), global('torch.FloatStorage'), text('0'), text('cpu'), int(6))
    const args = tuple(concat(id, ascii('Q')), int(0), shape, tuple(int(1)))
    const rebuilt = concat(global('torch._utils._rebuild_tensor_v2'), args, ascii('R'))
    const grow = concat([0x68, 9], int(2 ** 30), ascii('a0'))
    const file = torchZip(concat(proto, dict(text('a'), rebuilt), grow, stop), { 0: six })
    expect(await readAll(await open(file))).toEqual({ a: { shape: [1], data: [0] } })
  })

  test('refuses compressed and encrypted entries and names them', async () => {
    const entry = { name: 'x/data.pkl', bytes: stateDict({ a: { elements: 6, shape: [6], strides: [1] } }) }
    const deflated = await failure(open(zip([entry, { name: 'x/data/0', bytes: six, method: 8 }])), 'UNSUPPORTED')
    expect(deflated.details).toMatchObject({ entry: 'x/data/0' })
    const encrypted = await failure(open(zip([{ ...entry, flags: 1 }])), 'UNSUPPORTED')
    expect(encrypted.details).toMatchObject({ entry: 'x/data.pkl' })
  })

  test('refuses big-endian files, other archives, and pickles without tensors', async () => {
    const pickle = stateDict({ a: { elements: 6, shape: [6], strides: [1] } })
    expect((await failure(open(torchZip(pickle, { 0: six }, 'big')), 'UNSUPPORTED')).details).toMatchObject({
      field: 'byteorder',
    })
    expect((await failure(open(zip([{ name: 'a.txt', bytes: six }])), 'UNSUPPORTED')).details).toMatchObject({
      expected: 'data.pkl',
    })
    const nested = concat(proto, dict(text('state_dict'), dict()), stop)
    expect((await failure(open(torchZip(nested, {})), 'UNSUPPORTED')).details).toMatchObject({ expected: 'tensors by name' })
  })

  test('names the class of a pickled module', async () => {
    const module = concat(proto, global('torch.nn.modules.linear.Linear'), ascii(')R'), stop)
    const error = await failure(open(torchZip(module, {})), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ global: 'torch.nn.modules.linear.Linear' })
  })

  test('refuses a file that is cut off anywhere', async () => {
    const file = torchZip(stateDict({ a: { elements: 6, shape: [6], strides: [1] } }), { 0: six })
    for (let end = 0; end < file.length; end++) await failure(open(file.subarray(0, end)), 'DAMAGED_FILE')
  })
})

describe('the format before torch 1.6', () => {
  const state = stateDict({
    a: { key: '11', elements: 6, shape: [3, 2], strides: [1, 3], view: 'none' },
    ids: { key: '22', type: 'Long', elements: 1, shape: [1], strides: [1], view: 'none' },
    b: { key: '33', elements: 6, offset: 1, shape: [2], strides: [1], view: [2, 4] },
  })
  const storages = {
    22: { elements: 1, bytes: new Uint8Array(8) },
    11: { elements: 6, bytes: six },
    33: { elements: 6, bytes: six },
  }

  test('reads tensors, views of storages and strides, and leaves integers out', async () => {
    expect(await readAll(await open(torchLegacy(state, storages)))).toEqual({
      a: { shape: [3, 2], data: [0, 3, 1, 4, 2, 5] },
      b: { shape: [2], data: [3, 4] },
    })
  })

  test('refuses a file that is cut off anywhere', async () => {
    const file = torchLegacy(state, storages)
    for (let end = 0; end < file.length; end++) await failure(open(file.subarray(0, end)), 'DAMAGED_FILE')
  })

  test.each([
    ['a storage of another size', torchLegacy(state, { ...storages, 11: { elements: 5, bytes: six } })],
    ['a storage that is not listed', torchLegacy(state, { 22: storages[22], 11: storages[11] })],
    ['a storage that no tensor uses', torchLegacy(state, { ...storages, 44: storages[22] })],
    [
      'a view outside of its storage',
      torchLegacy(stateDict({ a: { elements: 6, shape: [1], strides: [1], view: [4, 3] } }), { 0: { elements: 6, bytes: six } }),
    ],
    [
      'a tensor outside of its view',
      torchLegacy(stateDict({ a: { elements: 6, shape: [3], strides: [1], view: [2, 2] } }), { 0: { elements: 6, bytes: six } }),
    ],
  ])('refuses %s as damaged', async (_, file) => {
    await failure(open(file), 'DAMAGED_FILE')
  })

  test('refuses big-endian files, and pickles not written by torch', async () => {
    const big = concat(legacyMagic, proto, int(1001), stop, proto, dict(text('little_endian'), Uint8Array.of(0x89)), stop)
    expect((await failure(open(big), 'UNSUPPORTED')).details).toMatchObject({ field: 'byteorder' })
    expect((await failure(open(concat(proto, int(1), stop)), 'UNSUPPORTED')).details).toMatchObject({ expected: 'a torch file' })
  })
})

describe('openTorch', () => {
  test('ends with a checkpoint or a Specter2Error for any change of a file', async () => {
    const pickle = stateDict({ a: { elements: 6, shape: [3, 2], strides: [1, 3] }, b: { elements: 6, shape: [2], strides: [1] } })
    const files = [
      torchZip(pickle, { 0: six }),
      torchLegacy(pickle, { 0: { elements: 6, bytes: six } }),
      zip([{ name: 'x/data.pkl', bytes: pickle, zip64: true }], { zip64: true }),
    ]
    const edit = fc.record({
      at: fc.nat(10_000),
      value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0xff), fc.integer({ min: 0, max: 255 })),
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }), (file, edits) => {
        const changed = file.slice()
        for (const { at, value } of edits) changed[at % changed.length] = value
        return toleratesAnything(async () => readAll(await open(changed)))
      }),
      { numRuns: 1500 },
    )
  })
})
