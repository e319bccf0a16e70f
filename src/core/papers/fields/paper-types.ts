import type { PaperType } from '../paper.js'

/** Types of papers by a format's words. A map, because words come from files and an object would have a `constructor`. */
export type TypeTable = ReadonlyMap<string, PaperType>

/** @param words The words for each type, separated by bars. */
export function typeTable(words: Partial<Readonly<Record<PaperType, string>>>): TypeTable {
  const types = Object.keys(words) as PaperType[]
  return new Map(types.flatMap((type) => words[type]!.split('|').map((word) => [word, type] as const)))
}

/** Types by the words that exports use for them, lower case. */
export const TYPE_WORDS = typeTable({
  article:
    'article|journal article|journal|review|journal paper|electronic article|magazine article|newspaper article|letter|editorial|note|short survey|comment|randomized controlled trial|meta-analysis|systematic review|clinical trial|case reports|journal-article|article-journal|journalarticle|articleinaperiodical|original article|j',
  conference:
    'conference paper|conference proceedings|proceedings paper|conference|conferenceproceedings|proceedings-article|paper-conference|conference article|meeting abstract|proceedings|c',
  preprint: 'preprint|unpublished work|manuscript|posted-content|unpublished',
  book: 'book|edited book|electronic book|monograph|edited-book|reference-book|b|serial',
  chapter:
    'book section|book chapter|chapter|book-chapter|electronic book section|booksection|book-section|encyclopedia|inbook|incollection',
  thesis: 'thesis|dissertation|phd thesis|doctoral dissertation|academic dissertation',
  report: 'report|technical report|government document|standard|technicalreport',
  dataset: 'dataset|online database|data',
  software: 'computer program|software',
  patent: 'patent|p',
  web: 'web|web page|webpage|internetsite|documentfrominternetsite|website|blog|online multimedia|electronic source|electronic citation',
})
