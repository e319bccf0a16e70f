import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Bytes,
  configOf,
  cosine,
  encoderWeights,
  largestDifference,
  MemorySink,
  memoryFolder,
  onnxBytes,
  publishedAdapter,
  publishedFiles,
  randomTensors,
  smallShape,
} from '../../../testing/models.js'
import { plainVector } from '../../../testing/plain-encoder.js'
import { CALIBRATION_PAPERS, CALIBRATION_QUERIES } from '../../core/calibration-texts.js'
import { readAdapterTensors } from '../../core/checkpoint/adapter-checkpoint.js'
import { bytesSource } from '../../core/checkpoint/byte-source.js'
import { type ConvertInput, convertModel } from '../../core/converter/convert.js'
import { buildEncoderGraph, type EncoderGraphOptions, type EncoderShape } from '../../core/converter/encoder-graph.js'
import { fp16Form, fp32Form, q4Form, q8Form } from '../../core/converter/linear-forms.js'
import { nearest } from '../../core/converter/rounding.js'
import { graphFiles, type Manifest, parseManifest } from '../../core/model-folder/manifest.js'
import type { Dtype } from '../../core/types.js'
import { defaultModelFolder, runtimeFolder } from '../../node/paths.js'
import { Engine } from '../engine.js'
import { createGraphRuntime } from '../graph-runtime.js'
import { loadModel } from '../load-model.js'
import type { CodedDense, CodedEncoder } from './coded-weights.js'
import { readEncoder } from './read-encoder.js'

interface Folder {
  manifest: Manifest
  file: (path: string) => Promise<Bytes>
}

const runtime = createGraphRuntime({ runtime: runtimeFolder(), threads: 1 })
const onTransformers = { engine: 'transformers', transformers: async () => ({ loadModel }) } as const
const parsed = (bytes: Bytes) => JSON.parse(new TextDecoder().decode(bytes)) as object

async function convert(input: Omit<ConvertInput, 'sink' | 'runtime'>): Promise<Folder> {
  const sink = new MemorySink()
  return { manifest: await convertModel({ ...input, sink, runtime }), file: (path) => sink.read(path) }
}

async function read({ manifest, file }: Folder, dtype: Dtype): Promise<CodedEncoder> {
  const [graph, data] = graphFiles(manifest, dtype, 'wasm') as [string, string?]
  const config = parsed(await file('config.json'))
  const result = readEncoder(await file(graph), data === undefined ? null : await file(data), config, manifest)
  expect(result).not.toHaveProperty('reason')
  return (result as { encoder: CodedEncoder }).encoder
}

/** The smallest cosine of the plain pass and the runtime over texts and adapters, and the largest relative difference in length. */
async function agreement(folder: Folder, dtype: Dtype, texts = TEXTS) {
  const encoder = await read(folder, dtype)
  const engine = await Engine.load(folder, { dtype, device: 'wasm', threads: 1, runtime: runtimeFolder(), ...onTransformers })
  let [least, length] = [1, 0]
  for (const adapter of engine.adapters) {
    const path = folder.manifest.adapters[adapter]?.half
    const weights = path ? await readAdapterTensors(bytesSource(path, await folder.file(path))) : null
    for (const text of texts) {
      const tokens = engine.tokenizePaper(text)
      const expected = await engine.embed(tokens, adapter)
      const vector = plainVector(encoder, tokens.ids, weights?.layers)
      least = Math.min(least, cosine(vector, expected))
      if (!folder.manifest.normalized) length = Math.max(length, Math.abs(Math.hypot(...vector) / Math.hypot(...expected) - 1))
    }
  }
  await engine.dispose()
  return { least, length, adapters: engine.adapters }
}

const TEXTS = [
  'a',
  'Soil temperature and the growth of alpine plants',
  'We learn vectors of papers from their titles and abstracts, so that papers citing each other lie close together.',
]
const SMALL_TEXTS = ['ba', 'ba ca da', 'ea fa ga ha ia ja ka la ma na oa pa qa ra sa ta ua va wa xa ya za']
const calibration = {
  texts: { papers: CALIBRATION_PAPERS.slice(0, 12), queries: CALIBRATION_QUERIES.slice(0, 6) },
  errorFeedback: false,
}

