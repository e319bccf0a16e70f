import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { Tokenizer } from '../tokenizer.js'

// The ids are those of Python's `tokenizers` 0.23.3 with the same tokenizer.json.

const templates = { paper: '{title}', query: '{query}', trim: false }
const read = (path: string) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'))
const load = (tokenizer: object) => new Tokenizer({ tokenizer, config: {} }, { maxTokens: 512, templates })

const minilm = read('public/models/minilm/tokenizer.json')
const fixture = read('testing/fixtures/specter2-tiny/tokenizer.json')

/** A table of SentencePiece with replacements for half-width kana, a jamo, a fraction, an accent, spaces and a unit. */
const CHARSMAP =
  'AAQAAAAgAAAJDQAAAAAAgMwYAgCBBQAADAAAgKARAAACAACAhAQCAIANAAAfAACAgDACAIs5AACLgAMA4wwCAIIcAgCBWAIAmQ0AAA8AAICSHQAACAAAgL3Q' +
  'AgC+VAIAtj0AABcAAIC+dAIAnhkAAL1xAAAbAACAng0AABMAAICOeAIAIQAAACAAAAAjAAAAIgAAACUAAAAkAAAAJwAAACYAAAApAAAAKAAAACsAAAAqAAAA' +
  'LQAAACwAAAAvAAAALgAAADEAAAAwAAAAMwAAADIAAAA1AAAANAAAADcAAAA2AAAAOQAAADgAAAA7AAAAOgAAAD0AAAA8AAAAPwAAAD4AAABBAAAAQAAAAEMA' +
  'AABCAAAARQAAAEQAAABHAAAARgAAAEkAAABIAAAASwAAAEoAAABNAAAATAAAAE8AAABOAAAAUQAAAFAAAABTAAAAUgAAAFUAAABUAAAAVwAAAFYAAABZAAAA' +
  'WAAAAFsAAABaAAAAXQAAAFwAAABfAAAAXgAAAGEAAABgAAAAYwAAAGIAAABlAAAAZAAAAGcAAABmAAAAaQAAAGgAAABrAAAAagAAAG0AAABliAIAbwAAAG4A' +
  'AABxAAAAcAAAAHMAAAByAAAAdQAAAHQAAAB3AAAAdgAAAHkAAAB4AAAAewAAAHoAAAB9AAAAfAAAAH8AAAB+AAAAgQAAAIAAAACDAAAAggAAAIUAAACEAAAA' +
  'hwAAAIYAAACJAAAAiAAAAIsAAACKAAAAjQAAAIwAAACPAAAAjgAAAJEAAACQAAAAkwAAAJIAAACVAAAAlAAAAJcAAACWAAAAmQAAAJgAAACbAAAAmgAAAJ0A' +
  'AACcAAAAnwAAAJ4AAAChAAAAoAAAAKMAAACiAAAApQAAAKQAAACnAAAApgAAAKkAAACoAAAAqwAAAKoAAACtAAAArAAAAK8AAACuAAAAsQAAALAAAACzAAAA' +
  'sgAAALUAAAC0AAAAtwAAALYAAAC5AAAAuAAAALsAAAC6AAAAvQAAALwAAAC/AAAAvgAAAMEAAADAAAAAwwAAAMIAAADFAAAAxAAAAMcAAADGAAAAyQAAAMgA' +
  'AADCsAEAygAAAM0AAADMAAAAzwAAAM4AAADRAAAA0AAAANMAAADSAAAA1QAAANQAAADXAAAA1gAAANkAAADYAAAA2wAAANoAAADdAAAA3AAAAN8AAADeAAAA' +
  '4QAAAOAAAADjAAAA4gAAAOUAAADkAAAA5wAAAO88AQDpAAAA4ZQBAOKEAQDj6AEA7QAAAOwAAADvAAAA7gAAAPEAAADwAAAA8wAAAPIAAAD1AAAA9AAAAPcA' +
  'AADvQAEA+QAAAPgAAAD7AAAA+gAAAP0AAAD8AAAA/wAAAP4AAAAgADHigYQyAE1IegDDqQDjgYwA44KZAOOCqwDjgqwA44SxAA=='

