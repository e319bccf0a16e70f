import { type Json, type PublishedFolder, readJson } from '../checkpoint/published-folder.js'
import { InvalidArgumentError, Specter2Error, show } from '../errors.js'
import type { Manifest } from '../model-folder/manifest.js'
import type { Metric } from '../types.js'
import type { EncoderShape } from './encoder-graph.js'
import type { ModelOptions } from './model-options.js'

export type ModelDescription = Pick<Manifest, 'maxTokens' | 'pooling' | 'normalized' | 'metric' | 'templates'> & {
  shape: EncoderShape
}

/**
 * config.json of a published checkpoint.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND`, or `UNSUPPORTED` for the layout of sentence-transformers before version 2, which keeps
 *   the encoder in a folder of its own.
 */
export async function readModelConfig(folder: PublishedFolder): Promise<Json> {
  const config = await readJson(folder, 'config.json')
  if (config) return config
  const [first] = Object.values((await readJson(folder, 'modules.json')) ?? {}) as { path?: unknown }[]
  if (typeof first?.path === 'string' && first.path !== '') throw oldLayout(folder.name, first.path)
  throw new Specter2Error('MODEL_NOT_FOUND', `${folder.name} has no config.json. Give the folder of a published checkpoint.`, {
    details: { folder: folder.name, file: 'config.json' },
  })
}

/** @param path Of the encoder's folder in the published one. */
export function oldLayout(name: string, path: string): Specter2Error {
  const message = `${name} keeps its encoder in ${path}, as sentence-transformers did before version 2; this converter reads one folder with config.json, modules.json and 1_Pooling. Load it in Python and save it again: SentenceTransformer("${name}").save("folder").`
  return new Specter2Error('UNSUPPORTED', message, {
    details: { file: 'modules.json', field: 'path', actual: path, expected: '' },
  })
}

/** Reads from a checkpoint's files how its encoder is built and used. */
export async function describeModel(
  folder: PublishedFolder,
  config: Json,
  hasAdapters: boolean,
  options: ModelOptions,
): Promise<ModelDescription> {
  const shape = encoderShape(config, folder.name)
  if (options.paperTemplate !== undefined && !/\{(title|abstract)\}/.test(options.paperTemplate))
    throw new InvalidArgumentError('paperTemplate', options.paperTemplate, 'a text with {title} or {abstract}')
  if (options.queryTemplate !== undefined && !options.queryTemplate.includes('{query}'))
    throw new InvalidArgumentError('queryTemplate', options.queryTemplate, 'a text with {query}')
  if (options.maxTokens !== undefined && !(options.maxTokens <= shape.positions))
    throw new InvalidArgumentError('maxTokens', options.maxTokens, `at most ${shape.positions}, the positions of the model`)
  const modules = await publishedModules(folder)
  const pooling = options.pooling ?? (await publishedPooling(folder)) ?? (hasAdapters ? 'cls' : null)
  if (pooling === null) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `${folder.name} does not say how its vectors are pooled (no 1_Pooling/config.json). Choose it: --pooling cls (SPECTER and its family) or --pooling mean.`,
      { details: { folder: folder.name, file: '1_Pooling/config.json' } },
    )
  }
  const normalized = options.normalized ?? modules.includes('Normalize')
  const prompts = await publishedPrompts(folder)
  const sentenceBert = await readJson(folder, 'sentence_bert_config.json')
  const tokenizerConfig = await readJson(folder, 'tokenizer_config.json')
  const stated = [options.maxTokens, sentenceBert?.max_seq_length, tokenizerConfig?.model_max_length].find(isPositiveInteger)
  // SPECTER and SciNCL are also published with the files of sentence-transformers, so these do not distinguish the families.
  const ofSpecter = pooling === 'cls' && !normalized
  const separator = ofSpecter ? String(tokenText(tokenizerConfig?.sep_token) ?? '[SEP]') : null
  return {
    shape,
    pooling,
    normalized,
    maxTokens: Math.min(stated ?? shape.positions, shape.positions),
    metric: options.metric ?? (await publishedMetric(folder, normalized)) ?? (ofSpecter ? 'euclidean' : 'cosine'),
    templates: {
      paper: options.paperTemplate ?? `${prompts.paper}{title}${separator ?? ' '}{abstract}`,
      query: options.queryTemplate ?? `${prompts.query}{query}`,
      trim: separator === null,
    },
  }
}

/** By the names in config.json. */
const ACTIVATIONS: ReadonlyMap<unknown, EncoderShape['activation']> = new Map([
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['relu', 'relu'],
])

/**
 * The architecture that a `config.json` describes. @param name Of its folder, for errors.
 * @throws Specter2Error `UNSUPPORTED` for an encoder that the converter does not build (`details.field`).
 */
