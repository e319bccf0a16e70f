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

  test('refuses a folder with neither file, and a vocabulary without the special tokens', async () => {
    const none = await failure(tokenizerFiles(memoryFolder('model', {}), 512), 'MODEL_NOT_FOUND')
    expect(none.details).toEqual({ folder: 'model', files: ['tokenizer.json', 'vocab.txt'] })
    const other = memoryFolder('model', { 'vocab.txt': utf8('<s>\n</s>\n[PAD]\n[UNK]\nword') })
    const error = await failure(tokenizerFiles(other, 512), 'UNSUPPORTED')
    expect(error.details).toMatchObject({ file: 'vocab.txt', missing: ['[CLS]', '[SEP]', '[MASK]'] })
  })
})
