import { Specter2Error } from '../../core/errors.js'

/** Characters that may join others to a grapheme: marks, joiners, jamo, format characters, and letters that join the next. */
const JOINING =
  /[\r\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\p{Cf}\u0d4e\u0e33\u0eb3\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]/u

/** Longer graphemes are mapped character by character. */
const MAX_GRAPHEME_BYTES = 5

/** Flags and fields of a unit of the double-array trie (Darts-clone, which SentencePiece uses). */
const offsetOf = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6)
const hasLeaf = (unit: number) => (unit & 0x100) !== 0
const labelOf = (unit: number) => (unit & 0x800000ff) >>> 0
const leafValue = (unit: number) => unit & 0x7fffffff

/**
 * SentencePiece's table of replacements as the reference applies it: to each grapheme of at most five bytes, or else to each of
 * its characters, the replacement of the shortest beginning that the table has. So a mark after a mapped letter may vanish, and
 * half-width kana are not composed with their voice marks.
 */
export class Charsmap {
  readonly #trie: Uint32Array
  readonly #replacements: Uint8Array
  readonly #found = new Map<string, string | null>()
  readonly #utf8 = new TextEncoder()
  readonly #segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

  /** @param base64 `precompiled_charsmap`: bytes of the trie (uint32), trie, replacements that each end with a zero byte. */
  constructor(base64: string) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const length = bytes.length >= 4 ? new DataView(bytes.buffer).getUint32(0, true) : Number.NaN
    if (!(length % 4 === 0 && length >= 4 && 4 + length <= bytes.length)) {
      throw new Specter2Error('DAMAGED_FILE', 'tokenizer.json has a precompiled_charsmap that is cut off. Fetch it again.', {
        details: { file: 'tokenizer.json', field: 'precompiled_charsmap', actual: bytes.length, expected: 4 + length },
      })
    }
    this.#trie = new Uint32Array(bytes.slice(4, 4 + length).buffer)
    this.#replacements = bytes.subarray(4 + length)
  }

  apply(text: string): string {
    // Segmentation takes most of the time.
    if (!JOINING.test(text)) return this.#characters(text)
    let result = ''
    for (const { segment } of this.#segmenter.segment(text)) result += this.#grapheme(segment)
    return result
  }

  #grapheme(grapheme: string): string {
    const short = grapheme.length <= MAX_GRAPHEME_BYTES && this.#utf8.encode(grapheme).length <= MAX_GRAPHEME_BYTES
    return (short ? this.#replacement(grapheme) : null) ?? this.#characters(grapheme)
  }

  #characters(text: string): string {
    let result = ''
    for (const character of text) result += this.#replacement(character) ?? character
    return result
  }

  #replacement(text: string): string | null {
    let found = this.#found.get(text)
    if (found === undefined) {
      found = this.#search(this.#utf8.encode(text))
      this.#found.set(text, found)
    }
    return found
  }

  /** The replacement of the shortest beginning of `bytes` that is in the trie. */
  #search(bytes: Uint8Array): string | null {
    let position = offsetOf(this.#trie[0]!)
    for (const byte of bytes) {
      if (byte === 0) break
      position ^= byte
      const unit = this.#trie[position] ?? 0
      if (labelOf(unit) !== byte) break
      position ^= offsetOf(unit)
      if (!hasLeaf(unit)) continue
      const start = leafValue(this.#trie[position] ?? 0)
      const end = this.#replacements.indexOf(0, start)
      return new TextDecoder().decode(this.#replacements.subarray(start, end < 0 ? undefined : end))
    }
    return null
  }
}
