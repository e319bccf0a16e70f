import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { adapterTensors, isAdapterTensors, readAdapter, readAdapterTensors } from './adapter-checkpoint.js'
import { bytesSource } from './byte-source.js'
import { openCheckpoint } from './open-checkpoint.js'
import { openSafetensors, type TensorData, writeSafetensors } from './safetensors.js'

const fixture = new URL('../../../testing/fixtures/specter2-tiny/adapters/', import.meta.url)
const base = { hiddenSize: 3, layers: 2 }

const source = (tensors: readonly TensorData[]) => bytesSource('adapter.bin', writeSafetensors(tensors))

/** One layer, 3 wide with a bottleneck of 2, in torch's layout. */
function published(layer: number, name = '[PRX]', prefix = 'bert.encoder.'): TensorData[] {
  const key = `${prefix}layer.${layer}.output.adapters.${name}.adapter_`
  return [
    { name: `${key}down.0.weight`, shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: `${key}down.0.bias`, shape: [2], data: Float32Array.of(7, 8) },
    { name: `${key}up.weight`, shape: [3, 2], data: Float32Array.of(10, 20, 30, 40, 50, 60) },
    { name: `${key}up.bias`, shape: [3], data: Float32Array.of(layer, 1, 2) },
  ]
}

const both = [...published(0), ...published(1)]
/** What differs between the library's defaults of a configuration and of `SeqBnConfig`. */
const seqBn = { original_ln_before: true }
const read = (config: unknown, tensors: readonly TensorData[] = both) => readAdapter({ config, weights: source(tensors) }, base)

const expectedLayer = (layer: number) => ({
  down: { weight: Float32Array.of(1, 4, 2, 5, 3, 6), bias: Float32Array.of(7, 8) },
  up: { weight: Float32Array.of(10, 30, 50, 20, 40, 60), bias: Float32Array.of(layer, 1, 2) },
  bottleneck: 2,
})

