import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import type { Manifest } from '../core/model-folder/manifest.js'
import type { PaperText } from '../core/types.js'

/** Token ids of one text. */
export interface Tokens {
  /** [CLS] … [SEP], at most the model's `maxTokens`. */
  ids: readonly number[]
  /** Whether the text was too long, so that its end is missing. */
  truncated: boolean
}

/** Characters to tokenize at first for each token of the limit; English has about five per token. */
const CHARACTERS_PER_TOKEN = 16

/** Fills in the model's templates and tokenizes the text as the published tokenizer does. */
export class Tokenizer {
  readonly #tokenizer: HuggingFaceTokenizer
  readonly #maxTokens: number
  readonly #templates: Manifest['templates']

  /** @param files Parsed `tokenizer.json` and `tokenizer_config.json`. */
  constructor(files: { tokenizer: object; config: object }, { maxTokens, templates }: Pick<Manifest, 'maxTokens' | 'templates'>) {
    this.#tokenizer = new HuggingFaceTokenizer(files.tokenizer, files.config)
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
    const limit = this.#maxTokens
    // A lone surrogate is not a character: the reference's tokenizer drops its replacement.
    const wellFormed = text.toWellFormed()
    for (let length = limit * CHARACTERS_PER_TOKEN; ; length *= 4) {
      const part = prefix(wellFormed, length)
      const { ids } = this.#tokenizer.encode(part)
      if (ids.length > limit) return { ids: [...ids.slice(0, limit - 1), ids[ids.length - 1]!], truncated: true }
      if (part.length === wellFormed.length) return { ids, truncated: false }
    }
  }

  #fill(template: string, fields: Readonly<Record<string, string>>): Tokens {
    const text = template.replace(/\{(\w+)\}/g, (placeholder, name: string) => fields[name] ?? placeholder)
    return this.encode(this.#templates.trim ? text.trim() : text)
  }
}

/**
 * At least the first `length` characters, up to white space: words are tokenized one by one, so the prefix has the same tokens.
 */
function prefix(text: string, length: number): string {
  if (text.length <= length) return text
  const space = text.slice(length).search(/[ \t\r\n]/)
  return space < 0 ? text : text.slice(0, length + space)
}
