import { type Json, type PublishedFolder, readJson, readText } from '../checkpoint/published-folder.js'
import { Specter2Error } from '../errors.js'

/** `tokenizer.json` and `tokenizer_config.json` of the converted model. */
export interface TokenizerFiles {
  tokenizer: Json
  config: Json
}

/**
 * The published tokenizer without the truncation and padding that some carry from their export (all-MiniLM-L6-v2: both 128), with
 * the model's own limit; built from `vocab.txt` if only that is published.
 */
export async function tokenizerFiles(folder: PublishedFolder, maxTokens: number): Promise<TokenizerFiles> {
  const config = await readJson(folder, 'tokenizer_config.json')
  const tokenizer = (await readJson(folder, 'tokenizer.json')) ?? (await wordPieceTokenizer(folder, config ?? {}))
  return {
    tokenizer: { ...tokenizer, truncation: null, padding: null },
    config: { tokenizer_class: 'BertTokenizer', ...config, model_max_length: maxTokens },
  }
}

/** BERT's tokenizer with the vocabulary of `vocab.txt`, one token per line. */
async function wordPieceTokenizer(folder: PublishedFolder, config: Json): Promise<Json> {
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
  const lowercase = config.do_lower_case !== false
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
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.tokenize_chinese_chars !== false,
      strip_accents: config.strip_accents ?? null,
      lowercase,
    },
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
