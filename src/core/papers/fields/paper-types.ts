import type { PaperType } from '../paper.js'

/** Types of papers by a format's words. A map, because words come from files and an object would have a `constructor`. */
export type TypeTable = ReadonlyMap<string, PaperType>

export const typeTable = (types: Readonly<Record<string, PaperType>>): TypeTable => new Map(Object.entries(types))

/** Types by the words that exports use for them, lower case. */
export const TYPE_WORDS: TypeTable = new Map(
  (
    [
      [
        'article',
        'article|journal article|journal|review|journal paper|electronic article|magazine article|newspaper article|letter|editorial|note|short survey|comment|randomized controlled trial|meta-analysis|systematic review|clinical trial|case reports|journal-article|article-journal|journalarticle|articleinaperiodical|original article|j',
      ],
      [
        'conference',
        'conference paper|conference proceedings|proceedings paper|conference|conferenceproceedings|proceedings-article|paper-conference|conference article|meeting abstract|proceedings|c',
      ],
      ['preprint', 'preprint|unpublished work|manuscript|posted-content|unpublished'],
      ['book', 'book|edited book|electronic book|monograph|edited-book|reference-book|b|serial'],
      [
        'chapter',
        'book section|book chapter|chapter|book-chapter|electronic book section|booksection|book-section|encyclopedia|inbook|incollection',
      ],
      ['thesis', 'thesis|dissertation|phd thesis|doctoral dissertation|academic dissertation'],
      ['report', 'report|technical report|government document|standard|technicalreport'],
      ['dataset', 'dataset|online database|data'],
      ['software', 'computer program|software'],
      ['patent', 'patent|p'],
      [
        'web',
        'web|web page|webpage|internetsite|documentfrominternetsite|website|blog|online multimedia|electronic source|electronic citation',
      ],
    ] as const
  ).flatMap(([type, words]) => words.split('|').map((word) => [word, type] as const)),
)