const PIECES = '▁ カ \u3099 ガ が か 1 ⁄ 2 \u0301 é e ㄱ \u1161 MHz a b ▁a ab \u200d'.split(' ')
const vocab = [
  ...['<s>', '<pad>', '</s>', '<unk>'].map((piece) => [piece, 0]),
  ...PIECES.map((piece, index) => [piece, -2 - index / 8]),
  ['<mask>', 0],
]
const added = (id: number, content: string, flags: object = {}) => ({ id, content, normalized: false, special: true, ...flags })
const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
const unigram = {
  added_tokens: [added(0, '<s>'), added(1, '<pad>'), added(2, '</s>'), added(3, '<unk>'), added(24, '<mask>', { lstrip: true })],
  normalizer: { type: 'Precompiled', precompiled_charsmap: CHARSMAP },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' }],
  },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('<s>'), { Sequence: { id: 'A', type_id: 0 } }, special('</s>')],
    pair: [],
    special_tokens: {},
  },
  decoder: null,
  model: { type: 'Unigram', unk_id: 3, vocab },
}
const metaspace = {
  ...unigram,
  normalizer: {
    type: 'Sequence',
    normalizers: [
      unigram.normalizer,
      { type: 'Strip', strip_left: false, strip_right: true },
      { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' },
    ],
  },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
}

describe("tokens are the reference's", () => {
  test.each([
    ['Σ at the end of a word', 'ΔΣ modulator', [101, 1158, 29733, 16913, 20350, 102]],
    ['Σ at the end of a text', 'ΟΔΟΣ', [101, 1169, 29722, 29730, 29733, 102]],
    ['an ideograph beyond U+FFFF', 'a\u{20000}b', [101, 1037, 100, 1038, 102]],
    ['an ideograph of extension E', 'a\u{2b920}b', [101, 1037, 100, 1038, 102]],
    ['İ', 'İstanbul', [101, 9960, 102]],
    ['ẞ', 'ẞ', [101, 1096, 102]],
    ['a mark', 'a\u1ab0b', [101, 11113, 102]],
    ['a mark that Unicode 14 added', 'a\u1acfb', [101, 100, 102]],
    ['a mark that Unicode 9 added after an accent', 'e\u0301\u1df6', [101, 100, 102]],
    ['punctuation that Unicode 10 added', 'a\u2e45b', [101, 100, 102]],
    ['punctuation that became a symbol', 'a\u166db', [101, 1037, 100, 1038, 102]],
    ['a format character that Unicode 14 added', 'a\u0891b', [101, 100, 102]],
    ['a soft hyphen', 'a\u00adb', [101, 11113, 102]],
    ['a special token only after cleaning', '[CLS\0]', [101, 1031, 18856, 2015, 1033, 102]],
  ])('of an uncased BERT: %s', (_, text, ids) => {
    expect(load(minilm).encode(text).ids).toEqual(ids)
  })

  test.each([
    ['qna', [2, 355, 3]],
    ['graph qna graph', [2, 246, 355, 246, 3]],
    ['graphqna', [2, 246, 111, 108, 95, 3]],
    ['qna_', [2, 21, 108, 95, 56, 3]],
    ['qna.', [2, 355, 41, 3]],
    ['qnaé', [2, 21, 108, 95, 99, 3]],
    ['QNA', [2, 21, 108, 95, 3]],
    ['graph dna graph', [2, 246, 356, 246, 3]],
    ['graph DNÁ graph', [2, 246, 356, 246, 3]],
    ['the GRAPH paper', [2, 153, 357, 3]],
    ['graph [CLS\0]', [2, 246, 49, 7, 106, 113, 50, 3]],
  ])('with added tokens: %s', (text, ids) => {
    const tokens = [
      added(355, 'qna', { special: false, single_word: true }),
      added(356, 'DNA', { special: false, normalized: true, lstrip: true, rstrip: true }),
      added(357, 'graph paper', { special: false, normalized: true }),
    ]
    expect(load({ ...fixture, added_tokens: [...fixture.added_tokens, ...tokens] }).encode(text).ids).toEqual(ids)
  })

  test('keeps the id of an added token that the vocabulary has, as the reference does', () => {
    const tokens = [...fixture.added_tokens, added(355, 'rna', { special: false, single_word: true })]
    expect(load({ ...fixture, added_tokens: tokens }).encode('graph rna graph').ids).toEqual([2, 246, 236, 246, 3])
  })

  test.each([
    ['half-width kana', '\uff76\uff9e', [0, 4, 5, 6, 2]],
    ['kana and a voice mark', 'か\u3099', [0, 4, 9, 6, 2]],
    ['a mark after a replaced letter', '½\u0301', [0, 4, 10, 11, 12, 2]],
    ['a joiner after a replaced letter', '½\u200d', [0, 4, 10, 11, 12, 2]],
    ['a free jamo', '\u1100', [0, 4, 16, 2]],
    ['a syllable of jamo', '\u1100\u1161', [0, 4, 16, 17, 2]],
    ['a jamo and a mark', '\u1100\u0301', [0, 4, 16, 2]],
    ['a letter and an accent', 'e\u0301', [0, 4, 14, 2]],
    ['a joiner between letters', 'a\u200db', [0, 21, 23, 20, 2]],
    ['a space of no width', 'a\u200b b', [0, 21, 4, 20, 2]],
    ['a longer replacement', '㎒', [0, 4, 18, 2]],
    ['unknown characters', '😀😀 😀', [0, 4, 3, 4, 3, 2]],
    ['an added token with spaces before it', 'a <mask> b', [0, 21, 24, 4, 20, 2]],
    ['spaces around words', ' a  b ', [0, 21, 4, 20, 2]],
    ['a tab', '\tab', [0, 4, 22, 2]],
  ])('of SentencePiece: %s', (_, text, ids) => {
    expect(load(unigram).encode(text).ids).toEqual(ids)
    expect(load(metaspace).encode(text).ids).toEqual(ids)
  })
})

test.each([
  ['normalizer', 'NFKC', { normalizer: { type: 'NFKC' } }],
  ['normalizer', 'NFKC', { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKC' }] } }],
  ['normalizer', 'Replace "\\\\d"', { normalizer: { type: 'Replace', pattern: { Regex: '\\d' }, content: '' } }],
  ['pre_tokenizer', 'ByteLevel', { pre_tokenizer: { type: 'ByteLevel' } }],
  ['model', 'BPE', { model: { type: 'BPE' } }],
  ['model', 'Unigram with byte_fallback', { model: { ...unigram.model, byte_fallback: true } }],
])('refuses a %s of which tokens could differ: %s', async (field, actual, part) => {
  const error = await failure((async () => load({ ...unigram, ...part }))(), 'UNSUPPORTED')
  expect(error.details).toMatchObject({ file: 'tokenizer.json', field, actual })
})

test('refuses a table of SentencePiece that is cut off', async () => {
  const cut = { ...unigram, normalizer: { type: 'Precompiled', precompiled_charsmap: CHARSMAP.slice(0, 400) } }
  const error = await failure((async () => load(cut))(), 'DAMAGED_FILE')
  expect(error.details).toMatchObject({ field: 'precompiled_charsmap', actual: 300, expected: 1028 })
})