describe('an encoder that was read computes what the runtime computes from the same files', () => {
  test.each<[string, Partial<EncoderShape>, Partial<ConvertInput>]>([
    ['GELU, first token, adapters', {}, {}],
    ['GELU, mean, smoothed', {}, { pooling: 'mean', normalized: true, adapters: new Map(), calibration }],
    ['GELU, first token, adapters, smoothed', {}, { calibration }],
    ['tanh form, mean, adapters', { activation: 'gelu_tanh' }, { pooling: 'mean' }],
    ['ReLU, first token', { activation: 'relu', layers: 3 }, { pooling: 'cls', adapters: new Map() }],
    ['one layer, one head, a large epsilon', { layers: 1, heads: 1, layerNormEpsilon: 0.1 }, {}],
  ])('%s', async (_, change, options) => {
    const shape = { ...smallShape, ...change }
    const adapters = new Map(['one', 'two'].map((name, index) => [name, memoryFolder(name, publishedAdapter(shape, 4, index))]))
    const folder = await convert({
      base: memoryFolder('small', publishedFiles(shape)),
      adapters,
      dtypes: ['q8', 'q4'],
      ...options,
    })
    for (const dtype of ['q8', 'q4'] as const) {
      const { least, length } = await agreement(folder, dtype, SMALL_TEXTS)
      expect(least).toBeGreaterThan(0.9998)
      expect(length).toBeLessThan(0.002)
    }
  })

  test.each([null, calibration])('the fixture with its adapters, calibration: %#', async (calibration) => {
    const fixture = new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url)
    const files = async (folder: string, names: readonly string[]) =>
      memoryFolder(
        folder,
        Object.fromEntries(
          await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(new URL(folder + name, fixture)))])),
        ),
      )
    const base = await files('', ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])
    const adapters = new Map([['proximity', await files('adapters/proximity/', ['adapter_config.json', 'pytorch_adapter.bin'])]])
    const folder = await convert({ base, adapters, dtypes: ['q8', 'q4', 'q4f16'], calibration })
    for (const dtype of ['q8', 'q4', 'q4f16'] as const) {
      const { least, length, adapters } = await agreement(folder, dtype)
      expect(adapters).toEqual(['base', 'proximity'])
      expect(least).toBeGreaterThan(0.9998)
      expect(length).toBeLessThan(0.002)
    }
  })

  test.each(['q8', 'q4'] as const)(
    'the default model in %s',
    async (dtype) => {
      const file = async (path: string) => new Uint8Array(await readFile(`${defaultModelFolder()}/${path}`))
      const manifest = parseManifest(new TextDecoder().decode(await file('manifest.json')), 'manifest.json')
      const folder = { manifest, file }
      const { least, adapters } = await agreement(folder, dtype, TEXTS.slice(2))
      expect(adapters).toEqual(['base', 'adhoc_query'])
      expect(least).toBeGreaterThan(0.999)
      // Without the rounding of activations, it is nearer to the vectors in fp32 than the runtime is.
      const encoder = await read(folder, dtype)
      const engine = await Engine.load(folder, { dtype, device: 'wasm', threads: 1, runtime: runtimeFolder(), ...onTransformers })
      const { texts, vectors } = manifest.selfTest
      for (const [index, text] of texts.entries()) {
        const tokens = engine.tokenizePaper(text)
        const exact = vectors.base![index]!
        const [plain, rounded] = [plainVector(encoder, tokens.ids), await engine.embed(tokens, 'base')]
        expect(cosine(plain, exact)).toBeGreaterThan(cosine(rounded, exact))
      }
      await engine.dispose()
    },
    120_000,
  )
})

describe('weights that were read', () => {
  const tensors = randomTensors(smallShape, 1)
  const values = (name: string) => tensors.find((tensor) => tensor.name === name)!.data
  const { hidden, heads, intermediate } = smallShape
  let folder: Folder

  beforeAll(async () => {
    folder = await convert({
      base: memoryFolder('small', publishedFiles()),
      adapters: new Map(),
      pooling: 'cls',
      dtypes: ['q8', 'q4'],
    })
  })

  /** Largest error of the weights, in scales of their columns, and of the biases. */
  function errors(dense: CodedDense, name: string, factor = 1) {
    const weight = values(`${name}.weight`)
    let largest = 0
    for (let input = 0; input < dense.inputs; input++)
      for (let output = 0; output < dense.outputs; output++) {
        const code = dense.codes[input * dense.stride + output]!
        const exact = weight[output * dense.inputs + input]! * factor
        largest = Math.max(largest, Math.abs(code - exact / dense.scales[output]!))
      }
    const bias = largestDifference(
      dense.bias,
      values(`${name}.bias`).map((value) => value * factor),
    )
    return { weight: largest, bias }
  }

  test.each([
    // Half a step. In 4 bits a step is an eighth of a block's largest value, and that may be cut by a fifth.
    ['q8', 0.501],
    ['q4', 30],
  ] as const)('are those of the checkpoint, rounded, and the biases its own: %s', async (dtype, bar) => {
    const { layers, norm, words, shape } = await read(folder, dtype)
    expect(shape).toMatchObject(smallShape)
    expect(norm.weight).toEqual(values('embeddings.LayerNorm.weight'))
    expect(words.codes).toHaveLength(smallShape.vocabulary * hidden)
    for (const [index, layer] of layers.entries()) {
      const name = `encoder.layer.${index}`
      const parts: [CodedDense, string, number?][] = [
        [layer.query, 'attention.self.query', (hidden / heads) ** -0.5],
        [layer.key, 'attention.self.key'],
        [layer.value, 'attention.self.value'],
        [layer.output, 'attention.output.dense'],
        [layer.up, 'intermediate.dense'],
        [layer.down, 'output.dense'],
      ]
      for (const [dense, part, factor] of parts) {
        const { weight, bias } = errors(dense, `${name}.${part}`, factor)
        expect({ part, weight: weight <= bar, bias: bias < 1e-6 }).toEqual({ part, weight: true, bias: true })
      }
      expect([layer.up.outputs, layer.down.inputs]).toEqual([intermediate, intermediate])
      expect(layer.attentionNorm.bias).toEqual(values(`${name}.attention.output.LayerNorm.bias`))
      expect(layer.outputNorm.bias).toEqual(values(`${name}.output.LayerNorm.bias`))
    }
  })

  test('are views of the graph in 8 bits: queries, keys and values lie side by side', async () => {
    const graph = await folder.file('onnx/model_quantized.onnx')
    const [first, last] = (await read(folder, 'q8')).layers
    for (const { codes } of [first!.query, first!.key, first!.value, first!.down, last!.query, last!.value])
      expect(codes.buffer).toBe(graph.buffer)
    expect([first!.query, first!.key, first!.value].map(({ stride }) => stride)).toEqual(Array(3).fill(3 * hidden))
    expect([last!.query, last!.key, last!.value].map(({ stride }) => stride)).toEqual([hidden, 2 * hidden, 2 * hidden])
    expect(first!.value.codes.byteOffset - first!.query.codes.byteOffset).toBe(2 * hidden)
  })
})

