import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  concat,
  failure,
  float32,
  readAll,
  stateDict,
  toleratesAnything,
  torchLegacy,
  torchZip,
} from '../../../testing/checkpoints.js'
import { blobSource, bytesSource } from './byte-source.js'
import { openCheckpoint } from './open-checkpoint.js'
import { writeSafetensors } from './safetensors.js'

const pickle = stateDict({ a: { elements: 2, shape: [2], strides: [1] } })
const data = float32(1, 2)
const open = (bytes: Uint8Array | string) =>
  openCheckpoint(bytesSource('weights.bin', typeof bytes === 'string' ? ascii(bytes) : bytes))

describe('openCheckpoint', () => {
  test.each([
    ['safetensors', writeSafetensors([{ name: 'a', shape: [2], data: Float32Array.of(1, 2) }])],
    ["torch's zip format", torchZip(pickle, { 0: data })],
    ["torch's format before 1.6", torchLegacy(pickle, { 0: { elements: 2, bytes: data } })],
  ])('recognises %s by its bytes, under any name', async (_, bytes) => {
    const expected = { a: { shape: [2], data: [1, 2] } }
    expect(await readAll(await open(bytes))).toEqual(expected)
    expect(await readAll(await openCheckpoint(blobSource('weights', new Blob([bytes]))))).toEqual(expected)
  })

  test.each([0x80, 0x4b50])(
    "does not mistake a safetensors header of %i bytes for another format's magic number",
    async (headerBytes) => {
      const header = (text: string) =>
        JSON.stringify({ __metadata__: { text }, a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } })
      const padded = header(' '.repeat(headerBytes - header('').length))
      const length = new Uint8Array(new BigUint64Array([BigInt(headerBytes)]).buffer)
      expect(await readAll(await open(concat(length, ascii(padded), float32(7))))).toEqual({ a: { shape: [1], data: [7] } })
    },
  )

  test.each([
    ['an empty file', '', { found: 'nothing' }],
    [
      'a git-lfs pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 440000000\n',
      { found: 'git-lfs pointer' },
    ],
    ['an HTML page', '\n<!DOCTYPE html><html><body>Not found</body></html>', { found: 'html' }],
    ['an HTML page with a byte order mark', '\ufeff<html>', { found: 'html' }],
    ['the beginning of a zip archive', 'PK\x03\x04', { actual: 4 }],
    ['the beginning of a pickle', concat([0x80, 2]), { byte: 2 }],
    ['a few bytes', 'abc', { actual: 3 }],
    ['the beginning of a safetensors file', concat([99, 0, 0, 0, 0, 0, 0, 0], ascii('{"a"')), { expected: 107, actual: 12 }],
  ])('refuses %s as damaged', async (_, bytes, details) => {
    const error = await failure(open(bytes), 'DAMAGED_FILE')
    expect(error.details).toMatchObject({ file: 'weights.bin', ...details })
  })

  test.each([
    ['an HDF5 file', concat([0x89], ascii('HDF\r\n\x1a\n')), 'an HDF5 file (TensorFlow)'],
    ['a GGUF file', 'GGUF\x03\0\0\0{', 'a GGUF file'],
    ['zeros', new Uint8Array(100), '00 00 00 00 00 00 00 00'],
    ['JSON', '{"error": "Entry not found"}', '7b 22 65 72 72 6f 72 22'],
  ])('refuses %s and says what it found', async (_, bytes, found) => {
    expect((await failure(open(bytes), 'UNSUPPORTED')).details).toMatchObject({ found })
  })

  test('rejects with the error of the source itself', async () => {
    const failed = new Error('disk')
    const source = { name: 'a', byteLength: 100, read: () => Promise.reject(failed) }
    await expect(openCheckpoint(source)).rejects.toBe(failed)
  })

  test('refuses a source that returns fewer bytes than its length', async () => {
    const source = { ...bytesSource('a', concat([0x80, 2])), byteLength: 100 }
    expect((await failure(openCheckpoint(source), 'DAMAGED_FILE')).details).toMatchObject({ expected: 64, actual: 2 })
  })

  test('ends with a checkpoint or a Specter2Error for any bytes', async () => {
    const start = fc.constantFrom(ascii(''), ascii('PK\x03\x04'), concat([0x80, 2]), concat([4, 0, 0, 0, 0, 0, 0, 0], ascii('{')))
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), (start, rest) =>
        toleratesAnything(async () => readAll(await open(concat(start, rest)))),
      ),
      { numRuns: 500 },
    )
  })
})
