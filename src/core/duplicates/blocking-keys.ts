import { UNSPACED } from './fold-text.js'
import { hashText } from './hash-text.js'
import type { PreparedPaper } from './prepared-paper.js'
import { withoutDigraphs } from './spelling.js'
import { contentWords } from './title.js'

/** The number of a title's rarest words; each pair of them is a key. */
const RARE_WORDS = 4
/** The number of characters at each end of a title that are a key. */
const END_CHARACTERS = 22
/** The least length of a title before its subtitle. */
const PART_CHARACTERS = 10

/**
 * Blocking keys: only papers that share a key are compared. Each paper has several, so that an error in one field leaves others.
 * Words are counted over the first papers only, so that a paper's keys do not change when others are added.
 */
export class BlockingKeys {
  readonly #counts = new Map<string, number>()

  constructor(papers: readonly PreparedPaper[]) {
    for (const { title } of papers)
      for (const word of blockedWords(title.words)) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1)
  }

  /** As hashes: two keys that share one by chance only cost a comparison. */
  of(paper: PreparedPaper): number[] {
    const { title, authors, year, volume, pages, doi, pmid, arxivId, abstract, venue, trial, cochrane } = paper
    const keys: string[] = []
    if (doi) keys.push(`d${doi}`)
    if (pmid) keys.push(`p${pmid}`)
    if (arxivId) keys.push(`x${arxivId}`)
    if (cochrane) keys.push(`c${cochrane}`)
    for (const number of trial.numbers) keys.push(`t${number}`)
    if (abstract.length > 100) keys.push(`s${abstract.slice(0, 60)}`)
    if (title.compact.length > 0) keys.push(`b${title.compact.slice(0, END_CHARACTERS)}`)
    if (title.compact.length > END_CHARACTERS) keys.push(`e${title.compact.slice(-END_CHARACTERS)}`)
    const first = title.words
      .slice(
        0,
        [...title.parts].find((place) => place > 0),
      )
      .join('')
    if (first.length >= PART_CHARACTERS && first.length < END_CHARACTERS) keys.push(`b${first}`)
    const rare = this.#rarest(title.words)
    for (const [index, word] of rare.entries()) for (const other of rare.slice(index + 1)) keys.push(`r${word} ${other}`)
    const family = authors[0]?.family
    if (family && pages?.startNumber) keys.push(`f${family} ${pages.startNumber}`)
    if (family && year && rare.length > 0) keys.push(`y${family} ${year} ${rare[0]}`)
    if (family && authors[1] && year) keys.push(`g${family} ${authors[1].family} ${year}`)
    if (family && venue && volume) keys.push(`a${family} ${volume} ${venue.compact.slice(0, 4)}`)
    if (volume && pages && pages.startNumber !== '' && pages.startNumber !== '1')
      keys.push(`v${volume} ${pages.startNumber} ${year}`)
    return [...new Set(keys.map(hashText))]
  }

  /** In alphabetical order, so that two titles pair the same words in the same way. */
  #rarest(words: readonly string[]): string[] {
    const count = (word: string) => this.#counts.get(word) ?? 0
    return [...blockedWords(words)]
      .filter((word) => word.length > 2 || /\d/.test(word) || UNSPACED.test(word))
      .sort((a, b) => count(a) - count(b) || (a < b ? -1 : 1))
      .slice(0, RARE_WORDS)
      .sort()
  }
}

/** The words by which titles are found: `anaemia` as `anemia`. */
const blockedWords = (words: readonly string[]) => new Set(contentWords(words).map(withoutDigraphs))