describe('readAdapter', () => {
  test('transposes the weights to the layout of the graph, [inputs, outputs]', async () => {
    const expected = { name: '[PRX]', layers: [expectedLayer(0), expectedLayer(1)] }
    expect(await read(undefined)).toEqual(expected)
    expect(await read({ config: seqBn, hidden_size: 3 })).toEqual(expected)
  })

  test.each(['proximity', 'adhoc_query', 'classification', 'regression'])('reads the published adapter %s', async (folder) => {
    const weights = bytesSource('pytorch_adapter.bin', await readFile(new URL(`${folder}/pytorch_adapter.bin`, fixture)))
    const config = JSON.parse(await readFile(new URL(`${folder}/adapter_config.json`, fixture), 'utf8'))
    const adapter = await readAdapter({ config, weights }, { hiddenSize: 64, layers: 3 })
    expect(adapter.name).toBe(config.name)
    expect(adapter.layers.map(({ bottleneck }) => bottleneck)).toEqual([4, 4, 4])
    const original = await openCheckpoint(weights)
    const key = `bert.encoder.layer.1.output.adapters.${config.name}.adapter_`
    const down = await original.get(`${key}down.0.weight`)!.read()
    const up = await original.get(`${key}up.weight`)!.read()
    for (let hidden = 0; hidden < 64; hidden++) {
      for (let inner = 0; inner < 4; inner++) {
        expect(adapter.layers[1]!.down.weight[hidden * 4 + inner]).toBe(down[inner * 64 + hidden])
        expect(adapter.layers[1]!.up.weight[inner * 64 + hidden]).toBe(up[hidden * 4 + inner])
      }
    }
    expect(adapter.layers[1]!.up.bias).toEqual(await original.get(`${key}up.bias`)!.read())
  })

  test.each([
    ['dots and brackets', 'my.adapter [v1.0]', 'bert.encoder.'],
    ['what looks like a layer', 'layer.7.output.adapters.x', 'bert.encoder.'],
    ['no prefix', 'x', ''],
    ['another prefix', 'x', 'model.module.encoder.'],
  ])('finds tensors with %s in their names', async (_, name, prefix) => {
    const adapter = await read(undefined, [...published(0, name, prefix), ...published(1, name, prefix)])
    expect(adapter).toEqual({ name, layers: [expectedLayer(0), expectedLayer(1)] })
  })

  test("reads the key names of the library's first version", async () => {
    const old = both.map((tensor) => ({ ...tensor, name: tensor.name.replace('.adapters.', '.layer_text_task_adapters.') }))
    expect((await read(undefined, old)).layers).toEqual([expectedLayer(0), expectedLayer(1)])
  })

  test("prefers the configuration's name", async () => {
    expect((await read({ name: 'proximity', config: seqBn })).name).toBe('proximity')
  })

  test('multiplies the scaling into the up projection only', async () => {
    const { layers } = await read({ config: { ...seqBn, scaling: 0.5 } })
    expect(layers[1]).toEqual({
      ...expectedLayer(1),
      up: { weight: Float32Array.of(5, 15, 25, 10, 20, 30), bias: Float32Array.of(0.5, 0.5, 1) },
    })
  })

  test('replaces layers that are left out by zeros with a bottleneck of 1', async () => {
    const { layers } = await read({ config: { ...seqBn, leave_out: [0] } }, published(1))
    const zeros = new Float32Array(3)
    const expected = { down: { weight: zeros, bias: new Float32Array(1) }, up: { weight: zeros, bias: zeros }, bottleneck: 1 }
    expect(layers).toEqual([expected, expectedLayer(1)])
  })

  test.each(['pfeiffer', 'seq_bn'])('accepts the configuration named %s', async (config) => {
    expect((await read({ config })).layers).toHaveLength(2)
  })

  test.each([
    ['everything the graph does', { mh_adapter: false, output_adapter: true, residual_before_ln: true, inv_adapter: null }],
    ['a non-linearity in capitals', { non_linearity: 'ReLU' }],
    ['what only matters in training', { dropout: 0.1, init_weights: 'mam_adapter', phm_dim: 8 }],
    ['a separate reduction for a layer', { reduction_factor: { 1: 1.5, default: 1.4 } }],
  ])('accepts a configuration with %s', async (_, config) => {
    expect((await read({ config: { ...seqBn, ...config } })).layers).toHaveLength(2)
  })

  test('refuses a configuration that leaves out original_ln_before, which the library then reads as false', async () => {
    for (const config of [{ config: { original_ln_after: true } }, { config: {} }, { original_ln_after: true }, {}]) {
      const error = await failure(read(config), 'UNSUPPORTED')
      expect(error.details).toEqual({
        file: 'adapter_config.json',
        field: 'original_ln_before',
        actual: 'false',
        expected: 'true',
      })
    }
    expect((await read({ config: seqBn })).layers).toHaveLength(2)
    expect((await read(seqBn)).layers).toHaveLength(2)
  })

  test.each<[string, unknown, string]>([
    ['mh_adapter', true, 'false'],
    ['output_adapter', false, 'true'],
    ['ln_before', true, 'false'],
    ['ln_after', true, 'false'],
    ['is_parallel', true, 'false'],
    ['original_ln_before', false, 'true'],
    ['original_ln_after', false, 'true'],
    ['residual_before_ln', 'post_add', 'true'],
    ['adapter_residual_before_ln', true, 'false'],
    ['inv_adapter', 'nice', 'null'],
    ['invertible_adapter', { block_type: 'nice' }, 'null'],
    ['cross_adapter', true, 'false'],
    ['phm_layer', true, 'false'],
    ['use_gating', true, 'false'],
    ['non_linearity', 'gelu', '"relu"'],
    ['scaling', 'learned', 'a number'],
    ['leave_out', '0', 'a list of layers'],
    ['reduction_factor', 0, 'a number above 0'],
    ['architecture', 'lora', 'a bottleneck adapter'],
    ['architecture', 'prefix_tuning', 'a bottleneck adapter'],
  ])('refuses %s: %j by name', async (field, value, supported) => {
    const error = await failure(read({ config: { ...seqBn, [field]: value } }), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ field, expected: supported })
    // A configuration file may also hold the fields directly.
    expect((await failure(read({ ...seqBn, [field]: value }), 'UNSUPPORTED')).details).toMatchObject({ field })
  })

  test.each(['double_seq_bn', 'houlsby', 'par_bn', 'seq_bn_inv', 'lora', 'seq_bn[reduction_factor=8]', 3, null])(
    'refuses the configuration named %s',
    async (config) => {
      const error = await failure(read({ config }), 'UNSUPPORTED')
      expect(error.details).toMatchObject({ field: 'config', actual: JSON.stringify(config) })
    },
  )

  test.each([null, [], 'seq_bn', 7])('refuses %j for a configuration file', async (config) => {
    await failure(read(config), 'INVALID_MODEL')
  })

  test('refuses an adapter for another base, naming both sizes', async () => {
    const byConfig = await failure(read({ hidden_size: 768, config: {} }), 'UNSUPPORTED')
    expect(byConfig.details).toMatchObject({ field: 'hidden_size', actual: '768', expected: expect.stringMatching(/^3\b/) })
    const bytes = source(both)
    const byShape = await failure(
      readAdapter({ config: undefined, weights: bytes }, { hiddenSize: 768, layers: 2 }),
      'UNSUPPORTED',
    )
    expect(byShape.details).toMatchObject({ field: 'hidden_size', actual: 3, expected: 768 })
    const byLayers = await failure(
      readAdapter({ config: undefined, weights: bytes }, { hiddenSize: 3, layers: 1 }),
      'UNSUPPORTED',
    )
    expect(byLayers.details).toMatchObject({ field: 'layers', actual: 1, expected: 1 })
    const more = await failure(readAdapter({ config: undefined, weights: bytes }, { hiddenSize: 3, layers: 3 }), 'INVALID_MODEL')
    expect(more.details).toMatchObject({ layer: 2 })
  })

  test.each([
    ['bert.encoder.layer.0.attention.output.adapters.x.adapter_down.0.weight', 'mh_adapter'],
    ['bert.encoder.layer.0.attention.output.attention_text_task_adapters.x.adapter_up.bias', 'mh_adapter'],
    ['bert.invertible_adapters.x.F.0.weight', 'inv_adapter'],
    ['bert.encoder.layer.0.output.adapters.x.adapter_norm_before.weight', 'ln_before'],
    ['bert.encoder.layer.0.output.adapters.x.adapter_norm_after.weight', 'ln_after'],
    ['bert.encoder.layer.0.output.adapters.x.gate.weight', 'use_gating'],
    ['bert.encoder.layer.0.output.adapters.x.scaling', 'scaling'],
    ['bert.encoder.layer.0.output.adapters.x.adapter_down.0.W_left', 'phm_layer'],
    ['bert.encoder.layer.0.attention.self.query.loras.x.lora_A', 'LoRA'],
    ['bert.encoder.layer.0.attention.self.prefix_tuning.prefix_gates.x.weight', 'prefix tuning'],
    ['bert.prefix_tuning.prefix_tunings.x.control_trans.0.weight', 'prefix tuning'],
    ['bert.encoder.layer.0.output.refts.x.units.0.weight', 'ReFT'],
    ['embeddings.word_embeddings.weight', 'unknown'],
  ])('refuses the tensor %s and names what it belongs to', async (name, field) => {
    const other = { name, shape: [1], data: Float32Array.of(1) }
    expect((await failure(read(undefined, [...both, other]), 'UNSUPPORTED')).details).toMatchObject({ field, tensor: name })
  })

  test('refuses a hostile key quickly', async () => {
    const name = `${'.attention.'.repeat(5000)}adapters`
    await failure(read(undefined, [{ name, shape: [1], data: Float32Array.of(1) }]), 'UNSUPPORTED')
  })

  test('refuses a file with two adapters and names them', async () => {
    const error = await failure(read(undefined, [...published(0), ...published(1, '[QRY]')]), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ field: 'name', names: ['[PRX]', '[QRY]'] })
  })

  test('refuses tensors that are missing, duplicated, misshapen, or contradict the configuration', async () => {
    const without = both.filter(({ name }) => !name.includes('layer.1.output.adapters.[PRX].adapter_up'))
    expect((await failure(read(undefined, without), 'INVALID_MODEL')).details).toMatchObject({
      layer: 1,
      missing: ['up.weight', 'up.bias'],
    })
    const twice = [...both, ...published(1, '[PRX]', 'other.')]
    expect((await failure(read(undefined, twice), 'INVALID_MODEL')).details).toMatchObject({ layer: 1, part: 'down.bias' })
    const misshapen = both.map((tensor) =>
      tensor.name.includes('1.output.adapters.[PRX].adapter_up.weight') ? { ...tensor, shape: [2, 3] } : tensor,
    )
    expect((await failure(read(undefined, misshapen), 'INVALID_MODEL')).details).toMatchObject({ actual: '2,3', expected: '3,2' })
    const leftOut = await failure(read({ config: { ...seqBn, leave_out: [0] } }), 'INVALID_MODEL')
    expect(leftOut.details).toMatchObject({ layer: 0, field: 'leave_out' })
    const reduced = await failure(read({ config: { ...seqBn, reduction_factor: 3 } }), 'INVALID_MODEL')
    expect(reduced.details).toMatchObject({ layer: 0, field: 'reduction_factor', actual: 2, expected: 1 })
  })
})

