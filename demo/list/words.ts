/** A piece of a text. */
export interface Piece {
  text: string
  /** Whether it is a word of the query. */
  marked: boolean
}

/** Stems of the query's words that are worth marking in a paper. */
export function queryWords(query: string): Set<string> {
  const words = (query.match(WORD) ?? []).filter((word) => word.length > 2 && !COMMON_WORDS.has(word.toLowerCase()))
  return new Set(words.map(stem))
}

export function markWords(text: string, words: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = []
  for (const piece of text.split(/([\p{L}\p{N}]+)/u)) {
    if (piece === '') continue
    const marked = words.size > 0 && words.has(stem(piece))
    const last = pieces.at(-1)
    if (last && !last.marked && !marked) last.text += piece
    else pieces.push({ text: piece, marked })
  }
  return pieces
}

/** Room for a snippet on a line of a wide list. */
const SNIPPET_CHARACTERS = 160
/** Few characters before the first match, so that even a narrow list shows it. */
const LEAD_CHARACTERS = 16

/** The part of an abstract with the most different words of the query, starting at a word; `''` if it has none. */
export function snippet(abstract: string, words: ReadonlySet<string>): string {
  if (words.size === 0) return ''
  const found = [...abstract.matchAll(WORD)]
    .map(({ index, 0: word }) => ({ index, stem: stem(word) }))
    .filter((word) => words.has(word.stem))
  let best = { start: -1, count: 0 }
  for (const [position, { index }] of found.entries()) {
    const inside = found.slice(position, position + 20).filter((word) => word.index < index + SNIPPET_CHARACTERS - 60)
    const count = new Set(inside.map((word) => word.stem)).size
    if (count > best.count) best = { start: index, count }
  }
  if (best.start < 0) return ''
  const lead = abstract.slice(Math.max(0, best.start - LEAD_CHARACTERS), best.start)
  const from = best.start <= LEAD_CHARACTERS ? 0 : best.start - lead.length + (lead.indexOf(' ') + 1 || lead.length)
  const text = abstract.slice(from, from + SNIPPET_CHARACTERS).replace(/\s+/g, ' ')
  return `${from > 0 ? '… ' : ''}${text}${from + SNIPPET_CHARACTERS < abstract.length ? ' …' : ''}`
}

const WORD = /[\p{L}\p{N}]+/gu

const COMMON_WORDS = new Set(
  'and are but can did does for from has have how its not that the their they this was were what when where which who why with'.split(
    ' ',
  ),
)

/** Only plural, -ing and -ed are removed: more would mark words that the reader did not write. */
function stem(word: string): string {
  const lower = word.toLowerCase()
  const short = lower.length > 3 && lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower
  return short.length > 6 ? short.replace(/(?:ing|ed)$/, '') : short
}
