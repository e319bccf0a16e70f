import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { configOf, json, memoryFolder, smallShape } from '../../../testing/models.js'
import { describeModel } from './model-config.js'
import type { ModelOptions } from './model-options.js'

const config = configOf({ ...smallShape, positions: 512 })
const modules = (...types: string[]) => json(types.map((type, idx) => ({ idx, name: `${idx}`, path: '', type })))
const pooling = (...modes: string[]) =>
  json({ word_embedding_dimension: 32, ...Object.fromEntries(modes.map((mode) => [`pooling_mode_${mode}`, true])) })
const TRANSFORMER = 'sentence_transformers.models.Transformer'
const POOLING = 'sentence_transformers.models.Pooling'
const NORMALIZE = 'sentence_transformers.models.Normalize'

interface Published {
  files?: Record<string, Uint8Array>
  config?: Record<string, unknown>
  adapters?: boolean
  options?: ModelOptions
}

const describePublished = ({ files = {}, config: changes = {}, adapters = false, options = {} }: Published) =>
  describeModel(memoryFolder('model', files), { ...config, ...changes }, adapters, options)

/** all-MiniLM-L6-v2's files. */
const miniLm = {
  'modules.json': modules(TRANSFORMER, POOLING, NORMALIZE),
  '1_Pooling/config.json': pooling('mean_tokens'),
  'sentence_bert_config.json': json({ max_seq_length: 256, do_lower_case: false }),
  'tokenizer_config.json': json({ model_max_length: 512, sep_token: '[SEP]' }),
}

