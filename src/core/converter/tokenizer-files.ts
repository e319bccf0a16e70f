import { type Json, type PublishedFolder, readJson, readText } from '../checkpoint/published-folder.js'
import { Specter2Error, show } from '../errors.js'

/** `tokenizer.json` and `tokenizer_config.json` of the converted model. */
export interface TokenizerFiles {
  tokenizer: Json
  config: Json
}

/** Classes of which transformers' fast tokenizer is BERT's, with its options in tokenizer_config.json. */
const BERT_CLASSES = ['BertTokenizer', 'DistilBertTokenizer', 'ElectraTokenizer']

/**
 * The published tokenizer as transformers and sentence-transformers would load it: options and added tokens of
 * tokenizer_config.json, added_tokens.json and sentence_bert_config.json are written into it. Without the truncation and padding
 * that some carry from their export (all-MiniLM-L6-v2: both 128), with the model's own limit; built from `vocab.txt` if only that
 * is published.
 *
 * @param vocabularySize Rows of the model's table of embeddings.
 * @throws Specter2Error `UNSUPPORTED` for a tokenizer that is code, and for tokens that the model has no embedding for.
 */
export async function tokenizerFiles(
  folder: PublishedFolder,
  maxTokens: number,
  vocabularySize = Number.POSITIVE_INFINITY,
): Promise<TokenizerFiles> {
  const config = (await readJson(folder, 'tokenizer_config.json')) ?? {}
  const published = await readJson(folder, 'tokenizer.json')
  const { tokenizer_class: named } = (await readJson(folder, 'config.json')) ?? {}
  const tokenizerClass = String(config.tokenizer_class ?? named ?? 'BertTokenizer').replace(/Fast$/, '')
  const isBert = BERT_CLASSES.includes(tokenizerClass)
  if (config.auto_map || tokenizerClass === 'BertJapaneseTokenizer' || !(published || isBert)) {
    const field = config.auto_map ? 'auto_map' : 'tokenizer_class'
    throw new Specter2Error(
      'UNSUPPORTED',
      `${folder.name}: the tokenizer is ${config.auto_map ? 'code of its own (auto_map in tokenizer_config.json)' : `a ${tokenizerClass}`}; this converter takes tokenizer.json, or the vocab.txt of ${BERT_CLASSES.join(', ')}. Use another model: this one's tokens would be wrong.`,
      {
        details: { file: 'tokenizer_config.json', field, actual: show(config[field] ?? tokenizerClass), expected: BERT_CLASSES },
      },
    )
  }
  const tokenizer = published ?? (await wordPieceTokenizer(folder))
  const addedTokens = await publishedTokens(folder, tokenizer, config)
  const beyond = addedTokens.find(({ id }) => !(Number(id) < vocabularySize))
  if (beyond) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `${folder.name}: the added token ${show(beyond.content)} has the id ${beyond.id}, but the model has ${vocabularySize} embeddings (vocab_size). Publish the model with embeddings for all of its tokens, or without that token.`,
      { details: { field: 'added_tokens', token: String(beyond.content), actual: show(beyond.id), expected: vocabularySize } },
    )
  }
  const normalizer = isBert ? bertNormalizer(tokenizer.normalizer as Json | null, config) : (tokenizer.normalizer as Json | null)
  const isLowercased = (await readJson(folder, 'sentence_bert_config.json'))?.do_lower_case === true
  return {
    tokenizer: {
      ...tokenizer,
      normalizer: isLowercased ? lowercased(normalizer) : normalizer,
      added_tokens: addedTokens,
      truncation: null,
      padding: null,
    },
    config: { tokenizer_class: 'BertTokenizer', ...config, model_max_length: maxTokens },
  }
}

/** transformers' classes of BERT overrule tokenizer.json by their own options, defaults included. */
function bertNormalizer(published: Json | null, config: Json): Json | null {
  if (published?.type !== 'BertNormalizer') return published
  return {
    ...published,
    clean_text: true,
    handle_chinese_chars: config.tokenize_chinese_chars ?? true,
    strip_accents: config.strip_accents ?? null,
    lowercase: config.do_lower_case ?? true,
  }
}

/** Lower case before all else, as sentence-transformers 6 adds it; BERT's own gives the same. */
function lowercased(normalizer: Json | null): Json {
  if (normalizer?.type === 'BertNormalizer' && normalizer.lowercase !== false) return normalizer
  return { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...(normalizer ? [normalizer] : [])] }
}

/** All added tokens: those of tokenizer_config.json overrule tokenizer.json, which overrules added_tokens.json. */
async function publishedTokens(folder: PublishedFolder, tokenizer: Json, config: Json): Promise<Json[]> {
  const ids = config.added_tokens_decoder ? {} : ((await readJson(folder, 'added_tokens.json')) ?? {})
  const tokens = new Map<unknown, Json>()
  const flags = { single_word: false, lstrip: false, rstrip: false }
  for (const [content, id] of Object.entries(ids))
    tokens.set(content, { id, content, ...flags, normalized: true, special: false })
  for (const token of (tokenizer.added_tokens ?? []) as readonly Json[]) tokens.set(token.content, token)
  // Onto the token of tokenizer.json, so that equal ones stay the same bytes.
  for (const [id, token] of Object.entries((config.added_tokens_decoder ?? {}) as Record<string, Json>))
    tokens.set(token.content, {
      ...(tokens.get(token.content) ?? { ...flags, normalized: token.special !== true, special: false }),
      ...token,
      id: Number(id),
    })
  const vocabulary = ((tokenizer.model as Json | undefined)?.vocab ?? {}) as Json
  for (const token of (config.additional_special_tokens ?? []) as readonly (string | Json)[]) {
    const content = typeof token === 'string' ? token : String(token.content)
    if (!tokens.has(content) && Object.hasOwn(vocabulary, content))
      tokens.set(content, { id: vocabulary[content], content, ...flags, normalized: false, special: true })
  }
  return [...tokens.values()]
}

/** BERT's tokenizer with the vocabulary of `vocab.txt`, one token per line. */
async function wordPieceTokenizer(folder: PublishedFolder): Promise<Json> {
  const text = await readText(folder, 'vocab.txt')
  if (text === null) {
    throw new Specter2Error(
      'MODEL_NOT_FOUND',
      `${folder.name} has neither tokenizer.json nor vocab.txt. Give the whole published folder.`,
      { details: { folder: folder.name, files: ['tokenizer.json', 'vocab.txt'] } },
    )
  }
  const tokens = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]))
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  const missing = special.filter((token) => !Object.hasOwn(vocabulary, token))
  if (missing.length > 0) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `${folder.name}/vocab.txt lacks ${missing.join(', ')}; it is not the vocabulary of a BERT tokenizer.`,
      { details: { file: 'vocab.txt', missing } },
    )
  }
  const token = (content: string) => ({ SpecialToken: { id: content, type_id: 0 } })
  return {
    version: '1.0',
    added_tokens: special.map((content) => ({
      id: vocabulary[content],
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'BertNormalizer' },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [token('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, token('[SEP]')],
      pair: [
        token('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        token('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        token('[SEP]'),
      ],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((content) => [content, { id: content, ids: [vocabulary[content]], tokens: [content] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: vocabulary,
    },
  }
}
