import { Postings } from './postings.js'
import { isRequired, type ParsedQuery, parseQuery, type QueryPart } from './query-language.js'
import { addRow, hasRow, type RowSet } from './row-set.js'
import { fieldTexts, identifierKeys, SEARCH_FIELDS, type SearchedPaper, type SearchField } from './search-fields.js'
import { WordTexts } from './word-texts.js'
import { type Word, words } from './words.js'

/** Rows by descending score, ties by ascending row. */
export interface LexicalHits {
  rows: Uint32Array<ArrayBuffer>
  /** Only comparable within one search; 0 if the query has no words to rank by. */
  scores: Float64Array<ArrayBuffer>
  /** How many rows have some of the query's words, and how many have all. */
  counts: { some: number; all: number }
  /** Whether a row has all of the query's words. */
  hasAll: (row: number) => boolean
  /** The words of the query that a row has, as the query spells them. */
  terms: (row: number) => string[]
}

export interface LexicalSearchOptions {
  /** Rows that may be found; default all. Borrowed. */
  filter?: RowSet | undefined
  /** How many rows to return; default all that match. */
  k?: number | undefined
}

/**
 * How much a word counts in each field, and how far the field's length discounts it (BM25's b). Those of title and abstract, and k1, were
 * chosen with `evaluate --mode lexical`; fields of few words have no length to discount. Who types an identifier looks for that paper.
 */
const WEIGHTS: Readonly<Record<SearchField, { weight: number; b: number }>> = {
  title: { weight: 3, b: 0.75 },
  abstract: { weight: 1, b: 0.75 },
  author: { weight: 3, b: 0 },
  venue: { weight: 0.5, b: 0 },
  year: { weight: 0.5, b: 0 },
  keyword: { weight: 2, b: 0 },
  label: { weight: 2, b: 0 },
  note: { weight: 1, b: 0 },
  identifier: { weight: 20, b: 0 },
}
const K1 = 1.6
const FIELDS = SEARCH_FIELDS.length
const FIELD_WEIGHTS = SEARCH_FIELDS.map((field) => WEIGHTS[field])
/** Fields whose words are names: `author:Williams` is not William. */
const NAMES: ReadonlySet<SearchField | null> = new Set(['author', 'label'])
/** With more removed slots than this and more than live ones, slots are numbered anew. */
const SPARE_SLOTS = 1000

/**
 * Finds papers by the words of all their fields: BM25F (Robertson and Zaragoza 2009, section 3.6) over English stems without stop words,
 * and phrases, fields, years, identifiers and exclusions as {@link parseQuery} reads them.
 */
export class LexicalIndex {
  /** A paper keeps its slot until it is changed or removed. */
  readonly #slots = new Map<number, number>()
  /** The row of each slot; -1 if it was removed. */
  #rows: number[] = []
  #years: number[] = []
  /** [slots, fields]. */
  #lengths = new Uint16Array(64 * FIELDS)
  /** Of all papers: words of a field, and how many papers have it. */
  readonly #total = SEARCH_FIELDS.map(() => ({ length: 0, papers: 0 }))
  readonly #texts = new WordTexts()
  readonly #postings = new Map<string, Postings>()
  readonly #rowsByIdentifier = new Map<string, Set<number>>()
  readonly #identifiers = new Map<number, string[]>()

  /** Adds a paper, or replaces that of the row. Fields of an unexpected type are not searched. */
  add(row: number, paper: SearchedPaper): void {
    this.remove(row)
    const slot = this.#rows.push(row) - 1
    this.#slots.set(row, slot)
    this.#years.push(typeof paper.year === 'number' ? paper.year : Number.NaN)
    const identifiers = identifierKeys(paper)
    if (identifiers.length > 0) this.#identifiers.set(row, identifiers)
    for (const key of identifiers) this.#rowsByIdentifier.set(key, (this.#rowsByIdentifier.get(key) ?? new Set()).add(row))
    const fields = fieldTexts(paper).map((texts) => texts.map(words))
    this.#texts.add(fields)
    this.#index(slot, fields)
  }

