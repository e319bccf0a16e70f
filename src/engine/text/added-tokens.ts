import { WORD } from './unicode-sets.js'

/** A token of `added_tokens` in `tokenizer.json`. */
export interface AddedToken {
  id: number
  content: string
  single_word?: boolean
  lstrip?: boolean
  rstrip?: boolean
  normalized?: boolean
  special?: boolean
}

const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'u')
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'u')

/** Finds added tokens in a text, as the reference does: at each position the longest. */
export class AddedTokens {
  readonly #tokens: ReadonlyMap<string, AddedToken>
  readonly #pattern: RegExp | null

  /** @param tokens By the text under which they are found. */
  constructor(tokens: ReadonlyMap<string, AddedToken>) {
    this.#tokens = tokens
    const contents = [...tokens.keys()].filter(Boolean).sort((a, b) => b.length - a.length)
    const escaped = contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    this.#pattern = escaped.length > 0 ? new RegExp(escaped.join('|'), 'gu') : null
  }

  /** The text between added tokens, and the tokens' ids, in order. */
  split(text: string): (string | number)[] {
    const parts: (string | number)[] = []
    let position = 0
    for (const match of this.#pattern ? text.matchAll(this.#pattern) : []) {
      const token = this.#tokens.get(match[0])!
      let start = match.index
      let end = start + match[0].length
      if (token.single_word && (endsWithWord(text, start) || STARTS_WITH_WORD.test(text.slice(end, end + 2)))) continue
      if (token.lstrip) while (start > position && /\p{White_Space}/u.test(text[start - 1]!)) start--
      if (token.rstrip) while (end < text.length && /\p{White_Space}/u.test(text[end]!)) end++
      if (start > position) parts.push(text.slice(position, start))
      parts.push(token.id)
      position = end
    }
    if (position < text.length) parts.push(text.slice(position))
    return parts
  }
}

/** Whether a character of a word ends at `end`; half of a surrogate pair before it does not matter. */
function endsWithWord(text: string, end: number): boolean {
  return ENDS_WITH_WORD.test(text.slice(Math.max(0, end - 2), end))
}