describe('adapterTensors and readAdapterTensors', () => {
  test('write and read back the same adapter', async () => {
    const adapter = await read({ config: { ...seqBn, leave_out: [0] } }, published(1))
    const tensors = adapterTensors(adapter)
    expect(tensors.map(({ name, shape }) => `${name} [${shape}]`)).toEqual([
      'adapter.0.down.weight [3,1]',
      'adapter.0.down.bias [1]',
      'adapter.0.up.weight [1,3]',
      'adapter.0.up.bias [3]',
      'adapter.1.down.weight [3,2]',
      'adapter.1.down.bias [2]',
      'adapter.1.up.weight [2,3]',
      'adapter.1.up.bias [3]',
    ])
    const file = source(tensors)
    expect(isAdapterTensors(await openSafetensors(file))).toBe(true)
    expect(await readAdapterTensors(file)).toEqual({ ...adapter, name: null })
  })

  test('distinguish the two layouts', async () => {
    expect(isAdapterTensors(await openSafetensors(source(both)))).toBe(false)
    expect(isAdapterTensors(new Map())).toBe(false)
    await failure(readAdapterTensors(source(both)), 'INVALID_MODEL')
  })

  test('refuse gaps and shapes that disagree', async () => {
    const tensors = adapterTensors(await read(undefined))
    const gap = tensors.filter(({ name }) => !name.startsWith('adapter.0.'))
    expect((await failure(readAdapterTensors(source(gap)), 'INVALID_MODEL')).details.tensor).toMatch(/^adapter\.0/)
    const partial = tensors.filter(({ name }) => name !== 'adapter.1.up.bias')
    expect((await failure(readAdapterTensors(source(partial)), 'INVALID_MODEL')).details.tensor).toBe('adapter.1.up.bias')
    const shaped = tensors.map((tensor) => (tensor.name === 'adapter.1.up.weight' ? { ...tensor, shape: [3, 2] } : tensor))
    expect((await failure(readAdapterTensors(source(shaped)), 'INVALID_MODEL')).details).toMatchObject({
      actual: '3,2',
      expected: '2,3',
    })
  })
})
