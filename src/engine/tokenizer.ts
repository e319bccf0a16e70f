import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import type { Manifest } from '../core/model-folder/manifest.js'
import type { PaperText } from '../core/types.js'
import { type AddedToken, AddedTokens } from './text/added-tokens.js'
import { createNormalizer, createSplitter, type TokenizerPart, unsupported } from './text/normalizers.js'

/** Token ids of one text. */
export interface Tokens {
  /** [CLS] … [SEP], at most the model's `maxTokens`. */
  ids: readonly number[]
  /** Whether the text was too long, so that its end is missing. */
  truncated: boolean
}

/** The parts of `tokenizer.json` that are read here. */
interface TokenizerJson {
  added_tokens?: readonly AddedToken[]
  normalizer: TokenizerPart | null
  pre_tokenizer: TokenizerPart | null
  model: TokenizerPart
}

/** Characters to tokenize at first for each token of the limit; English has about five per token. */
const CHARACTERS_PER_TOKEN = 16

/** At most so many words are remembered, a few megabytes. */
const MAX_WORDS = 20_000
const MAX_WORD_LENGTH = 40

/** Models of which the library's tokens are the reference's, given the reference's words. */
const MODELS = ['WordPiece', 'Unigram']

/**
 * Fills in the model's templates and tokenizes the text as the published tokenizer does. The library looks words up in the
 * vocabulary; added tokens, normalization and words are our own, since the library's differ from the reference's.
 */
export class Tokenizer {
  readonly #library: HuggingFaceTokenizer
  readonly #added: AddedTokens
  readonly #addedNormalized: AddedTokens
  readonly #normalize: (text: string) => string
  readonly #split: (text: string) => string[]
  /** Ids before and after those of a text. */
  readonly #frame: { before: readonly number[]; after: readonly number[] }
  /** Where a text can be cut without a change to the tokens before; `null`: nowhere. */
  readonly #wordEnd: RegExp | null
  /** Ids of words that occurred: looking one up takes most of the time, and most occur again. */
  readonly #words = new Map<string, readonly number[]>()
  readonly #maxTokens: number
  readonly #templates: Manifest['templates']

  /**
   * @param files Parsed `tokenizer.json` and `tokenizer_config.json`.
   * @throws Specter2Error `UNSUPPORTED` for a tokenizer whose tokens could differ from the reference's.
   */
  constructor(files: { tokenizer: object; config: object }, { maxTokens, templates }: Pick<Manifest, 'maxTokens' | 'templates'>) {
    const { added_tokens: added = [], normalizer, pre_tokenizer: splitter, model } = files.tokenizer as TokenizerJson
    // The oldest files leave the type out.
    const kind = String(model.type ?? (Array.isArray(model.vocab) ? 'Unigram' : 'merges' in model ? 'BPE' : 'WordPiece'))
    if (!MODELS.includes(kind)) throw unsupported('model', kind, MODELS)
    if (model.byte_fallback === true) throw unsupported('model', 'Unigram with byte_fallback', MODELS)
    this.#normalize = createNormalizer(normalizer)
    this.#split = createSplitter(splitter)
    // The library needs these parts, but runs none of them.
    const parts = { normalizer: null, pre_tokenizer: null, decoder: null, added_tokens: [] }
    this.#library = new HuggingFaceTokenizer({ ...files.tokenizer, ...parts }, files.config)
    // A token that the vocabulary has already keeps its id; the library would also find the others inside of words.
    const vocabulary = this.#library.model!.tokens_to_ids
    const tokens = added.map((token) => ({ ...token, id: vocabulary.get(token.content) ?? token.id }))
    const byText = (normalized: boolean, text: (content: string) => string) => {
      const chosen = tokens.filter((token) => (token.normalized ?? !token.special) === normalized)
      return new AddedTokens(new Map(chosen.map((token) => [text(token.content), token])))
    }
    this.#added = byText(false, (content) => content)
    this.#addedNormalized = byText(true, this.#normalize)
    this.#frame = this.#readFrame(new Map(tokens.map(({ content, id }) => [content, id])))
    const hasPhrases = added.some(({ content }) => /\p{White_Space}/u.test(content))
    this.#wordEnd = hasPhrases ? null : splitter?.type === 'BertPreTokenizer' ? /[ \t\r\n]/ : / /
    this.#maxTokens = maxTokens
    this.#templates = templates
  }

  /** Tokenizes a paper in the model's template, or a plain string as it is. */
  encodePaper(input: PaperText | string): Tokens {
    if (typeof input === 'string') return this.encode(input)
    return this.#fill(this.#templates.paper, { title: input.title, abstract: input.abstract ?? '' })
  }

  encodeQuery(query: string): Tokens {
    return this.#fill(this.#templates.query, { query })
  }

  /** Tokenizes a text; cuts a longer one before the closing [SEP], as the reference does. */
  encode(text: string): Tokens {
    const { before, after } = this.#frame
    const limit = Math.max(0, this.#maxTokens - before.length - after.length)
    // A lone surrogate is not a character: the reference's tokenizer drops its replacement.
    const wellFormed = text.toWellFormed()
    for (let length = this.#maxTokens * CHARACTERS_PER_TOKEN; ; length *= 4) {
      const part = this.#prefix(wellFormed, length)
      const ids = this.#idsOf(part)
      if (ids.length > limit) return { ids: [...before, ...ids.slice(0, limit), ...after], truncated: true }
      if (part.length === wellFormed.length) return { ids: [...before, ...ids, ...after], truncated: false }
    }
  }

  /** Ids of a whole text without the special tokens around it. */
  #idsOf(text: string): number[] {
    const ids: number[] = []
    for (const part of this.#added.split(text)) {
      if (typeof part === 'number') ids.push(part)
      else {
        for (const inner of this.#addedNormalized.split(this.#normalize(part))) {
          if (typeof inner === 'number') ids.push(inner)
          else for (const word of this.#split(inner)) ids.push(...this.#idsOfWord(word))
        }
      }
    }
    return ids
  }

  #idsOfWord(word: string): readonly number[] {
    let found = this.#words.get(word)
    if (!found) {
      const { tokens_to_ids: ids, unk_token_id: unknown } = this.#library.model!
      // One by one: the library would join unknown characters of neighbouring words.
      found = this.#library.model!([word]).map((token: string) => ids.get(token) ?? unknown!) as number[]
      if (this.#words.size === MAX_WORDS) this.#words.clear()
      if (word.length <= MAX_WORD_LENGTH) this.#words.set(word, found)
    }
    return found
  }

  #readFrame(added: ReadonlyMap<string, number>): { before: readonly number[]; after: readonly number[] } {
    const { model, post_processor: addSpecial } = this.#library
    const text = '\0'
    const tokens: string[] = addSpecial ? addSpecial([text], null, true).tokens : [text]
    const ids = tokens.map((token) => model!.tokens_to_ids.get(token) ?? added.get(token) ?? model!.unk_token_id!)
    const at = tokens.indexOf(text)
    return { before: ids.slice(0, at), after: ids.slice(at + 1) }
  }

  #fill(template: string, fields: Readonly<Record<string, string>>): Tokens {
    const text = template.replace(/\{(\w+)\}/g, (placeholder, name: string) => fields[name] ?? placeholder)
    return this.encode(this.#templates.trim ? text.trim() : text)
  }

  /** At least the first `length` characters, up to the end of a word: words are tokenized one by one. */
  #prefix(text: string, length: number): string {
    if (text.length <= length || !this.#wordEnd) return text
    const space = text.slice(length).search(this.#wordEnd)
    return space < 0 ? text : text.slice(0, length + space)
  }
}
