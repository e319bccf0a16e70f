import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { concat, failure, proto, reduce, stop, text, torchZip } from '../../../testing/checkpoints.js'
import {
  configOf,
  cosine,
  json,
  largestDifference,
  MemorySink,
  memoryFolder,
  publishedAdapter,
  publishedFiles,
  randomTensors,
  smallShape,
  utf8,
} from '../../../testing/models.js'
import { Engine } from '../../engine/engine.js'
import { createGraphRuntime } from '../../engine/graph-runtime.js'
import { loadModel } from '../../engine/load-model.js'
import { runtimeFolder } from '../../node/paths.js'
import { CALIBRATION_PAPERS, CALIBRATION_QUERIES } from '../calibration-texts.js'
import type { PublishedFolder } from '../checkpoint/published-folder.js'
import { writeSafetensors } from '../checkpoint/safetensors.js'
import { type ErrorCode, InvalidArgumentError } from '../errors.js'
import { CHUNK_BYTES, type Manifest, parseManifest } from '../model-folder/manifest.js'
import type { AdapterName, Dtype } from '../types.js'
import { type ConvertInput, type ConvertProgress, convertModel } from './convert.js'

const fixture = new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url)
const read = async (path: string) => new Uint8Array(await readFile(new URL(path, fixture)))
const NAMES = ['proximity', 'adhoc_query', 'classification', 'regression'] as const
const URL_OF_TESTS = 'https://models.test/tiny/manifest.json'

async function fixtureBase(weights: 'model.safetensors' | 'pytorch_model.bin'): Promise<PublishedFolder> {
  const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights]
  return memoryFolder('specter2-tiny', Object.fromEntries(await Promise.all(files.map(async (file) => [file, await read(file)]))))
}

async function fixtureAdapters(): Promise<Map<AdapterName, PublishedFolder>> {
  const adapters = new Map<AdapterName, PublishedFolder>()
  for (const name of NAMES) {
    const files = ['adapter_config.json', 'pytorch_adapter.bin'] as const
    const entries = files.map(async (file) => [file, await read(`adapters/${name}/${file}`)] as const)
    adapters.set(name, memoryFolder(name, Object.fromEntries(await Promise.all(entries))))
  }
  return adapters
}

const runtime = createGraphRuntime({ runtime: runtimeFolder(), threads: 1 })
const onTransformers = {
  device: 'wasm',
  threads: 1,
  engine: 'transformers',
  runtime: runtimeFolder(),
  transformers: async () => ({ loadModel }),
} as const

async function convert(input: Omit<ConvertInput, 'sink' | 'runtime'>): Promise<MemorySink> {
  const sink = new MemorySink()
  await convertModel({ ...input, sink, runtime })
  return sink
}

const manifestOf = (sink: MemorySink): Manifest =>
  parseManifest(new TextDecoder().decode(sink.files.get('manifest.json')), URL_OF_TESTS)

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** For conversions that end before a graph is run. */
const neverRuns: ConvertInput['runtime'] = {
  open: () => Promise.reject(new Error('a graph was run')),
  tokenizer: runtime.tokenizer,
}

