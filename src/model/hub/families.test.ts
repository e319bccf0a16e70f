import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HubRepo, startHub, type TestHub } from '../../../testing/hub-server.js'
import {
  type Bytes,
  configOf,
  json,
  largestDifference,
  MemorySink,
  memoryFolder,
  randomTensors,
  smallShape,
  utf8,
} from '../../../testing/models.js'
import { normalNumbers } from '../../../testing/random-numbers.js'
import { HubCache } from '../../cli/convert/hub-cache.js'
import { bytesSource } from '../../core/checkpoint/byte-source.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { openSafetensors, writeSafetensors } from '../../core/checkpoint/safetensors.js'
import { convertModel } from '../../core/converter/convert.js'
import type { ModelOptions } from '../../core/converter/model-options.js'
import type { Manifest } from '../../core/model-folder/manifest.js'
import type { AdapterName } from '../../core/types.js'
import { Engine } from '../../engine/engine.js'
import { createGraphRuntime } from '../../engine/graph-runtime.js'
import { loadModel } from '../../engine/load-model.js'
import { runtimeFolder } from '../../node/paths.js'
import { hubModelOptions, openPublishedFolder, openPublishedModel } from './open-published.js'

// Synthetic checkpoints with the files that each family is published with: their conversion must give what the family specifies.

const WORDS = 'query passage : . represent this sentence for searching relevant passages deep graphs we study them'.split(' ')
/** Vocabularies like SciBERT's and BERT's, which differ in the position of the special tokens. */
const SCIBERT = { size: 31_090, special: 101 }
const BERT = { size: 30_522, special: 100 }
type Vocabulary = typeof BERT

/** One token a line, with a word of ours at the very end. */
function vocabulary({ size, special }: Vocabulary): string[] {
  const unused = Array.from({ length: special - 1 }, (_, index) => `[unused${index}]`)
  const words = ['[PAD]', ...unused, '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...WORDS]
  return [...words, ...Array.from({ length: size - words.length - 1 }, (_, index) => `word${index}`), 'last']
}

/** Ids of words between [CLS] and [SEP]; `|` stands for a [SEP] among them. */
function ids(vocabularyOf: Vocabulary, words: string): number[] {
  const tokens = vocabulary(vocabularyOf)
  return `[CLS] ${words} [SEP]`
    .replaceAll('|', '[SEP]')
    .split(' ')
    .map((word) => tokens.indexOf(word))
}

interface Checkpoint {
  vocabulary: Vocabulary
  positions?: number
  /** Before the tensors' names, as in checkpoints with a head. */
  prefix?: string
  maxLength?: number
}

/** The files of a checkpoint without sentence-transformers' ones. */
function checkpoint({
  vocabulary: vocabularyOf,
  positions = 512,
  prefix = '',
  maxLength = 512,
}: Checkpoint): Record<string, Bytes> {
  const shape = { ...smallShape, vocabulary: vocabularyOf.size, positions }
  const tensors = randomTensors(shape, 7).map((tensor) => ({ ...tensor, name: prefix + tensor.name }))
  const head = prefix
    ? [{ name: 'cls.predictions.bias', shape: [shape.vocabulary], data: new Float32Array(shape.vocabulary) }]
    : []
  const pooler = { name: `${prefix}pooler.dense.bias`, shape: [shape.hidden], data: new Float32Array(shape.hidden) }
  const tokens = { cls_token: '[CLS]', sep_token: '[SEP]', pad_token: '[PAD]', unk_token: '[UNK]', mask_token: '[MASK]' }
  return {
    'config.json': json({
      ...configOf(shape),
      architectures: [prefix ? 'BertForMaskedLM' : 'BertModel'],
      attention_probs_dropout_prob: 0.1,
      hidden_dropout_prob: 0.1,
      initializer_range: 0.02,
      pad_token_id: 0,
      gradient_checkpointing: false,
      transformers_version: '4.2.2',
    }),
    'model.safetensors': writeSafetensors([...tensors, ...head, pooler]),
    'vocab.txt': utf8(`${vocabulary(vocabularyOf).join('\n')}\n`),
    'tokenizer_config.json': json({
      do_lower_case: true,
      model_max_length: maxLength,
      tokenizer_class: 'BertTokenizer',
      ...tokens,
    }),
    'special_tokens_map.json': json(tokens),
  }
}

/** sentence-transformers' files beside them. */
function sentenceTransformer(
  pooling: 'cls_token' | 'mean_tokens',
  { normalize = true, maxLength = 512, config = {} }: { normalize?: boolean; maxLength?: number; config?: object } = {},
): Record<string, Bytes> {
  const modules = [['Transformer', ''], ['Pooling', '1_Pooling'], ...(normalize ? [['Normalize', '2_Normalize']] : [])]
  const modes = ['cls_token', 'mean_tokens', 'max_tokens', 'mean_sqrt_len_tokens']
  return {
    'modules.json': json(
      modules.map(([type, path], idx) => ({ idx, name: String(idx), path, type: `sentence_transformers.models.${type}` })),
    ),
    '1_Pooling/config.json': json({
      word_embedding_dimension: smallShape.hidden,
      ...Object.fromEntries(modes.map((mode) => [`pooling_mode_${mode}`, mode === pooling])),
    }),
    'sentence_bert_config.json': json({ max_seq_length: maxLength, do_lower_case: true }),
    'config_sentence_transformers.json': json({
      __version__: { sentence_transformers: '2.2.2', transformers: '4.28.1', pytorch: '1.13.0+cu117' },
      ...config,
    }),
  }
}

/** An adapter as SciRepEval's were saved: the name in brackets, the configuration with all its fields of that time. */
function sciRepEvalAdapter(name: string, seed: number): Record<string, Bytes> {
  const { hidden, layers } = smallShape
  const bottleneck = hidden / 16
  const normal = normalNumbers(seed)
  const tensor = (name: string, shape: number[]) => ({
    name,
    shape,
    data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => normal(0, 0.5)),
  })
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const key = `bert.encoder.layer.${layer}.output.adapters.[${name}].adapter_`
    return [
      tensor(`${key}down.0.weight`, [bottleneck, hidden]),
      tensor(`${key}down.0.bias`, [bottleneck]),
      tensor(`${key}up.weight`, [hidden, bottleneck]),
      tensor(`${key}up.bias`, [hidden]),
    ]
  })
  return {
    'adapter_config.json': json({
      config: {
        adapter_residual_before_ln: false,
        cross_adapter: false,
        factorized_phm_W: true,
        factorized_phm_rule: false,
        hypercomplex_nonlinearity: 'glorot-uniform',
        init_weights: 'bert',
        inv_adapter: null,
        inv_adapter_reduction_factor: null,
        is_parallel: false,
        learn_phm: true,
        leave_out: [],
        ln_after: false,
        ln_before: false,
        mh_adapter: false,
        non_linearity: 'relu',
        original_ln_after: true,
        original_ln_before: true,
        output_adapter: true,
        phm_bias: true,
        phm_layer: false,
        phm_dim: 4,
        reduction_factor: 16,
        residual_before_ln: true,
        scaling: 1.0,
        shared_W_phm: false,
        shared_phm_rule: true,
      },
      hidden_size: hidden,
      model_class: 'BertAdapterModel',
      model_name: 'malteos/scincl',
      model_type: 'bert',
      name: `[${name}]`,
    }),
    'adapter_model.safetensors': writeSafetensors(tensors.flat()),
    'head_config.json': json({ config: null }),
  }
}

