import { Specter2Error, show } from '../../core/errors.js'
import { Charsmap } from './charsmap.js'
import { CONTROL, DECOMPOSABLE, IDEOGRAPH, MARK, WORD_END } from './unicode-sets.js'

/** A part of a parsed `tokenizer.json`. */
export type TokenizerPart = Readonly<Record<string, unknown>>

type Normalize = (text: string) => string
type Split = (text: string) => string[]

/** The characters of `text` in lower case, each by itself: JavaScript alone makes ς of a Σ at the end of a word. */
function lowercased(text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase()
}

function withoutAccents(text: string): string {
  return text.replace(DECOMPOSABLE, (part) => part.normalize('NFD').replace(MARK, ''))
}

/** BERT's normalization, in the reference's order. */
function bertNormalizer(config: TokenizerPart): Normalize {
  const { clean_text: clean = true, handle_chinese_chars: ideographs = true, lowercase = true } = config
  const accents = config.strip_accents ?? lowercase
  return (text) => {
    let result = text
    if (clean)
      result = result
        .replace(CONTROL, '')
        .replaceAll('\0', '')
        .replace(/\p{White_Space}/gu, ' ')
    if (ideographs) result = result.replace(IDEOGRAPH, ' $& ')
    if (accents) result = withoutAccents(result)
    return lowercase ? lowercased(result) : result
  }
}

/** The regular expressions of published normalizers; others may mean another thing in JavaScript. */
const PATTERNS: ReadonlyMap<unknown, RegExp> = new Map([[' {2,}', / {2,}/g]])

function replacer({ pattern, content }: TokenizerPart): Normalize {
  const { String: text, Regex: source } = Object(pattern) as TokenizerPart
  const found = typeof text === 'string' ? text : PATTERNS.get(source)
  if (found === undefined) throw unsupported('normalizer', `Replace ${show(source)}`, ['a text', ...PATTERNS.keys()].map(String))
  return (input) => input.replaceAll(found, () => String(content))
}

const NORMALIZERS: Readonly<Record<string, (config: TokenizerPart) => Normalize>> = {
  BertNormalizer: bertNormalizer,
  Lowercase: () => lowercased,
  Precompiled(config) {
    if (!config.precompiled_charsmap) return (text) => text
    const map = new Charsmap(String(config.precompiled_charsmap))
    return (text) => map.apply(text)
  },
  Replace: replacer,
  Sequence: ({ normalizers }) => {
    const parts = (normalizers as readonly TokenizerPart[]).map(createNormalizer)
    return (text) => parts.reduce((result, normalize) => normalize(result), text)
  },
  Strip: ({ strip_left: left, strip_right: right }) => {
    return (text) => {
      const start = left ? text.replace(/^\p{White_Space}+/u, '') : text
      return right ? start.slice(0, start.length - /\p{White_Space}*$/u.exec(start)![0].length) : start
    }
  },
}

/**
 * The function of a normalizer in `tokenizer.json`, equal to that of `tokenizers`.
 *
 * @throws Specter2Error `UNSUPPORTED` for kinds that this file has not.
 */
export function createNormalizer(config: TokenizerPart | null): Normalize {
  return config ? partOf('normalizer', config, NORMALIZERS) : (text) => text
}

const splitBertWords: Split = (text) => text.split(WORD_END).filter(Boolean)

function metaspace(config: TokenizerPart): Split {
  const { replacement = '▁', add_prefix_space: legacy = true, split = true } = config
  const mark = String(replacement)
  const scheme = config.prepend_scheme ?? (legacy === false ? 'never' : 'always')
  if (scheme === 'first') throw unsupported('pre_tokenizer', 'Metaspace with prepend_scheme "first"', ['always', 'never'])
  return (text) => {
    const marked = text.replaceAll(' ', mark)
    const whole = scheme === 'always' && !marked.startsWith(mark) ? mark + marked : marked
    if (!split) return [whole]
    const [first, ...rest] = whole.split(mark)
    return [first!, ...rest.map((word) => mark + word)].filter(Boolean)
  }
}

const SPLITTERS: Readonly<Record<string, (config: TokenizerPart) => Split>> = {
  BertPreTokenizer: () => splitBertWords,
  Metaspace: metaspace,
  Sequence: ({ pretokenizers }) => {
    const parts = (pretokenizers as readonly TokenizerPart[]).map(createSplitter)
    return (text) => parts.reduce((words, split) => words.flatMap(split), [text])
  },
  WhitespaceSplit: () => (text) => text.split(/\p{White_Space}+/u).filter(Boolean),
}

/**
 * The function of a pre-tokenizer in `tokenizer.json`, equal to that of `tokenizers`.
 *
 * @throws Specter2Error `UNSUPPORTED` for kinds that this file has not.
 */
export function createSplitter(config: TokenizerPart | null): Split {
  return config ? partOf('pre_tokenizer', config, SPLITTERS) : (text) => [text]
}

function partOf<T>(field: string, config: TokenizerPart, kinds: Readonly<Record<string, (config: TokenizerPart) => T>>): T {
  const kind = String(config.type)
  if (!Object.hasOwn(kinds, kind)) throw unsupported(field, kind, Object.keys(kinds))
  return kinds[kind]!(config)
}

/** The error for a tokenizer whose tokens could differ from the reference's. */
export function unsupported(field: string, actual: string, expected: readonly string[]): Specter2Error {
  const message = `tokenizer.json has the ${field} ${actual}; this version tokenizes exactly with ${expected.join(', ')}. Use another model: this one's tokens could be wrong.`
  return new Specter2Error('UNSUPPORTED', message, { details: { file: 'tokenizer.json', field, actual, expected } })
}