describe('the fixture, converted', () => {
  let sink: MemorySink
  const progress: ConvertProgress[] = []

  beforeAll(async () => {
    sink = new MemorySink()
    const base = await fixtureBase('model.safetensors')
    const onProgress = (step: ConvertProgress) => progress.push(step)
    await convertModel({ base, adapters: await fixtureAdapters(), sink, runtime, onProgress })
  })

  test('has the expected files', () => {
    expect([...sink.files.keys()]).toEqual([
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'NOTICE.md',
      ...NAMES.flatMap((name) => [`adapters/${name}.safetensors`, `adapters/${name}.f16.safetensors`]),
      'onnx/model.onnx',
      'onnx/model_quantized.onnx',
      // Written last: without it, no folder looks complete.
      'manifest.json',
    ])
  })

  test('has a valid manifest that describes the model', () => {
    const { files, selfTest, revision, ...manifest } = manifestOf(sink)
    expect(manifest).toEqual({
      formatVersion: 1,
      id: 'specter2-tiny',
      license: 'unknown',
      dimension: 64,
      layers: 3,
      maxTokens: 512,
      pooling: 'cls',
      normalized: false,
      metric: 'euclidean',
      templates: { paper: '{title}[SEP]{abstract}', query: '{query}', trim: false },
      dtypes: { fp32: { graph: 'onnx/model.onnx' }, q8: { graph: 'onnx/model_quantized.onnx' } },
      adapters: Object.fromEntries(
        NAMES.map((name) => [
          name,
          { file: `adapters/${name}.safetensors`, half: `adapters/${name}.f16.safetensors`, source: name },
        ]),
      ),
      defaultAdapter: 'proximity',
      queryAdapter: 'adhoc_query',
    })
    expect(revision).toMatch(/^[0-9a-f]{16}$/)
    expect(Object.keys(selfTest.vectors)).toEqual(['base', ...NAMES])
    expect(selfTest.texts).toHaveLength(2)
    expect(Object.keys(files)).toEqual([...sink.files.keys()].filter((path) => path !== 'manifest.json'))
  })

  test('has the hashes and sizes of the written bytes', () => {
    for (const [path, { bytes, chunks }] of Object.entries(manifestOf(sink).files)) {
      const file = sink.files.get(path)!
      expect(bytes).toBe(file.length)
      expect(chunks).toEqual([sha256(file)])
    }
  })

  test('reports each file in order and a growing number of bytes', () => {
    const steps = [...new Set(progress.map(({ step }) => step))]
    const written = [...sink.files.keys()].filter((path) => path !== 'manifest.json')
    // The self-test is by the fp32 graph, which is not written in every case.
    expect(steps).toEqual([...written.slice(0, -2), 'reference', 'self-test', ...written.slice(-2)])
    for (const [index, { bytes }] of progress.slice(1).entries()) expect(bytes).toBeGreaterThanOrEqual(progress[index]!.bytes)
    const total = Object.values(manifestOf(sink).files).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(progress.at(-1)).toEqual({ step: 'onnx/model_quantized.onnx', bytes: total })
  })

  test('has the same bytes when converted from pytorch_model.bin, and each time', async () => {
    for (const weights of ['pytorch_model.bin', 'model.safetensors'] as const) {
      const other = await convert({ base: await fixtureBase(weights), adapters: await fixtureAdapters() })
      expect([...other.files.keys()]).toEqual([...sink.files.keys()])
      for (const [path, bytes] of sink.files)
        expect({ path, hash: sha256(other.files.get(path)!) }).toEqual({ path, hash: sha256(bytes) })
    }
  })

  test('has no fp32 graph and does not list one if only q8 is requested; its self-test and revision are those of fp32', async () => {
    const base = await fixtureBase('model.safetensors')
    const q8 = await convert({ base, adapters: await fixtureAdapters(), dtypes: ['q8'] })
    expect([...q8.files.keys()]).toEqual([...sink.files.keys()].filter((path) => path !== 'onnx/model.onnx'))
    const manifest = manifestOf(q8)
    expect(manifest.dtypes).toEqual({ q8: { graph: 'onnx/model_quantized.onnx' } })
    expect(manifest.files['onnx/model.onnx']).toBeUndefined()
    expect(manifest.selfTest).toEqual(manifestOf(sink).selfTest)
    expect(manifest.revision).toBe(manifestOf(sink).revision)
    const fp32 = await convert({ base, adapters: await fixtureAdapters(), dtypes: ['fp32'] })
    expect(manifestOf(fp32).dtypes).toEqual({ fp32: { graph: 'onnx/model.onnx' } })
    expect(fp32.files.has('onnx/model_quantized.onnx')).toBe(false)
  })

  test('is closer to fp32 in 8 and 4 bits when calibrated, with the same bytes each time', async () => {
    const base = await fixtureBase('model.safetensors')
    const texts = { papers: CALIBRATION_PAPERS, queries: CALIBRATION_QUERIES }
    const calibrations = [null, { texts, errorFeedback: false }, { texts, errorFeedback: true }]
    const folders: MemorySink[] = []
    for (const calibration of [...calibrations, calibrations[2]])
      folders.push(await convert({ base, adapters: await fixtureAdapters(), dtypes: ['q8', 'q4'], calibration }))
    expect(folders[3]!.files).toEqual(folders[2]!.files)

    const { papers, vectors } = JSON.parse(new TextDecoder().decode(await read('reference.json')))
    const errorsOf = async (dtype: Dtype) => {
      const errors: number[] = []
      for (const sink of folders.slice(0, 3)) {
        const folder = { manifest: manifestOf(sink), file: (path: string) => sink.read(path) }
        const engine = await Engine.load(folder, { ...onTransformers, dtype })
        let error = 0
        for (const adapter of ['base', ...NAMES])
          for (const [index, paper] of papers.entries())
            error += 1 - cosine(await engine.embed(engine.tokenizePaper(paper), adapter), vectors.papers[adapter][index])
        errors.push(error)
      }
      return errors as [number, number, number]
    }
    const [nearest8, smoothed8, fed8] = await errorsOf('q8')
    expect(smoothed8).toBeLessThan(0.8 * nearest8)
    expect(fed8).toBeLessThan(0.8 * smoothed8)
    const [nearest4, , fed4] = await errorsOf('q4')
    expect(fed4).toBeLessThan(0.5 * nearest4)
  })

  test('has the scale of likeness if asked for', async () => {
    const base = await fixtureBase('model.safetensors')
    const { likeness } = manifestOf(await convert({ base, adapters: await fixtureAdapters(), dtypes: ['q8'], likeness: true }))
    expect(likeness).toMatchObject({ adapters: { paper: 'proximity', query: 'adhoc_query' } })
    expect(manifestOf(sink).likeness).toBeUndefined()
  })

  test('has adapters that can be converted again, with the same bytes', async () => {
    const own = NAMES.map((name) => {
      const files = { 'adapter.safetensors': sink.files.get(`adapters/${name}.safetensors`)! }
      return [name, memoryFolder(name, files)] as const
    })
    const again = await convert({ base: await fixtureBase('model.safetensors'), adapters: new Map(own) })
    expect(again.files.get('manifest.json')).toEqual(sink.files.get('manifest.json'))
  })

  describe('matches the reference in Node', () => {
    let reference: {
      papers: { title: string; abstract: string | null }[]
      queries: string[]
      texts: string[]
      inputIds: { papers: number[][]; queries: number[][] }
      vectors: { papers: Record<string, number[][]>; queries: Record<string, number[][]> }
    }
    const engines = new Map<Dtype, Engine>()

    beforeAll(async () => {
      reference = JSON.parse(new TextDecoder().decode(await read('reference.json')))
      for (const dtype of ['fp32', 'q8'] as const) {
        const folder = { manifest: manifestOf(sink), file: (path: string) => sink.read(path) }
        engines.set(dtype, await Engine.load(folder, { ...onTransformers, dtype }))
      }
    })

    test("token ids of 12 papers and 4 queries are the reference's, from fields and from the filled template", () => {
      const engine = engines.get('fp32')!
      expect(reference.papers.map((paper) => engine.tokenizePaper(paper).ids)).toEqual(reference.inputIds.papers)
      expect(reference.texts.map((text) => engine.tokenizePaper(text).ids)).toEqual(reference.inputIds.papers)
      expect(reference.queries.map((query) => engine.tokenizeQuery(query).ids)).toEqual(reference.inputIds.queries)
      expect(reference.inputIds.papers).toHaveLength(12)
      expect(reference.inputIds.queries).toHaveLength(4)
      // Some are longer than the model takes.
      expect(reference.papers.filter((paper) => engine.tokenizePaper(paper).truncated).length).toBeGreaterThan(0)
    })

    test.each(['base', ...NAMES])(
      'vectors of %s differ by at most 2e-5 in fp32, and have a cosine of at least .99 in q8',
      async (adapter) => {
        const fp32 = engines.get('fp32')!
        const q8 = engines.get('q8')!
        for (const [index, paper] of reference.papers.entries()) {
          const expected = reference.vectors.papers[adapter]![index]!
          expect(largestDifference(await fp32.embed(fp32.tokenizePaper(paper), adapter), expected)).toBeLessThanOrEqual(2e-5)
          expect(cosine(await q8.embed(q8.tokenizePaper(paper), adapter), expected)).toBeGreaterThanOrEqual(0.99)
        }
        for (const [index, query] of reference.queries.entries()) {
          const expected = reference.vectors.queries[adapter]![index]!
          expect(largestDifference(await fp32.embed(fp32.tokenizeQuery(query), adapter), expected)).toBeLessThanOrEqual(2e-5)
          expect(cosine(await q8.embed(q8.tokenizeQuery(query), adapter), expected)).toBeGreaterThanOrEqual(0.99)
        }
      },
    )

    test('the self-test is fp32 of its texts, to seven digits', async () => {
      const engine = engines.get('fp32')!
      const { texts, vectors } = manifestOf(sink).selfTest
      for (const [adapter, rows] of Object.entries(vectors)) {
        for (const [index, text] of texts.entries()) {
          const tokens = engine.tokenizePaper(text)
          expect(tokens.ids.length).toBeGreaterThan(20)
          expect(largestDifference(await engine.embed(tokens, adapter), rows[index]!)).toBeLessThanOrEqual(1e-6)
        }
      }
    })
  })
})

