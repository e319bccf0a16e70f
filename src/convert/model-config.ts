import { type Json, type PublishedFolder, readJson } from '../checkpoint/published-folder.js'
import { Specter2Error, show } from '../errors.js'
import type { Manifest } from '../model/manifest.js'
import type { EncoderShape } from './encoder-graph.js'

/** What the caller says of a model where its files are silent or wrong. */
export interface ModelOptions {
  /** Published name. Default: `_name_or_path` of config.json, or the folder's name. */
  id?: string | undefined
  /** Revision of the published files. Default: a digest of the weights. */
  revision?: string | undefined
  /** SPDX identifier of the licence. Default `unknown`. */
  license?: string | undefined
  /** Default: by `1_Pooling/config.json`; without it `cls` where adapters are given. */
  pooling?: 'cls' | 'mean' | undefined
  /** Default: whether `modules.json` has a Normalize module. */
  normalized?: boolean | undefined
  /** Default: by `sentence_bert_config.json`, then `tokenizer_config.json`, then the position embeddings. */
  maxTokens?: number | undefined
  /** Default: `cosine` for normalised or mean-pooled vectors, else `euclidean`. */
  metric?: Manifest['metric'] | undefined
  /** Text of a paper from `{title}` and `{abstract}`. Default: title + [SEP] + abstract for SPECTER's family, else joined by a space and trimmed. */
  paperTemplate?: string | undefined
  /** Text of a query from `{query}`. Default: the query as it is. */
  queryTemplate?: string | undefined
}

export type ModelDescription = Pick<Manifest, 'maxTokens' | 'pooling' | 'normalized' | 'metric' | 'templates'> & {
  shape: EncoderShape
}

/** Reads what a checkpoint's own files say about its encoder and its use. */
export async function describeModel(
  folder: PublishedFolder,
  config: Json,
  hasAdapters: boolean,
  options: ModelOptions,
): Promise<ModelDescription> {
  const shape = encoderShape(config, folder.name)
  const modules = await readJson(folder, 'modules.json')
  const pooling = options.pooling ?? (await publishedPooling(folder)) ?? (hasAdapters ? 'cls' : null)
  if (pooling === null) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `${folder.name} does not say how its vectors are pooled (no 1_Pooling/config.json). Say so: --pooling cls (SPECTER and its family) or --pooling mean.`,
      { details: { folder: folder.name, file: '1_Pooling/config.json' } },
    )
  }
  const normalized = options.normalized ?? (modules ? Object.values(modules).some(isNormalize) : false)
  const sentenceBert = await readJson(folder, 'sentence_bert_config.json')
  const tokenizerConfig = await readJson(folder, 'tokenizer_config.json')
  const stated = [options.maxTokens, sentenceBert?.max_seq_length, tokenizerConfig?.model_max_length].find(isPositiveInteger)
  // Sentence-transformers' models are used with plain text; SPECTER's family, published without these files, with [SEP].
  const separator = modules ? null : String(tokenText(tokenizerConfig?.sep_token) ?? '[SEP]')
  return {
    shape,
    pooling,
    normalized,
    maxTokens: Math.min(stated ?? shape.positions, shape.positions),
    metric: options.metric ?? (normalized || pooling === 'mean' ? 'cosine' : 'euclidean'),
    templates: {
      paper: options.paperTemplate ?? (separator === null ? '{title} {abstract}' : `{title}${separator}{abstract}`),
      query: options.queryTemplate ?? '{query}',
      trim: separator === null,
    },
  }
}

function encoderShape(config: Json, name: string): EncoderShape {
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
  if ((config.position_embedding_type ?? 'absolute') !== 'absolute') throw refuse('position_embedding_type', 'absolute positions')
  if (config.is_decoder === true) throw refuse('is_decoder', 'encoders')
  const activations: Readonly<Record<string, EncoderShape['activation']>> = {
    gelu: 'gelu',
    gelu_new: 'gelu_tanh',
    gelu_pytorch_tanh: 'gelu_tanh',
    relu: 'relu',
  }
  const activation = activations[String(config.hidden_act)]
  if (!activation) throw refuse('hidden_act', `the activations ${Object.keys(activations).join(', ')}`)
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

async function publishedPooling(folder: PublishedFolder): Promise<'cls' | 'mean' | null> {
  const config = await readJson(folder, '1_Pooling/config.json')
  if (!config) return null
  const modes = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true)
  if (modes.length === 1 && modes[0] === 'pooling_mode_cls_token') return 'cls'
  if (modes.length === 1 && modes[0] === 'pooling_mode_mean_tokens') return 'mean'
  throw new Specter2Error(
    'UNSUPPORTED',
    `${folder.name}/1_Pooling/config.json asks for ${modes.join(' and ') || 'no pooling'}; this converter builds cls or mean pooling.`,
    {
      details: { file: '1_Pooling/config.json', actual: modes, expected: ['pooling_mode_cls_token', 'pooling_mode_mean_tokens'] },
    },
  )
}

const isNormalize = (module: unknown) => String((module as Json | null)?.type ?? '').endsWith('.Normalize')

/** A token of tokenizer_config.json: a string, or an object with its `content`. */
function tokenText(token: unknown): unknown {
  return typeof token === 'object' && token !== null ? (token as Json).content : token
}

/** Hugging Face writes 1e30 where a tokenizer has no limit. */
function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
