import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { json, memoryFolder } from '../../../testing/models.js'
import { openBaseWeights, weightFiles } from './base-weights.js'
import { writeSafetensors } from './safetensors.js'

const shard = (...names: string[]) =>
  writeSafetensors(names.map((name, index) => ({ name, shape: [1], data: new Float32Array([index + 1]) })))
const INDEX = 'model.safetensors.index.json'
const index = (map: unknown) => json({ metadata: { total_size: 8 }, weight_map: map })
const open = (files: Record<string, Uint8Array>) => openBaseWeights(memoryFolder('m', files))

describe('weights in shards', () => {
  const map = { a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-2.safetensors' }

  test('are one checkpoint, each tensor from the shard that the index names', async () => {
    const files = { [INDEX]: index(map), 'model-1.safetensors': shard('a', 'b'), 'model-2.safetensors': shard('x', 'b', 'c') }
    const { file, checkpoint } = await open(files)
    expect(file).toBe(INDEX)
    expect([...checkpoint.keys()].sort()).toEqual(['a', 'b', 'c'])
    expect(await checkpoint.get('b')!.read()).toEqual(new Float32Array([2]))
    expect(await weightFiles(memoryFolder('m', files), INDEX)).toEqual([INDEX, 'model-1.safetensors', 'model-2.safetensors'])
  })

  test('are read after a whole safetensors file and before one of torch', async () => {
    const shards = { [INDEX]: index({ a: 'model-1.safetensors' }), 'model-1.safetensors': shard('a') }
    expect((await open({ ...shards, 'pytorch_model.bin': new Uint8Array(1) })).file).toBe(INDEX)
    expect((await open({ ...shards, 'model.safetensors': shard('whole') })).file).toBe('model.safetensors')
    const torch = { 'pytorch_model.bin.index.json': index({ a: 'pytorch_model-1.bin' }), 'pytorch_model-1.bin': shard('a') }
    expect([...(await open(torch)).checkpoint.keys()]).toEqual(['a'])
  })

  test('name the shard that is missing', async () => {
    const error = await failure(open({ [INDEX]: index(map), 'model-1.safetensors': shard('a') }), 'MODEL_NOT_FOUND')
    expect(error.details).toEqual({ folder: 'm', file: 'model-2.safetensors', index: INDEX })
  })

  test.each([
    ['no map', undefined, 'no files'],
    ['an empty map', {}, 'no files'],
    ['a path upwards', { a: '../model.safetensors' }, '"../model.safetensors"'],
    ['another file', { a: 'config.json' }, '"config.json"'],
    ['a number', { a: 7 }, '7'],
  ])('refuse an index with %s', async (_, map, actual) => {
    const error = await failure(open({ [INDEX]: index(map) }), 'DAMAGED_FILE')
    expect(error.details).toEqual({ file: INDEX, field: 'weight_map', actual })
  })
})

test('a folder without weights is refused with the names that were looked for', async () => {
  const error = await failure(open({}), 'MODEL_NOT_FOUND')
  expect(error.details.files).toEqual([
    'model.safetensors',
    'model.safetensors.index.json',
    'pytorch_model.bin',
    'pytorch_model.bin.index.json',
  ])
})