let folder: string
let hub: TestHub | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
})
afterEach(async () => {
  hub?.close()
  await rm(folder, { recursive: true })
})

async function serve(repos: Readonly<Record<string, HubRepo>>) {
  hub = await startHub(repos)
  return { endpoint: hub.url, store: new HubCache(folder) }
}

interface Converted {
  manifest: Manifest
  engine: Engine
}

async function convert(
  base: PublishedFolder,
  options: ModelOptions,
  adapters: ReadonlyMap<AdapterName, PublishedFolder> = new Map(),
): Promise<Converted> {
  const sink = new MemorySink()
  const runtime = createGraphRuntime({ runtime: runtimeFolder(), threads: 1 })
  const manifest = await convertModel({ ...options, base, adapters, dtypes: ['fp32'], sink, runtime })
  const file = (path: string) => sink.read(path)
  const engine = await Engine.load(
    { manifest, file },
    { dtype: 'fp32', device: 'wasm', threads: 1, runtime: runtimeFolder(), transformers: async () => ({ loadModel }) },
  )
  return { manifest, engine }
}

/** Converts the repository of this name on a hub, with the options known for the name. */
async function convertRepo(repo: string, files: Record<string, Bytes>): Promise<Converted> {
  const base = await openPublishedFolder({ repo, ...(await serve({ [repo]: { files } })) }, 'base')
  return convert(base, hubModelOptions(base))
}

const paper = { title: 'Deep graphs', abstract: 'We study them.' }
const of = ({ manifest: { pooling, normalized, metric, maxTokens, templates } }: Converted) => ({
  pooling,
  normalized,
  metric,
  maxTokens,
  templates,
})
const vector = ({ engine }: Converted, adapter = 'base') => engine.embed(engine.tokenizePaper(paper), adapter)