describe('a graph that is not one of ours in 8 or 4 bits gives a reason', () => {
  const shape = smallShape
  const weights = encoderWeights(randomTensors(shape, 1))
  const usual: EncoderGraphOptions = { shape, weights, form: q8Form(nearest), pooling: 'mean', adapters: false }
  const reasonOf = async (graph: Partial<EncoderGraphOptions>, config: object = configOf(shape), manifest = {}) => {
    const bytes = await onnxBytes(buildEncoderGraph({ ...usual, ...graph }))
    const result = readEncoder(bytes, null, config, { id: 'small', pooling: 'mean', ...manifest })
    return 'reason' in result ? result.reason : null
  }
  const config = (change: Partial<EncoderShape>) => configOf({ ...shape, ...change })

  test('none, if it is', async () => expect(await reasonOf({})).toBeNull())

  test.each<[string, RegExp, Partial<EncoderGraphOptions>, (object | undefined)?, object?]>([
    ['fp32', /fp32/, { form: fp32Form }],
    ['fp16', /fp16/, { form: fp16Form }],
    ['4 bits for WebGPU', /WebGPU/, { form: q4Form(nearest, 'float32') }],
    ['other pooling', /lacks encoder\.layer\.1\.attention\.self\.query\./, {}, undefined, { pooling: 'cls' }],
    [
      'first token, computed for all',
      /lacks encoder\.layer\.1\.attention\.self\.query\./,
      { pooling: 'cls', wholeLastLayer: true },
      undefined,
      { pooling: 'cls' },
    ],
    ['all tokens', /lacks int64s:2/, { pooling: 'none' }],
    ['other model type', /model_type/, {}, { ...configOf(shape), model_type: 'roberta' }],
    ['no sizes', /hidden_size/, {}, { model_type: 'bert', hidden_act: 'gelu' }],
    ['more layers', /lacks encoder\.layer\.2/, {}, config({ layers: 3 })],
    ['2^50 layers', /lacks encoder\.layer\.\d+/, {}, config({ layers: 2 ** 50 })],
    ['fewer layers', /operators|operator \d+/, {}, config({ layers: 1 })],
    ['other heads', /lacks int64s:0,0,8,4/, {}, config({ heads: 8 })],
    ['other width', /word_embeddings.*\[50,32\] instead of \[50,64\]/, {}, config({ hidden: 64 })],
    ['other vocabulary', /word_embeddings.*\[50,32\] instead of \[51,32\]/, {}, config({ vocabulary: 51 })],
    ['other positions', /position_embeddings/, {}, config({ positions: 41 })],
    ['other inner width', /intermediate/, {}, config({ intermediate: 128 })],
    ['other activation', /operator|float32:/, {}, config({ activation: 'relu' })],
    ['another form of GELU', /operator|float32:/, {}, config({ activation: 'gelu_tanh' })],
    ['other epsilon', /operator \d+/, {}, config({ layerNormEpsilon: 1e-5 })],
  ])('%s', async (_, reason, graph, config, manifest) => {
    expect(await reasonOf(graph, config, manifest)).toMatch(reason)
  })
})
