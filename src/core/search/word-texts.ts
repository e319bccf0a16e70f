import type { Word } from './words.js'

/** Codes below this one are marks: 0 between texts of a field, 1 + field before a field's first. */
const FIRST_WORD = 16
const SURROGATES = { first: 0xd800, count: 0x800 }
/** Words beyond these, which no library of papers has, would be taken for each other in phrases. */
const LAST_CODE = 0x10ffff
const BREAK = String.fromCodePoint(0)

const markOf = (field: number) => String.fromCodePoint(1 + field)

/**
 * The words of all papers in their order, for what an inverted index cannot tell: phrases, and which words a paper has. A paper is a
 * string with one character for each word, so that a phrase is found by `includes`, and takes some 2 bytes a word.
 */
export class WordTexts {
  readonly #codes = new Map<string, string>()
  readonly #stems: string[] = []
  readonly #codesByStem = new Map<string, string[]>()
  texts: string[] = []

  /** @param fields For each field its texts, as words. */
  add(fields: readonly (readonly (readonly Word[])[])[]): void {
    let text = ''
    for (const [field, parts] of fields.entries()) {
      text += markOf(field)
      for (const part of parts) {
        for (const word of part) text += this.#codes.get(word.folded) ?? this.#newCode(word)
        text += BREAK
      }
    }
    this.texts.push(text)
  }

  /** The words as a part of a text; `null` if no paper has one of them. */
  phrase(words: readonly Word[]): string | null {
    let phrase = ''
    for (const { folded } of words) {
      const code = this.#codes.get(folded)
      if (code === undefined) return null
      phrase += code
    }
    return phrase
  }

  /** The codes of all words with this stem. */
  withStem(stem: string): readonly string[] {
    return this.#codesByStem.get(stem) ?? []
  }

  /** The text of one field; of all fields, if it is `null`. */
  section(slot: number, field: number | null): string {
    const text = this.texts[slot]!
    if (field === null) return text
    const end = text.indexOf(markOf(field + 1))
    return text.slice(text.indexOf(markOf(field)) + 1, end < 0 ? undefined : end)
  }

  /** The different stems of a paper. */
  stems(slot: number): Set<string> {
    const stems = new Set<string>()
    for (const character of this.texts[slot]!) {
      const code = character.codePointAt(0)!
      if (code >= FIRST_WORD) stems.add(this.#stems[indexOf(code)]!)
    }
    stems.delete('')
    return stems
  }

  #newCode({ folded, stem }: Word): string {
    const index = this.#stems.length
    const plain = FIRST_WORD + index
    const code = String.fromCodePoint(Math.min(LAST_CODE, plain < SURROGATES.first ? plain : plain + SURROGATES.count))
    this.#codes.set(folded, code)
    this.#stems.push(stem)
    const others = this.#codesByStem.get(stem)
    if (others) others.push(code)
    else this.#codesByStem.set(stem, [code])
    return code
  }
}

const indexOf = (code: number) => (code < SURROGATES.first ? code : code - SURROGATES.count) - FIRST_WORD
