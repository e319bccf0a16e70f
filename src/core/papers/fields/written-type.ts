import type { Paper, PaperType } from '../paper.js'

/** The type under which a paper is written. A record of a table often has none: one with a journal, volume or pages is an article. */
export function writtenType({ type, venue, volume, pages }: Paper): PaperType {
  return type ?? (venue || volume || pages ? 'article' : 'other')
}
