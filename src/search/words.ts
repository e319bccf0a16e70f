import { stemmer } from 'stemmer'

/** A word as it stands in a text, and the stem by which it is found. */
export interface Word {
  word: string
  stem: string
}

/** The words of a text without stop words: lower case, without diacritics, stemmed by Porter's algorithm for English. */
export function words(text: string): Word[] {
  const found: Word[] = []
  for (const [word] of text.matchAll(WORD)) {
    const plain = fold(word)
    if (!STOP_WORDS.has(plain)) found.push({ word, stem: stemmer(plain) })
  }
  return found
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu

function fold(word: string): string {
  return word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
}

/** Words that say nothing about a topic: Lucene's list for English. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  ),
)