describe('convertModel', () => {
  const base = memoryFolder('small', publishedFiles())
  const noAdapters = new Map<AdapterName, PublishedFolder>()

  test('converts a mean-pooled, normalised model without adapters to unit vectors', async () => {
    const sink = await convert({
      base,
      adapters: noAdapters,
      pooling: 'mean',
      normalized: true,
      id: 'me/small',
      revision: 'r1',
      license: 'MIT',
    })
    const manifest = manifestOf(sink)
    expect(manifest).toMatchObject({
      id: 'me/small',
      revision: 'r1',
      license: 'MIT',
      adapters: {},
      defaultAdapter: 'base',
      queryAdapter: 'base',
    })
    const vectors = manifest.selfTest.vectors.base!
    expect(vectors).toHaveLength(2)
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
  })

  test('is named after its folder, not after the model that it was trained from', async () => {
    const files = {
      ...publishedFiles(),
      'config.json': json({ ...configOf(smallShape), _name_or_path: 'allenai/scibert_scivocab_uncased' }),
    }
    const sink = new MemorySink()
    await convertModel({
      base: memoryFolder('specter2_base', files),
      adapters: noAdapters,
      pooling: 'cls',
      sink,
      runtime,
    })
    expect(manifestOf(sink).id).toBe('specter2_base')
  })

  test('names the origin of the weights and includes their licence', async () => {
    const adapter = memoryFolder('allenai/specter2', publishedAdapter(smallShape, 4))
    const notices = async (files: Record<string, Uint8Array>, options: Partial<ConvertInput>) => {
      const sink = new MemorySink()
      const folder = memoryFolder('small', { ...publishedFiles(), ...files })
      await convertModel({ base: folder, adapters: new Map([['proximity', adapter]]), sink, runtime, ...options })
      const { files: listed } = manifestOf(sink)
      expect(Object.keys(listed)).toEqual([...sink.files.keys()].filter((path) => path !== 'manifest.json'))
      return ['NOTICE.md', 'LICENSE'].map((path) => new TextDecoder().decode(sink.files.get(path)))
    }
    const [plain, none] = await notices({}, {})
    expect(plain).toContain('- small, licence unknown\n- adapter proximity, from allenai/specter2\n')
    expect(none).toBe('')
    const options = { id: 'me/small', revision: 'r1', license: 'Apache-2.0', attribution: 'Trained on SciFact (CC BY 4.0).' }
    const [notice, published] = await notices({ LICENSE: utf8('The licence.') }, options)
    expect(notice).toContain('- me/small, revision r1, licence Apache-2.0\n')
    expect(notice).toContain('\nTrained on SciFact (CC BY 4.0).\n')
    expect(published).toBe('The licence.')
    const [, given] = await notices({ LICENSE: utf8('The licence.') }, { licenseText: 'Another.' })
    expect(given).toBe('Another.')
  })

  test('uses proximity for queries if there is no adapter for queries, and base if there is neither', async () => {
    const adapter = memoryFolder('x', publishedAdapter(smallShape, 4))
    const defaults = async (...names: string[]) => {
      const sink = new MemorySink()
      await convertModel({ base, adapters: new Map(names.map((name) => [name, adapter])), sink, runtime })
      const { defaultAdapter, queryAdapter } = manifestOf(sink)
      return [defaultAdapter, queryAdapter]
    }
    expect(await defaults('proximity')).toEqual(['proximity', 'proximity'])
    expect(await defaults('adhoc_query')).toEqual(['base', 'adhoc_query'])
    expect(await defaults('mine')).toEqual(['base', 'base'])
  })

  test('writes chunks of 4 MiB, each with its own hash', async () => {
    const shape = { ...smallShape, vocabulary: 80_000 }
    const tensors = writeSafetensors(randomTensors(shape, 1))
    const files = { ...publishedFiles(), 'config.json': json(configOf(shape)), 'model.safetensors': tensors }
    const sink = new MemorySink()
    await convertModel({
      base: memoryFolder('large', files),
      adapters: noAdapters,
      pooling: 'cls',
      dtypes: ['fp32'],
      sink,
      runtime,
    })
    const { bytes, chunks } = manifestOf(sink).files['onnx/model.onnx']!
    const file = sink.files.get('onnx/model.onnx')!
    expect(file.length).toBe(bytes)
    expect(chunks).toEqual([0, 1, 2].map((index) => sha256(file.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES))))
    expect(sink.chunks.get('onnx/model.onnx')).toEqual([CHUNK_BYTES, CHUNK_BYTES, bytes - 2 * CHUNK_BYTES])
  })

  test('rejects with the reason of its signal and writes no manifest, before, between and after the files', async () => {
    for (const stopAt of ['config.json', 'reference', 'self-test', 'onnx/model.onnx', 'onnx/model_quantized.onnx']) {
      const controller = new AbortController()
      const reason = new Error('enough')
      const onProgress = ({ step }: ConvertProgress) => {
        if (step === stopAt) controller.abort(reason)
      }
      const sink = new MemorySink()
      const input = {
        base,
        adapters: noAdapters,
        pooling: 'cls',
        sink,
        runtime,
        onProgress,
        signal: controller.signal,
      } as const
      await expect(convertModel(input)).rejects.toBe(reason)
      expect(sink.files.has('manifest.json')).toBe(false)
    }
  })

  const good = publishedFiles()
  const adapter = publishedAdapter(smallShape, 4)
  const withTensors = (change: (tensors: ReturnType<typeof randomTensors>) => ReturnType<typeof randomTensors>) => ({
    'model.safetensors': writeSafetensors(change(randomTensors(smallShape, 1))),
  })
  const config = (changes: object) => ({ 'config.json': json({ ...configOf(smallShape), ...changes }) })
  const evil = torchZip(concat(proto, reduce('os.system', text('touch /tmp/owned')), stop), {})
  const lfsPointer = utf8(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 439696216\n`)
  const html = utf8('<!DOCTYPE html>\n<html><title>Not found</title></html>')
  const weights = good['model.safetensors']!

  test.each<[string, Record<string, Uint8Array | null>, ErrorCode, object]>([
    ['no config.json', { 'config.json': null }, 'MODEL_NOT_FOUND', { folder: 'small', file: 'config.json' }],
    [
      'its encoder in a folder of its own',
      { 'config.json': null, 'modules.json': json([{ idx: 0, path: '0_Transformer', type: 'Transformer' }]) },
      'UNSUPPORTED',
      { file: 'modules.json', field: 'path', actual: '0_Transformer' },
    ],
    ['a page for config.json', { 'config.json': html }, 'DAMAGED_FILE', { file: 'config.json' }],
    ['another kind of model', config({ model_type: 'roberta' }), 'UNSUPPORTED', { field: 'model_type', actual: '"roberta"' }],
    [
      'an unknown activation',
      config({ hidden_act: 'swish' }),
      'UNSUPPORTED',
      { field: 'hidden_act', actual: '"swish"', expected: expect.stringContaining('gelu, gelu_new') },
    ],
    [
      'another width',
      config({ hidden_size: 64 }),
      'DAMAGED_FILE',
      { file: 'small/model.safetensors', actual: '50,32', expected: '50,64' },
    ],
    [
      'more layers',
      config({ num_hidden_layers: 3 }),
      'UNSUPPORTED',
      { file: 'small/model.safetensors', tensor: expect.stringMatching(/^encoder\.layer\.2/) },
    ],
    [
      'a missing tensor',
      withTensors((all) => all.filter(({ name }) => !name.includes('1.output.dense.bias'))),
      'UNSUPPORTED',
      { file: 'small/model.safetensors', tensor: 'encoder.layer.1.output.dense.bias' },
    ],
    [
      'no encoder',
      withTensors((all) => all.slice(1)),
      'UNSUPPORTED',
      { file: 'small/model.safetensors', tensor: 'embeddings.word_embeddings.weight', actual: 0 },
    ],
    [
      'no weights',
      { 'model.safetensors': null },
      'MODEL_NOT_FOUND',
      { folder: 'small', files: expect.arrayContaining(['model.safetensors', 'pytorch_model.bin']) },
    ],
    [
      'a truncated safetensors file',
      { 'model.safetensors': weights.slice(0, -1) },
      'DAMAGED_FILE',
      { file: 'model.safetensors', actual: weights.length - 1, expected: weights.length },
    ],
    [
      'a safetensors file that ends in its header',
      { 'model.safetensors': weights.slice(0, 100) },
      'DAMAGED_FILE',
      { file: 'model.safetensors', actual: 100 },
    ],
    [
      'an empty file',
      { 'model.safetensors': new Uint8Array(0) },
      'DAMAGED_FILE',
      { file: 'model.safetensors', found: 'nothing' },
    ],
    [
      'a git-lfs pointer',
      { 'model.safetensors': lfsPointer },
      'DAMAGED_FILE',
      { file: 'model.safetensors', found: 'git-lfs pointer' },
    ],
    ['a page for the weights', { 'model.safetensors': html }, 'DAMAGED_FILE', { file: 'model.safetensors', found: 'html' }],
    [
      'a pickle that would run a command',
      { 'model.safetensors': null, 'pytorch_model.bin': evil },
      'UNSUPPORTED',
      { file: 'pytorch_model.bin', global: 'os.system' },
    ],
    [
      'neither tokenizer.json nor vocab.txt',
      { 'vocab.txt': null },
      'MODEL_NOT_FOUND',
      { folder: 'small', files: ['tokenizer.json', 'vocab.txt'] },
    ],
  ])('refuses a base with %s, with code and file', async (_, changes, code, details) => {
    const input = { base: memoryFolder('small', { ...good, ...changes }), adapters: noAdapters, pooling: 'cls' } as const
    const sink = new MemorySink()
    const error = await failure(convertModel({ ...input, sink, runtime: neverRuns }), code)
    expect(error.details).toMatchObject(details)
    expect(sink.files.has('manifest.json')).toBe(false)
  })

  test('refuses a truncated pytorch_model.bin, wherever it is cut', async () => {
    const whole = await read('pytorch_model.bin')
    const adapters = noAdapters
    for (const length of [1, 100, 20_000, whole.length >> 1, whole.length - 22, whole.length - 1]) {
      const files = {
        'config.json': await read('config.json'),
        'tokenizer.json': await read('tokenizer.json'),
        'pytorch_model.bin': whole.slice(0, length),
      }
      const input = {
        base: memoryFolder('tiny', files),
        adapters,
        pooling: 'cls',
        sink: new MemorySink(),
        runtime: neverRuns,
      } as const
      const error = await failure(convertModel(input), 'DAMAGED_FILE')
      expect(error.details).toMatchObject({ file: 'pytorch_model.bin' })
    }
  })

  test.each<[string, Record<string, Uint8Array | null>, ErrorCode, object]>([
    [
      'another width',
      publishedAdapter({ hidden: 64, layers: 2 }, 4),
      'UNSUPPORTED',
      { field: 'hidden_size', actual: '64', expected: expect.stringMatching(/^32\b/) },
    ],
    [
      'another width in its tensors alone',
      { ...adapter, ...publishedAdapter({ hidden: 64, layers: 2 }, 4), 'adapter_config.json': adapter['adapter_config.json']! },
      'UNSUPPORTED',
      { file: 'adapter_model.safetensors', field: 'hidden_size', actual: 64, expected: 32 },
    ],
    ['more layers', publishedAdapter({ hidden: 32, layers: 3 }, 4), 'UNSUPPORTED', { field: 'layers', actual: 2, expected: 2 }],
    [
      'fewer layers',
      publishedAdapter({ hidden: 32, layers: 1 }, 4),
      'INVALID_MODEL',
      { layer: 1, missing: ['down.weight', 'down.bias', 'up.weight', 'up.bias'] },
    ],
    [
      'another arithmetic',
      { ...adapter, 'adapter_config.json': json({ config: { original_ln_before: true, non_linearity: 'gelu' } }) },
      'UNSUPPORTED',
      { file: 'adapter_config.json', field: 'non_linearity', actual: '"gelu"', expected: '"relu"' },
    ],
    [
      'the method of another library',
      { 'adapter_config.json': json({ peft_type: 'LORA' }), 'adapter_model.bin': evil },
      'UNSUPPORTED',
      { file: 'adapter_config.json', field: 'peft_type', actual: '"LORA"' },
    ],
    [
      'AdapterFusion',
      { 'adapter_fusion_config.json': json({}), 'pytorch_model_adapter_fusion.bin': evil },
      'UNSUPPORTED',
      { file: 'adapter_fusion_config.json', field: 'AdapterFusion' },
    ],
    [
      'no configuration',
      { ...adapter, 'adapter_config.json': null },
      'MODEL_NOT_FOUND',
      { folder: 'folder', file: 'adapter_config.json' },
    ],
    [
      'no weights',
      { 'adapter_config.json': adapter['adapter_config.json']! },
      'MODEL_NOT_FOUND',
      { folder: 'folder', files: expect.arrayContaining(['adapter_model.safetensors', 'pytorch_adapter.bin']) },
    ],
    [
      'a pickle that would run a command',
      { 'adapter_config.json': adapter['adapter_config.json']!, 'pytorch_adapter.bin': evil },
      'UNSUPPORTED',
      { file: 'pytorch_adapter.bin', global: 'os.system' },
    ],
    [
      'a git-lfs pointer',
      { ...adapter, 'adapter_model.safetensors': lfsPointer },
      'DAMAGED_FILE',
      { file: 'adapter_model.safetensors', found: 'git-lfs pointer' },
    ],
  ])('refuses an adapter with %s, naming it, before anything is written', async (_, files, code, details) => {
    const sink = new MemorySink()
    const adapters = new Map([['proximity', memoryFolder('folder', files)]])
    const error = await failure(convertModel({ base, adapters, sink, runtime: neverRuns }), code)
    expect(error.details).toMatchObject({ adapter: 'proximity', ...details })
    expect([...sink.files.keys()]).toEqual([])
  })

  test('refuses a converted adapter for another base', async () => {
    for (const other of [
      { hidden: 64, layers: 2 },
      { hidden: 32, layers: 3 },
    ]) {
      const converted = new MemorySink()
      const otherBase = memoryFolder('other', publishedFiles({ ...smallShape, ...other }))
      const given = new Map([['x', memoryFolder('x', publishedAdapter(other, 4))]])
      await convertModel({ base: otherBase, adapters: given, sink: converted, runtime })
      const own = memoryFolder('x', { 'adapter.safetensors': converted.files.get('adapters/x.safetensors')! })
      const input = { base, adapters: new Map([['x', own]]), sink: new MemorySink(), runtime: neverRuns }
      const error = await failure(convertModel(input), 'UNSUPPORTED')
      expect(error.details).toMatchObject({
        adapter: 'x',
        file: 'adapter.safetensors',
        actual: `${other.layers} layers, ${other.hidden} wide`,
        expected: '2 layers, 32 wide',
      })
    }
  })

  test('refuses weights that end in the middle of the conversion, such as a file that is being downloaded again', async () => {
    let ended = false
    const sound = memoryFolder('small', good)
    const shrinking: PublishedFolder = {
      name: 'small',
      async open(path) {
        const source = await sound.open(path)
        if (source === null) return null
        return { ...source, read: async (start, end) => (await source.read(start, end)).slice(0, ended ? 10 : undefined) }
      },
    }
    const sink = new MemorySink()
    const onProgress = ({ step }: ConvertProgress) => {
      ended ||= step === 'onnx/model_quantized.onnx'
    }
    const input = { base: shrinking, adapters: noAdapters, pooling: 'cls', sink, runtime, onProgress } as const
    const error = await failure(convertModel(input), 'DAMAGED_FILE')
    expect(error.details).toMatchObject({ file: 'model.safetensors', actual: 10 })
    expect(sink.files.has('manifest.json')).toBe(false)
  })

  test('refuses weights that are not numbers, which nobody would notice before the first search', async () => {
    const broken = withTensors((all) =>
      all.map((tensor) =>
        tensor.name.endsWith('1.output.dense.bias') ? { ...tensor, data: tensor.data.map(() => Number.NaN) } : tensor,
      ),
    )
    const sink = new MemorySink()
    const input = {
      base: memoryFolder('small', { ...good, ...broken }),
      adapters: noAdapters,
      pooling: 'cls',
      sink,
      runtime,
    } as const
    const error = await failure(convertModel(input), 'DAMAGED_FILE')
    expect(error.details).toMatchObject({ file: 'model.safetensors', adapter: 'base' })
    expect(sink.files.has('manifest.json')).toBe(false)
  })

  test.each(['../evil', 'base', '', 'a/b', '-x', '.hidden'])(
    'refuses the adapter name %j, which no folder can have',
    async (name) => {
      const sink = new MemorySink()
      const input = { base, adapters: new Map([[name, memoryFolder('x', adapter)]]), sink, runtime: neverRuns }
      await expect(convertModel(input)).rejects.toThrow(InvalidArgumentError)
      expect([...sink.files.keys()]).toEqual([])
    },
  )

  test('refuses unknown dtypes, and an empty list', async () => {
    const convertTo = (dtypes: readonly string[]) =>
      convertModel({
        base,
        adapters: noAdapters,
        pooling: 'cls',
        dtypes: dtypes as Dtype[],
        sink: new MemorySink(),
        runtime: neverRuns,
      })
    const error = await failure(convertTo(['fp32', 'q5']), 'UNSUPPORTED')
    expect(error.details).toEqual({ dtype: 'q5', has: ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] })
    await failure(convertTo(['constructor']), 'UNSUPPORTED')
    await expect(convertTo([])).rejects.toThrow(InvalidArgumentError)
  })

  test.each([
    ['q4', { hidden_size: 312, num_attention_heads: 12 }, 'hidden_size', 312],
    ['q4f16', { intermediate_size: 600 }, 'intermediate_size', 600],
  ] as const)(
    'refuses %s of a width that is no multiple of 32, before anything is written: %j',
    async (dtype, widths, field, actual) => {
      const sink = new MemorySink()
      const shaped = memoryFolder('small', { ...publishedFiles(), 'config.json': json({ ...configOf(smallShape), ...widths }) })
      const input = { base: shaped, adapters: noAdapters, pooling: 'cls', sink, runtime: neverRuns } as const
      const error = await failure(convertModel({ ...input, dtypes: ['fp32', dtype] }), 'UNSUPPORTED')
      expect(error.details).toEqual({ dtype, field, actual, multipleOf: 32 })
      expect([...sink.files.keys()]).toEqual([])
    },
  )
})