export function encoderShape(config: Json, name: string): EncoderShape {
  const refuse = (field: string, expected: string) => {
    const message = `${name}/config.json: ${field} is ${show(config[field])}; this converter builds ${expected}.`
    return new Specter2Error('UNSUPPORTED', message, { details: { field, actual: show(config[field]), expected } })
  }
  const size = (field: string) => {
    const value = config[field]
    if (!isPositiveInteger(value)) throw refuse(field, 'encoders whose sizes are positive integers')
    return value
  }
  if (config.model_type !== 'bert') throw refuse('model_type', 'BERT encoders (model_type "bert")')
  // Its code may compute anything, and is not run here.
  if (config.auto_map) throw refuse('auto_map', 'encoders without code of their own')
  if (config.quantization_config) throw refuse('quantization_config', 'encoders with weights in 16 or 32 bits')
  if ((config.position_embedding_type ?? 'absolute') !== 'absolute') throw refuse('position_embedding_type', 'absolute positions')
  if (config.is_decoder === true) throw refuse('is_decoder', 'encoders')
  const activation = ACTIVATIONS.get(config.hidden_act)
  if (!activation) throw refuse('hidden_act', `the activations ${[...ACTIVATIONS.keys()].join(', ')}`)
  const shape: EncoderShape = {
    hidden: size('hidden_size'),
    layers: size('num_hidden_layers'),
    heads: size('num_attention_heads'),
    intermediate: size('intermediate_size'),
    vocabulary: size('vocab_size'),
    positions: size('max_position_embeddings'),
    tokenTypes: size('type_vocab_size'),
    layerNormEpsilon: typeof config.layer_norm_eps === 'number' ? config.layer_norm_eps : 1e-12,
    activation,
  }
  if (shape.hidden % shape.heads !== 0) throw refuse('num_attention_heads', `heads that divide hidden_size (${shape.hidden})`)
  return shape
}

/** By the names in 1_Pooling/config.json, the newer ones first. */
const POOLINGS: ReadonlyMap<string, 'cls' | 'mean'> = new Map([
  ['cls', 'cls'],
  ['mean', 'mean'],
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_mean_tokens', 'mean'],
])

async function publishedPooling(folder: PublishedFolder): Promise<'cls' | 'mean' | null> {
  const config = await readJson(folder, '1_Pooling/config.json')
  if (!config) return null
  const { pooling_mode: stated } = config
  const modes =
    typeof stated === 'string' || Array.isArray(stated)
      ? [stated].flat().map(String)
      : Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true)
  const built = modes.length === 1 ? POOLINGS.get(modes[0]!) : undefined
  if (built) return built
  throw new Specter2Error(
    'UNSUPPORTED',
    `${folder.name}/1_Pooling/config.json asks for ${modes.join(' and ') || 'no pooling'}; this converter builds cls or mean pooling.`,
    {
      details: { file: '1_Pooling/config.json', actual: modes, expected: ['pooling_mode_cls_token', 'pooling_mode_mean_tokens'] },
    },
  )
}

/** The metric that sentence-transformers would use; `null` if the files do not say it. */
async function publishedMetric(folder: PublishedFolder, normalized: boolean): Promise<Metric | null> {
  const file = 'config_sentence_transformers.json'
  const stated = (await readJson(folder, file))?.similarity_fn_name ?? null
  if (stated === null || stated === 'cosine' || stated === 'euclidean') return stated
  // Of unit vectors, it ranks as the cosine does.
  if (stated === 'dot' && normalized) return 'cosine'
  throw new Specter2Error(
    'UNSUPPORTED',
    `${folder.name}/${file}: similarity_fn_name is ${show(stated)}${stated === 'dot' ? ', and the vectors are not normalized' : ''}; an index measures by cosine or euclidean. Use another model, or choose --metric cosine or --metric euclidean and check its results.`,
    { details: { file, field: 'similarity_fn_name', actual: show(stated), expected: ['cosine', 'euclidean'] } },
  )
}

/** Names of the prompt for documents, in the order in which sentence-transformers' `encode_document` looks for them. */
const DOCUMENT_PROMPTS = ['document', 'passage', 'corpus']

/** Prompts of sentence-transformers before a paper and before a query; mostly empty. */
async function publishedPrompts(folder: PublishedFolder): Promise<{ paper: string; query: string }> {
  const file = 'config_sentence_transformers.json'
  const { prompts, default_prompt_name: byDefault } = (await readJson(folder, file)) ?? {}
  const prompt = (...names: readonly unknown[]) => {
    const found = names.find((name) => typeof name === 'string' && Object.hasOwn(Object(prompts), name))
    return found === undefined ? '' : String((prompts as Json)[found as string] ?? '')
  }
  const published = { paper: prompt(...DOCUMENT_PROMPTS, byDefault), query: prompt('query', byDefault) }
  if (published.paper === '' && published.query === '') return published
  const pooling = await readJson(folder, '1_Pooling/config.json')
  if (pooling?.include_prompt !== false) return published
  throw new Specter2Error(
    'UNSUPPORTED',
    `${folder.name}/${file} has prompts, and 1_Pooling/config.json leaves their tokens out of the mean (include_prompt); this converter pools all tokens. Use another model: this one's vectors would be different.`,
    { details: { file: '1_Pooling/config.json', field: 'include_prompt' } },
  )
}

/** Modules of sentence-transformers that the graph and the engine implement. */
const BUILT_MODULES = ['Transformer', 'Pooling', 'Normalize']

/** Names of the modules of `modules.json`; empty if that is missing. */
async function publishedModules(folder: PublishedFolder): Promise<string[]> {
  const modules = Object.values((await readJson(folder, 'modules.json')) ?? {})
  const names = modules.map((module) => String((module as Json | null)?.type).replace(/^.*\./, ''))
  const other = names.find((name, index) => !BUILT_MODULES.includes(name) || names.indexOf(name) < index)
  if (other === undefined) return names
  throw new Specter2Error(
    'UNSUPPORTED',
    `${folder.name}/modules.json asks for a module ${show(other)}; this converter builds ${BUILT_MODULES.join(', ')}, each once. Use another model: without that module, this one's vectors would be different.`,
    { details: { file: 'modules.json', actual: other, expected: BUILT_MODULES } },
  )
}

/** A token of tokenizer_config.json: a string, or an object with its `content`. */
function tokenText(token: unknown): unknown {
  return typeof token === 'object' && token !== null ? (token as Json).content : token
}

/** Hugging Face writes 1e30 if a tokenizer has no limit. */
function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