/** Vectors are those of the same weights, and nothing else of the folder, converted by explicit options. */
async function expectVectorsOf(converted: Converted, files: Record<string, Bytes>, options: ModelOptions) {
  const plain = await convert(memoryFolder('plain', files), { ...options, paperTemplate: converted.manifest.templates.paper })
  expect(largestDifference(await vector(converted), await vector(plain))).toBe(0)
  const length = Math.hypot(...(await vector(converted)))
  if (converted.manifest.normalized) expect(length).toBeCloseTo(1, 6)
  else expect(Math.abs(length - 1)).toBeGreaterThan(0.1)
}

const SPECTER_FAMILY = {
  pooling: 'cls',
  normalized: false,
  metric: 'euclidean',
  maxTokens: 512,
  templates: { paper: '{title}[SEP]{abstract}', query: '{query}', trim: false },
} as const

describe('a checkpoint', () => {
  test('of SPECTER: 31,116 words, a tokenizer with only a vocab.txt, tensor names with a prefix', async () => {
    const words = { size: 31_116, special: 101 }
    const files = checkpoint({ vocabulary: words, prefix: 'bert.' })
    const converted = await convertRepo('allenai/specter', files)
    expect(of(converted)).toEqual(SPECTER_FAMILY)
    const { engine } = converted
    expect(engine.tokenizePaper(paper).ids).toEqual(ids(words, 'deep graphs | we study them .'))
    expect(engine.tokenizePaper({ title: 'Deep graphs', abstract: null }).ids).toEqual(ids(words, 'deep graphs |'))
    expect(engine.tokenizeQuery('Deep last').ids).toEqual(ids(words, 'deep last'))
    expect(engine.tokenizeQuery('last').ids[1]).toBe(31_115)
    expect((await engine.embed(engine.tokenizeQuery('last'), 'base')).every(Number.isFinite)).toBe(true)
    await expectVectorsOf(converted, checkpoint({ vocabulary: words }), { pooling: 'cls' })
  })

  test.each(['model.safetensors', 'pytorch_model.bin'])('in shards gives the vectors of the whole one: %s', async (whole) => {
    const files = checkpoint({ vocabulary: SCIBERT })
    const { 'model.safetensors': weights, ...others } = files
    const tensors = [...(await openSafetensors(bytesSource('weights', weights!))).values()]
    const data = await Promise.all(tensors.map(async ({ name, shape, read }) => ({ name, shape, data: await read() })))
    const half = data.length >> 1
    const [name, end] = [whole.replace(/\..*/, ''), whole.replace(/^.*\./, '')]
    const shards = [data.slice(0, half), data.slice(half)].map((part, index) => ({ file: `${name}-${index}.${end}`, part }))
    const map = shards.flatMap(({ file, part }) => part.map(({ name }) => [name, file]))
    // The format is read from the bytes.
    const sharded = {
      ...others,
      [`${whole}.index.json`]: json({ metadata: {}, weight_map: Object.fromEntries(map) }),
      ...Object.fromEntries(shards.map(({ file, part }) => [file, writeSafetensors(part)])),
    }
    await expectVectorsOf(await convertRepo('allenai/specter', sharded), files, { pooling: 'cls' })
  })

  test('of SciNCL: a folder of sentence-transformers, first token, not normalised', async () => {
    const files = { ...checkpoint({ vocabulary: SCIBERT }), ...sentenceTransformer('cls_token', { normalize: false }) }
    const converted = await convertRepo('malteos/scincl', files)
    expect(of(converted)).toEqual(SPECTER_FAMILY)
    expect(converted.engine.tokenizePaper(paper).ids).toEqual(ids(SCIBERT, 'deep graphs | we study them .'))
    await expectVectorsOf(converted, checkpoint({ vocabulary: SCIBERT }), { pooling: 'cls' })
    // The same from a local folder, by its files only.
    expect(of(await convert(memoryFolder('scincl', files), {}))).toEqual(SPECTER_FAMILY)
  })

  test("of SciNCL with SciRepEval's adapters, which get our names", async () => {
    const repos: Record<string, HubRepo> = {
      'malteos/scincl': {
        files: { ...checkpoint({ vocabulary: SCIBERT }), ...sentenceTransformer('cls_token', { normalize: false }) },
      },
    }
    for (const [seed, name] of ['prx', 'qry', 'clf', 'rgn'].entries())
      repos[`allenai/scirepeval_adapters_${name}`] = { files: sciRepEvalAdapter(name.toUpperCase(), seed) }
    const { base, adapters, options } = await openPublishedModel('scirepeval-adapters', await serve(repos))
    const converted = await convert(base, options, adapters)
    expect(of(converted)).toEqual(SPECTER_FAMILY)
    const { manifest } = converted
    expect(manifest).toMatchObject({
      id: 'malteos/scincl',
      license: 'unknown',
      defaultAdapter: 'proximity',
      queryAdapter: 'adhoc_query',
    })
    expect(Object.entries(manifest.adapters).map(([name, { source }]) => [name, source?.split('@')[0]])).toEqual([
      ['proximity', 'allenai/scirepeval_adapters_prx'],
      ['adhoc_query', 'allenai/scirepeval_adapters_qry'],
      ['classification', 'allenai/scirepeval_adapters_clf'],
      ['regression', 'allenai/scirepeval_adapters_rgn'],
    ])
    const vectors = await Promise.all(['base', ...Object.keys(manifest.adapters)].map((name) => vector(converted, name)))
    for (const [index, one] of vectors.entries())
      for (const other of vectors.slice(index + 1)) expect(largestDifference(one, other)).toBeGreaterThan(0.05)
  })

  test('of all-MiniLM-L6-v2: the mean, normalised, 256 tokens', async () => {
    const bert = checkpoint({ vocabulary: BERT })
    const converted = await convertRepo('sentence-transformers/all-MiniLM-L6-v2', {
      ...bert,
      ...sentenceTransformer('mean_tokens', { maxLength: 256 }),
    })
    expect(of(converted)).toEqual({
      pooling: 'mean',
      normalized: true,
      metric: 'cosine',
      maxTokens: 256,
      templates: { paper: '{title} {abstract}', query: '{query}', trim: true },
    })
    expect(converted.engine.tokenizePaper(paper).ids).toEqual(ids(BERT, 'deep graphs we study them .'))
    expect(converted.engine.tokenizePaper('deep '.repeat(300)).ids).toHaveLength(256)
    await expectVectorsOf(converted, bert, { pooling: 'mean', normalized: true })
  })

  test("of BGE: the first token, normalised, and its card's instruction before queries", async () => {
    const bert = checkpoint({ vocabulary: BERT })
    const converted = await convertRepo('BAAI/bge-small-en-v1.5', { ...bert, ...sentenceTransformer('cls_token') })
    expect(of(converted)).toMatchObject({ pooling: 'cls', normalized: true, metric: 'cosine', maxTokens: 512 })
    expect(converted.engine.tokenizePaper(paper).ids).toEqual(ids(BERT, 'deep graphs we study them .'))
    expect(converted.engine.tokenizeQuery('Deep graphs').ids).toEqual(
      ids(BERT, 'represent this sentence for searching relevant passages : deep graphs'),
    )
    await expectVectorsOf(converted, bert, { pooling: 'cls', normalized: true })
  })

  test.each([
    ['its card', 'intfloat/e5-small-v2', {}],
    ['its prompts', 'me/e5', { prompts: { query: 'query: ', passage: 'passage: ' }, default_prompt_name: null }],
  ])('of E5: the mean, normalised, and prefixes by %s', async (_, repo, config) => {
    const bert = checkpoint({ vocabulary: BERT })
    const converted = await convertRepo(repo, { ...bert, ...sentenceTransformer('mean_tokens', { config }) })
    expect(of(converted)).toEqual({
      pooling: 'mean',
      normalized: true,
      metric: 'cosine',
      maxTokens: 512,
      templates: { paper: 'passage: {title} {abstract}', query: 'query: {query}', trim: true },
    })
    expect(converted.engine.tokenizePaper(paper).ids).toEqual(ids(BERT, 'passage : deep graphs we study them .'))
    expect(converted.engine.tokenizeQuery('Deep graphs').ids).toEqual(ids(BERT, 'query : deep graphs'))
    // A plain string is embedded without a template.
    expect(converted.engine.tokenizePaper('Deep graphs').ids).toEqual(ids(BERT, 'deep graphs'))
    await expectVectorsOf(converted, bert, { pooling: 'mean', normalized: true })
  })

  test('of sentence-transformers with the mean and no normalisation, compared by cosine', async () => {
    const bert = checkpoint({ vocabulary: BERT, positions: 128, maxLength: 1e30 })
    const converted = await convertRepo('me/mean', {
      ...bert,
      ...sentenceTransformer('mean_tokens', { normalize: false, maxLength: 512 }),
    })
    expect(of(converted)).toMatchObject({ pooling: 'mean', normalized: false, metric: 'cosine', maxTokens: 128 })
    await expectVectorsOf(converted, bert, { pooling: 'mean', normalized: false })
  })
})