describe('describeModel', () => {
  test('describes SPECTER2: no files of sentence-transformers, adapters', async () => {
    const files = { 'tokenizer_config.json': json({ model_max_length: 1e30, sep_token: '[SEP]' }) }
    expect(await describePublished({ files, adapters: true })).toEqual({
      shape: { ...smallShape, positions: 512 },
      pooling: 'cls',
      normalized: false,
      maxTokens: 512,
      metric: 'euclidean',
      templates: { paper: '{title}[SEP]{abstract}', query: '{query}', trim: false },
    })
  })

  test('describes all-MiniLM-L6-v2 by its files, with or without adapters', async () => {
    const expected = {
      shape: { ...smallShape, positions: 512 },
      pooling: 'mean',
      normalized: true,
      maxTokens: 256,
      metric: 'cosine',
      templates: { paper: '{title} {abstract}', query: '{query}', trim: true },
    }
    expect(await describePublished({ files: miniLm })).toEqual(expected)
    expect(await describePublished({ files: miniLm, adapters: true })).toEqual(expected)
  })

  test("gives SPECTER and SciNCL their [SEP] though they are published with sentence-transformers' files", async () => {
    const files = {
      'modules.json': modules(TRANSFORMER, POOLING),
      '1_Pooling/config.json': pooling('cls_token'),
      'tokenizer_config.json': json({ sep_token: { content: '</s>' } }),
    }
    expect(await describePublished({ files })).toMatchObject({
      pooling: 'cls',
      normalized: false,
      metric: 'euclidean',
      templates: { paper: '{title}</s>{abstract}', trim: false },
    })
  })

  test('gives BGE, whose first token is normalised, plain text and the cosine', async () => {
    const files = { ...miniLm, '1_Pooling/config.json': pooling('cls_token') }
    expect(await describePublished({ files })).toMatchObject({
      pooling: 'cls',
      normalized: true,
      metric: 'cosine',
      templates: { paper: '{title} {abstract}', trim: true },
    })
  })

  test.each<[string, unknown, string, string]>([
    ['query and document', { query: 'query: ', document: 'passage: ' }, 'passage: {title} {abstract}', 'query: {query}'],
    [
      'query and passage',
      { query: 'query: ', passage: 'passage: ', other: 'x' },
      'passage: {title} {abstract}',
      'query: {query}',
    ],
    ['query alone', { query: 'Represent this: ' }, '{title} {abstract}', 'Represent this: {query}'],
    ['empty ones', { query: '', document: '' }, '{title} {abstract}', '{query}'],
    ['corpus, and not null', { corpus: 'text: ', query: null }, 'text: {title} {abstract}', '{query}'],
    ['none', undefined, '{title} {abstract}', '{query}'],
    ['a list', ['query: '], '{title} {abstract}', '{query}'],
  ])('puts published prompts before papers and queries: %s', async (_, prompts, paper, query) => {
    const files = { ...miniLm, 'config_sentence_transformers.json': json({ prompts, default_prompt_name: null }) }
    expect((await describePublished({ files })).templates).toEqual({ paper, query, trim: true })
  })

  test("uses the default prompt if there is no specific one, and a caller's template unchanged", async () => {
    const prompts = { query: 'query: ', all: 'text: ' }
    const files = { ...miniLm, 'config_sentence_transformers.json': json({ prompts, default_prompt_name: 'all' }) }
    expect((await describePublished({ files })).templates).toMatchObject({
      paper: 'text: {title} {abstract}',
      query: 'query: {query}',
    })
    const options = { paperTemplate: '{title}', queryTemplate: 'q {query}' }
    expect((await describePublished({ files, options })).templates).toMatchObject({ paper: '{title}', query: 'q {query}' })
  })

  test('puts a prompt before the texts of a first-token model, too', async () => {
    const files = {
      '1_Pooling/config.json': pooling('cls_token'),
      'config_sentence_transformers.json': json({ prompts: { query: 'query: ', document: 'paper: ' } }),
    }
    expect((await describePublished({ files })).templates).toEqual({
      paper: 'paper: {title}[SEP]{abstract}',
      query: 'query: {query}',
      trim: false,
    })
  })

  test('refuses a mean that leaves out the tokens of a prompt, but accepts it without prompts', async () => {
    const without = json({ pooling_mode_mean_tokens: true, include_prompt: false })
    const config = json({ prompts: { query: 'query: ' } })
    const files = { ...miniLm, '1_Pooling/config.json': without }
    const error = await failure(
      describePublished({ files: { ...files, 'config_sentence_transformers.json': config } }),
      'UNSUPPORTED',
    )
    expect(error.details).toEqual({ file: '1_Pooling/config.json', field: 'include_prompt' })
    expect((await describePublished({ files })).pooling).toBe('mean')
  })

  test.each([
    ['cls', 'cls'],
    ['mean', 'mean'],
  ])("reads the newer form of a pooling's configuration: %s", async (pooling_mode, expected) => {
    const files = { ...miniLm, '1_Pooling/config.json': json({ embedding_dimension: 32, pooling_mode }) }
    expect((await describePublished({ files })).pooling).toBe(expected)
    const other = { ...miniLm, '1_Pooling/config.json': json({ pooling_mode: 'lasttoken' }) }
    expect((await failure(describePublished({ files: other }), 'UNSUPPORTED')).details).toMatchObject({ actual: ['lasttoken'] })
    const list = { ...miniLm, '1_Pooling/config.json': json({ pooling_mode: [pooling_mode] }) }
    expect((await describePublished({ files: list })).pooling).toBe(expected)
    const both = { ...miniLm, '1_Pooling/config.json': json({ pooling_mode: ['cls', 'mean'] }) }
    expect((await failure(describePublished({ files: both }), 'UNSUPPORTED')).details).toMatchObject({ actual: ['cls', 'mean'] })
  })

  test('lets every option override the files', async () => {
    const options = {
      pooling: 'cls',
      normalized: false,
      maxTokens: 128,
      metric: 'cosine',
      paperTemplate: 'passage: {title}. {abstract}',
      queryTemplate: 'query: {query}',
    } as const
    expect(await describePublished({ files: miniLm, options })).toMatchObject({
      pooling: 'cls',
      normalized: false,
      maxTokens: 128,
      metric: 'cosine',
      templates: { paper: 'passage: {title}. {abstract}', query: 'query: {query}' },
    })
  })

  test.each([
    ["sentence-transformers' limit", { max_seq_length: 300 }, { model_max_length: 512 }, 300],
    ["the tokenizer's limit where that is null", { max_seq_length: null }, { model_max_length: 400 }, 400],
    ['the positions where the tokenizer says 1e30', {}, { model_max_length: 1e30 }, 512],
    ['the positions where a limit is above them', { max_seq_length: 8192 }, {}, 512],
    ['the positions if no stated limit is valid', { max_seq_length: -1 }, { model_max_length: '512' }, 512],
  ])('limits tokens to %s', async (_, sentenceBert, tokenizer, expected) => {
    const files = { ...miniLm, 'sentence_bert_config.json': json(sentenceBert), 'tokenizer_config.json': json(tokenizer) }
    expect((await describePublished({ files })).maxTokens).toBe(expected)
  })

  test.each([
    ['gelu', 'gelu'],
    ['gelu_new', 'gelu_tanh'],
    ['gelu_pytorch_tanh', 'gelu_tanh'],
    ['relu', 'relu'],
  ])('builds the activation %s', async (hidden_act, activation) => {
    expect((await describePublished({ files: miniLm, config: { hidden_act } })).shape.activation).toBe(activation)
  })

  test.each<[string, unknown, string]>([
    ['model_type', 'roberta', 'BERT encoders (model_type "bert")'],
    ['model_type', undefined, 'BERT encoders (model_type "bert")'],
    ['hidden_act', 'silu', 'the activations gelu, gelu_new, gelu_pytorch_tanh, relu'],
    ['hidden_act', 'constructor', 'the activations gelu, gelu_new, gelu_pytorch_tanh, relu'],
    ['hidden_act', undefined, 'the activations gelu, gelu_new, gelu_pytorch_tanh, relu'],
    ['position_embedding_type', 'relative_key', 'absolute positions'],
    ['is_decoder', true, 'encoders'],
    ['auto_map', 'own.Model', 'encoders without code of their own'],
    ['quantization_config', 'bitsandbytes', 'encoders with weights in 16 or 32 bits'],
    ['hidden_size', '768', 'encoders whose sizes are positive integers'],
    ['num_hidden_layers', 0, 'encoders whose sizes are positive integers'],
    ['vocab_size', 1e30, 'encoders whose sizes are positive integers'],
    ['num_attention_heads', 5, 'heads that divide hidden_size (32)'],
  ])('refuses %s = %j and names the field', async (field, value, expected) => {
    const error = await failure(describePublished({ files: miniLm, config: { [field]: value } }), 'UNSUPPORTED')
    expect(error.details).toEqual({ field, actual: value === undefined ? 'undefined' : JSON.stringify(value), expected })
  })

  test('refuses a model that does not say how it is pooled, and names the flag', async () => {
    const error = await failure(describePublished({}), 'UNSUPPORTED')
    expect(error.details).toEqual({ folder: 'model', file: '1_Pooling/config.json' })
    expect(error.message).toContain('--pooling')
    expect((await describePublished({ options: { pooling: 'mean' } })).pooling).toBe('mean')
  })

  test.each([
    ['max_tokens', ['max_tokens']],
    ['cls_token and mean_tokens', ['cls_token', 'mean_tokens']],
    ['none', []],
  ])('refuses pooling by %s unless a flag says otherwise', async (_, modes) => {
    const files = { ...miniLm, '1_Pooling/config.json': pooling(...modes) }
    const error = await failure(describePublished({ files }), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ file: '1_Pooling/config.json', actual: modes.map((mode) => `pooling_mode_${mode}`) })
    expect((await describePublished({ files, options: { pooling: 'mean' } })).pooling).toBe('mean')
  })

  test('refuses a model with a module that the graph lacks, such as the dense layer of LaBSE', async () => {
    const files = { ...miniLm, 'modules.json': modules(TRANSFORMER, POOLING, 'sentence_transformers.models.Dense', NORMALIZE) }
    const error = await failure(describePublished({ files }), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ file: 'modules.json', actual: 'Dense' })
  })

  test.each<[string, ModelOptions]>([
    ['paperTemplate', { paperTemplate: 'a text' }],
    ['queryTemplate', { queryTemplate: '{title}' }],
    ['maxTokens', { maxTokens: 513 }],
    ['maxTokens', { maxTokens: Number.NaN }],
  ])('refuses an invalid %s', async (field, options) => {
    await expect(describePublished({ files: miniLm, options })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
  })

  test('refuses a second pooling', async () => {
    const files = { ...miniLm, 'modules.json': modules(TRANSFORMER, POOLING, POOLING, NORMALIZE) }
    expect((await failure(describePublished({ files }), 'UNSUPPORTED')).details).toMatchObject({ actual: 'Pooling' })
  })

  test.each([
    ['cosine', true, 'cosine'],
    ['euclidean', true, 'euclidean'],
    ['euclidean', false, 'euclidean'],
    ['dot', true, 'cosine'],
    [null, true, 'cosine'],
    [undefined, true, 'cosine'],
  ])('takes the metric of similarity_fn_name %j', async (similarity_fn_name, normalized, metric) => {
    const files = { ...miniLm, 'config_sentence_transformers.json': json({ similarity_fn_name }) }
    expect((await describePublished({ files, options: { normalized } })).metric).toBe(metric)
  })

  test.each([
    ['dot', false],
    ['manhattan', true],
    ['other', true],
  ])('refuses similarity_fn_name %j unless a flag says otherwise', async (similarity_fn_name, normalized) => {
    const files = { ...miniLm, 'config_sentence_transformers.json': json({ similarity_fn_name }) }
    const error = await failure(describePublished({ files, options: { normalized } }), 'UNSUPPORTED')
    expect(error.details).toEqual({
      file: 'config_sentence_transformers.json',
      field: 'similarity_fn_name',
      actual: JSON.stringify(similarity_fn_name),
      expected: ['cosine', 'euclidean'],
    })
    expect((await describePublished({ files, options: { normalized, metric: 'cosine' } })).metric).toBe('cosine')
  })

  test.each(['modules.json', '1_Pooling/config.json', 'sentence_bert_config.json', 'tokenizer_config.json'])(
    'refuses a web page instead of %s',
    async (file) => {
      const files = { ...miniLm, [file]: new TextEncoder().encode('<!doctype html><title>404</title>') }
      const error = await failure(describePublished({ files }), 'DAMAGED_FILE')
      expect(error.details).toEqual({ file })
    },
  )
})
