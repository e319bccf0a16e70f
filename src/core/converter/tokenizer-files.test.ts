import { readFile } from 'node:fs/promises'
import { Tokenizer } from '@huggingface/tokenizers'
import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { json, memoryFolder, utf8 } from '../../../testing/models.js'
import { tokenizerFiles } from './tokenizer-files.js'

const fixture = new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url)
const read = (file: string) => readFile(new URL(file, fixture))
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']

async function tokenizerOf(files: Record<string, Uint8Array>): Promise<Tokenizer> {
  const { tokenizer, config } = await tokenizerFiles(memoryFolder('model', files), 512)
  // Through JSON, as the files go.
  return new Tokenizer(JSON.parse(JSON.stringify(tokenizer)), JSON.parse(JSON.stringify(config)))
}

describe('tokenizerFiles', () => {
  test('copies the published tokenizer without truncation and padding, and adds the limit', async () => {
    const published = JSON.parse((await read('tokenizer.json')).toString())
    const carried = {
      ...published,
      truncation: { direction: 'Right', max_length: 128, strategy: 'LongestFirst', stride: 0 },
      padding: { strategy: { Fixed: 128 }, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '[PAD]' },
    }
    const files = {
      'tokenizer.json': json(carried),
      'tokenizer_config.json': json({ model_max_length: 1e30, strip_accents: null }),
    }
    expect(await tokenizerFiles(memoryFolder('model', files), 256)).toEqual({
      tokenizer: { ...published, truncation: null, padding: null },
      config: { tokenizer_class: 'BertTokenizer', strip_accents: null, model_max_length: 256 },
    })
  })

  test.each([
    ['with tokenizer_config.json', true],
    ['without tokenizer_config.json', false],
  ])("makes from vocab.txt alone a tokenizer that gives the reference's ids, %s", async (_, withConfig) => {
    const reference = JSON.parse((await read('reference.json')).toString())
    const files = {
      'vocab.txt': await read('vocab.txt'),
      ...(withConfig && { 'tokenizer_config.json': await read('tokenizer_config.json') }),
    }
    const tokenizer = await tokenizerOf(files)
    let compared = 0
    for (const kind of ['papers', 'queries']) {
      const texts: string[] = kind === 'papers' ? reference.texts : reference.queries
      for (const [index, text] of texts.entries()) {
        const { ids } = tokenizer.encode(text)
        const expected: number[] = reference.inputIds[kind][index]
        // The reference is cut to 512 tokens; the cut is the engine's.
        if (expected.length < 512) expect(ids).toEqual(expected)
        else expect(ids.slice(0, 511)).toEqual(expected.slice(0, 511))
        compared++
      }
    }
    expect(compared).toBe(16)
  })

  test('reads vocab.txt with any line ends, and words that look like numbers or prototypes', async () => {
    const words = [...special, 'a', '7', '__proto__', 'constructor', '##b', '12']
    for (const end of ['\n', '\r\n']) {
      for (const last of ['', end]) {
        const tokenizer = await tokenizerOf({ 'vocab.txt': utf8(words.join(end) + last) })
        expect(tokenizer.encode('a 7 constructor ab 12 z').ids).toEqual([2, 5, 6, 8, 5, 9, 10, 1, 3])
      }
    }
    const { tokenizer } = await tokenizerFiles(memoryFolder('model', { 'vocab.txt': utf8(words.join('\n')) }), 512)
    expect(JSON.stringify(tokenizer.model)).toContain('"__proto__":7')
  })

  test.each([
    ['lower case and accents', {}, 'É e', [2, 5, 5, 3]],
    ['case kept', { do_lower_case: false }, 'E e', [2, 6, 5, 3]],
    ['Chinese characters as words', {}, '中中', [2, 7, 7, 3]],
    ['Chinese characters as letters', { tokenize_chinese_chars: false }, '中中', [2, 7, 8, 3]],
  ])('follows tokenizer_config.json: %s', async (_, config, text, ids) => {
    const words = [...special, 'e', 'E', '中', '##中']
    const tokenizer = await tokenizerOf({ 'vocab.txt': utf8(words.join('\n')), 'tokenizer_config.json': json(config) })
    expect(tokenizer.encode(text).ids).toEqual(ids)
  })

  // What transformers 4.57 and 5.24 load from the same files.
  test.each([
    ['nothing', {}, {}],
    ['another case', { tokenizer_class: 'BertTokenizer', do_lower_case: false }, { lowercase: false }],
    ['accents', { tokenizer_class: 'BertTokenizerFast', strip_accents: false }, { strip_accents: false }],
    ['ideographs', { tokenize_chinese_chars: false }, { handle_chinese_chars: false }],
  ])("lets tokenizer_config.json overrule tokenizer.json's normalizer: %s", async (_, config, expected) => {
    const published = JSON.parse((await read('tokenizer.json')).toString())
    for (const normalizer of [{ lowercase: true }, { lowercase: false }, { strip_accents: true, clean_text: false }]) {
      const files = {
        'tokenizer.json': json({ ...published, normalizer: { ...published.normalizer, ...normalizer } }),
        'tokenizer_config.json': json(config),
      }
      const { tokenizer } = await tokenizerFiles(memoryFolder('model', files), 512)
      const usual = { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true }
      expect(tokenizer.normalizer).toEqual({ ...usual, ...expected })
    }
  })

  test('leaves the normalizer of a tokenizer of another class as it is', async () => {
    const published = JSON.parse((await read('tokenizer.json')).toString())
    const files = {
      'tokenizer.json': json(published),
      'tokenizer_config.json': json({ tokenizer_class: 'PreTrainedTokenizerFast', do_lower_case: false }),
    }
    const { tokenizer } = await tokenizerFiles(memoryFolder('model', files), 512)
    expect(tokenizer.normalizer).toEqual(published.normalizer)
  })

  test('takes added tokens from three files: tokenizer_config.json first, added_tokens.json last', async () => {
    const words = [...special, 'foo', 'bar']
    const folder = (extra: object, config: object = {}) =>
      memoryFolder('model', {
        'vocab.txt': utf8(words.join('\n')),
        'tokenizer_config.json': json(config),
        ...Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, json(value)])),
      })
    const tokensOf = async (files: Parameters<typeof tokenizerFiles>[0]) =>
      ((await tokenizerFiles(files, 512)).tokenizer.added_tokens as { id: number }[]).filter(({ id }) => id > 4)
    const plain = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: false }
    expect(await tokensOf(folder({ 'added_tokens.json': { zzz: 7, '[PAD]': 0 } }))).toEqual([{ id: 7, content: 'zzz', ...plain }])
    const whole = { content: 'zzz', ...plain, single_word: true }
    const decoder = { added_tokens_decoder: { 7: whole } }
    expect(await tokensOf(folder({ 'added_tokens.json': { foo: 5 } }, decoder))).toEqual([{ id: 7, ...whole }])
    expect(await tokensOf(folder({}, { additional_special_tokens: ['foo', { content: 'bar' }, 'none'] }))).toEqual([
      { id: 5, content: 'foo', ...plain, normalized: false, special: true },
      { id: 6, content: 'bar', ...plain, normalized: false, special: true },
    ])
  })

  test('refuses an added token that the model has no embedding for', async () => {
    const files = { 'vocab.txt': utf8(special.join('\n')), 'added_tokens.json': json({ zzz: 5 }) }
    const error = await failure(tokenizerFiles(memoryFolder('model', files), 512, 5), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ field: 'added_tokens', token: 'zzz', actual: '5', expected: 5 })
    await tokenizerFiles(memoryFolder('model', files), 512, 6)
  })

  test.each([
    ['auto_map', { auto_map: { AutoTokenizer: ['tokenization.Own', null] } }, {}],
    ['tokenizer_class', { tokenizer_class: 'BertJapaneseTokenizer' }, {}],
    ['tokenizer_class', {}, { tokenizer_class: 'BertJapaneseTokenizer' }],
    ['tokenizer_class', { tokenizer_class: 'CamembertTokenizer' }, {}],
  ])('refuses a tokenizer that is code: %s', async (field, config, modelConfig) => {
    const files = {
      'vocab.txt': utf8(special.join('\n')),
      'tokenizer_config.json': json(config),
      'config.json': json(modelConfig),
    }
    const error = await failure(tokenizerFiles(memoryFolder('model', files), 512), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ file: 'tokenizer_config.json', field })
  })

  test.each([
    ['a cased tokenizer', { do_lower_case: false }, true, ['Lowercase', 'BertNormalizer']],
    ['an uncased one, which stays as it is', {}, true, 'BertNormalizer'],
    ['not said', { do_lower_case: false }, false, 'BertNormalizer'],
  ])("lowercases if sentence-transformers' configuration says so: %s", async (_, config, lower, expected) => {
    const files = {
      'vocab.txt': utf8([...special, 'e'].join('\n')),
      'tokenizer_config.json': json(config),
      'sentence_bert_config.json': json({ do_lower_case: lower }),
    }
    const { type, normalizers } = (await tokenizerFiles(memoryFolder('model', files), 512)).tokenizer.normalizer as {
      type: string
      normalizers?: { type: string }[]
    }
    expect(normalizers?.map(({ type }) => type) ?? type).toEqual(expected)
    const { ids } = (await tokenizerOf(files)).encode('E[SEP]')
    expect(ids).toEqual(Array.isArray(expected) || !('do_lower_case' in config) ? [2, 5, 3, 3] : [2, 1, 3, 3])
  })

  test('refuses a folder with neither file, and a vocabulary without the special tokens', async () => {
    const none = await failure(tokenizerFiles(memoryFolder('model', {}), 512), 'MODEL_NOT_FOUND')
    expect(none.details).toEqual({ folder: 'model', files: ['tokenizer.json', 'vocab.txt'] })
    const other = memoryFolder('model', { 'vocab.txt': utf8('<s>\n</s>\n[PAD]\n[UNK]\nword') })
    const error = await failure(tokenizerFiles(other, 512), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ file: 'vocab.txt', missing: ['[CLS]', '[SEP]', '[MASK]'] })
  })
})