  /** Removes a row, if it is in the index; it may be added again. */
  remove(row: number): void {
    const slot = this.#slots.get(row)
    if (slot === undefined) return
    this.#slots.delete(row)
    this.#rows[slot] = -1
    for (const stem of this.#texts.stems(slot)) this.#postings.get(stem)!.papers--
    this.#texts.texts[slot] = ''
    for (const key of this.#identifiers.get(row) ?? []) this.#rowsByIdentifier.get(key)!.delete(row)
    this.#identifiers.delete(row)
    for (const [field, total] of this.#total.entries()) this.#count(total, this.#lengths[slot * FIELDS + field]!, -1)
    if (this.#rows.length > 2 * this.#slots.size + SPARE_SLOTS) this.#renumber()
  }

  /** The papers that the query's phrases, fields, years, identifiers and exclusions allow, and that have any of its words. */
  search(query: string | ParsedQuery, { filter, k }: LexicalSearchOptions = {}): LexicalHits {
    const parsed = typeof query === 'string' ? parseQuery(query) : query
    const allowed = this.#allowed(parsed)
    const asked = askedWords(parsed)
    const scores = new Float64Array(this.#rows.length)
    const found = new Uint16Array(this.#rows.length)
    const free = new Set(asked.filter(({ field, isFree }) => isFree && field === null).map(({ stem }) => stem))
    for (const { stem, field } of distinct(asked))
      this.#score(stem, field, scores, free.has(stem) && field === null ? found : null)
    const isRanked = asked.length > 0
    const isAsked = isRanked || (allowed !== null && parsed.parts.some(isRequired))
    const slots: number[] = []
    let all = 0
    for (let slot = 0; isAsked && slot < this.#rows.length; slot++) {
      const row = this.#rows[slot]!
      if (row < 0 || (isRanked && scores[slot] === 0) || allowed?.[slot] === 0 || (filter && !hasRow(filter, row))) continue
      slots.push(slot)
      if (found[slot] === free.size) all++
    }
    slots.sort((a, b) => scores[b]! - scores[a]! || this.#rows[a]! - this.#rows[b]!)
    const best = k === undefined ? slots : slots.slice(0, k)
    return {
      rows: Uint32Array.from(best, (slot) => this.#rows[slot]!),
      scores: Float64Array.from(best, (slot) => scores[slot]!),
      counts: { some: slots.length, all },
      hasAll: (row) => found[this.#slots.get(row) ?? -1] === free.size && isAsked,
      terms: (row) => this.#terms(asked, row),
    }
  }

  /**
   * The rows that the query's phrases, fields, years, identifiers and exclusions allow, whatever its words.
   *
   * @returns `filter` if the query has none of these.
   */
  scope(query: ParsedQuery, filter?: RowSet): RowSet | undefined {
    const allowed = this.#allowed(query)
    if (!allowed) return filter
    const rows = new Uint32Array((this.#rows.reduce((most, row) => Math.max(most, row), 0) + 32) >>> 5)
    for (const [row, slot] of this.#slots) if (allowed[slot] === 1 && (!filter || hasRow(filter, row))) addRow(rows, row)
    return rows
  }

  #index(slot: number, fields: readonly (readonly (readonly Word[])[])[]): void {
    if (this.#lengths.length < (slot + 1) * FIELDS) {
      const lengths = this.#lengths
      this.#lengths = new Uint16Array(lengths.length * 2)
      this.#lengths.set(lengths)
    }
    for (const [field, texts] of fields.entries()) {
      const frequencies = new Map<string, number>()
      for (const { stem } of texts.flat()) if (stem !== '') frequencies.set(stem, (frequencies.get(stem) ?? 0) + 1)
      let length = 0
      for (const [stem, frequency] of frequencies) {
        const postings = this.#postings.get(stem) ?? new Postings()
        if (postings.count === 0) this.#postings.set(stem, postings)
        postings.add(slot, field, frequency)
        length += frequency
      }
      length = Math.min(length, 65_535)
      this.#lengths[slot * FIELDS + field] = length
      this.#count(this.#total[field]!, length, 1)
    }
  }

  #count(total: { length: number; papers: number }, length: number, sign: 1 | -1): void {
    total.length += sign * length
    if (length > 0) total.papers += sign
  }

  /**
   * Adds the score of a stem to all papers that have it, in one field or in any.
   *
   * @param found Counts the papers.
   */
  #score(stem: string, field: number | null, scores: Float64Array, found: Uint16Array | null): void {
    const postings = this.#postings.get(stem)
    if (!postings) return
    const { count, slots, entries, papers } = postings
    const idf = Math.log(1 + (this.#slots.size - papers + 0.5) / (papers + 0.5))
    const averages = this.#total.map(({ length, papers }) => length / Math.max(1, papers))
    for (let index = 0; index < count; ) {
      const slot = slots[index]!
      let frequency = 0
      for (; index < count && slots[index] === slot; index++) {
        const at = entries[index]! & 15
        if (field !== null && at !== field) continue
        const { weight, b } = FIELD_WEIGHTS[at]!
        frequency += (weight * (entries[index]! >>> 4)) / (1 - b + (b * this.#lengths[slot * FIELDS + at]!) / averages[at]!)
      }
      if (frequency === 0) continue
      scores[slot]! += (idf * frequency) / (K1 + frequency)
      if (found) found[slot]!++
    }
  }

  /** 1 for each slot that the query's required parts allow and its exclusions do not forbid; `null` if it has neither. */
  #allowed({ parts }: ParsedQuery): Uint8Array | null {
    let allowed: Uint8Array | null = null
    for (const part of parts) {
      if (!isRequired(part)) continue
      const has = this.#having(part)
      if (!has) continue
      allowed ??= new Uint8Array(this.#rows.length).fill(1)
      for (let slot = 0; slot < has.length; slot++) if ((has[slot] === 1) === part.excluded) allowed[slot] = 0
    }
    return allowed
  }

  /** 1 for each slot that has what a part asks for; `null` if that is no word. */
  #having({ kind, field, text, quoted, years }: QueryPart): Uint8Array | null {
    const has = new Uint8Array(this.#rows.length)
    if (kind === 'identifier') for (const row of this.#rowsByIdentifier.get(text) ?? []) has[this.#slots.get(row) ?? -1] = 1
    else if (years) {
      const { from, to } = years
      for (const [slot, year] of this.#years.entries()) if (year >= (from ?? year) && year <= (to ?? year)) has[slot] = 1
    } else {
      const asked = words(text)
      if (asked.length === 0) return null
      const at = field === null ? null : SEARCH_FIELDS.indexOf(field)
      const matches = quoted || kind === 'text' ? this.#phraseMatcher(asked) : this.#wordsMatcher(asked, NAMES.has(field))
      if (matches) for (const slot of this.#candidates(asked)) if (matches(this.#texts.section(slot, at))) has[slot] = 1
    }
    return has
  }

  /** One word as any of its forms, several as they are spelled. */
  #phraseMatcher(asked: readonly Word[]): ((text: string) => boolean) | null {
    if (asked.length === 1 && asked[0]!.stem !== '') return this.#wordsMatcher(asked, false)
    const phrase = this.#texts.phrase(asked)
    return phrase === null ? null : (text) => text.includes(phrase)
  }

  #wordsMatcher(asked: readonly Word[], isExact: boolean): (text: string) => boolean {
    const forms = asked.map((word) => {
      if (!isExact && word.stem !== '') return this.#texts.withStem(word.stem)
      const own = this.#texts.phrase([word])
      return own === null ? [] : [own]
    })
    return (text) => forms.every((codes) => codes.some((code) => text.includes(code)))
  }

  /** Live slots that have the rarest of the stems; all, if these are stop words. */
  #candidates(asked: readonly Word[]): Iterable<number> {
    const stems = asked.flatMap(({ stem }) => (stem === '' ? [] : [stem]))
    if (stems.length === 0) return this.#slots.values()
    const postings = stems.map((stem) => this.#postings.get(stem))
    if (postings.includes(undefined)) return []
    const rarest = postings.reduce((a, b) => (b!.count < a!.count ? b : a))!
    return [...new Set(rarest.slots.subarray(0, rarest.count))].filter((slot) => this.#rows[slot]! >= 0)
  }

  #terms(asked: readonly AskedWord[], row: number): string[] {
    const slot = this.#slots.get(row)
    if (slot === undefined || asked.length === 0) return []
    const stems = this.#texts.stems(slot)
    const found = new Map<string, string>()
    for (const { stem, word } of asked) if (stems.has(stem) && !found.has(stem)) found.set(stem, word)
    return [...found.values()]
  }

  #renumber(): void {
    const renumbered = new Int32Array(this.#rows.length).fill(-1)
    let slot = 0
    for (const [old, row] of this.#rows.entries()) {
      if (row < 0) continue
      renumbered[old] = slot
      this.#slots.set(row, slot)
      this.#lengths.copyWithin(slot * FIELDS, old * FIELDS, (old + 1) * FIELDS)
      slot++
    }
    const isLive = (_: unknown, old: number) => renumbered[old]! >= 0
    this.#texts.texts = this.#texts.texts.filter(isLive)
    this.#years = this.#years.filter(isLive)
    this.#rows = this.#rows.filter((row) => row >= 0)
    for (const [stem, postings] of this.#postings) {
      postings.renumber(renumbered)
      if (postings.count === 0) this.#postings.delete(stem)
    }
  }
}

/** A word to rank by: in a field by its number, or in any. */
interface AskedWord extends Word {
  field: number | null
  /** Whether papers without it may be found, too. */
  isFree: boolean
}

function askedWords({ parts }: ParsedQuery): AskedWord[] {
  return parts.flatMap(({ kind, field, text, excluded }) => {
    if (excluded || kind === 'year' || kind === 'identifier') return []
    const at = field === null ? null : SEARCH_FIELDS.indexOf(field)
    return words(text).flatMap((word) => (word.stem === '' ? [] : [{ ...word, field: at, isFree: kind === 'text' }]))
  })
}

/** Each stem once for each field. */
function distinct(asked: readonly AskedWord[]): AskedWord[] {
  return [...new Map(asked.map((word) => [`${word.field} ${word.stem}`, word])).values()]
}
