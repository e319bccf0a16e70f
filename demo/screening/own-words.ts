/** What finds the reader's words; `null`: there are none. */
export type OwnWords = RegExp | null

/** A piece of a text: plain, or with one of the reader's words. */
export interface OwnPiece {
  text: string
  kind: 'for' | 'against' | null
}

/**
 * The words and phrases of a text, separated by commas, semicolons or lines. `random*` stands for all words that begin so; a plain word
 * also for its plural.
 *
 * @returns `null` without any.
 */
export function ownWords(text: string): OwnWords {
  const entries = text
    .split(/[,;\n]/)
    .map((entry) => entry.match(/[\p{L}\p{N}]+\*?/gu) ?? [])
    .filter((words) => words.length > 0)
    // The longest first, so that a phrase is marked whole.
    .sort((a, b) => b.join(' ').length - a.join(' ').length)
    .map((words) => words.map((word) => (word.endsWith('*') ? `${word.slice(0, -1)}[\\p{L}\\p{N}]*` : `${word}(?:e?s)?`)))
  if (entries.length === 0) return null
  const forms = entries.map((words) => words.join('[^\\p{L}\\p{N}]{1,3}')).join('|')
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${forms})(?![\\p{L}\\p{N}])`, 'giu')
}

/** Cuts a text at the reader's words; joined, the pieces are the text. A word that is in both lists speaks against. */
export function cutAtWords(text: string, wordsFor: OwnWords, wordsAgainst: OwnWords): OwnPiece[] {
  const found = [
    ...[...(wordsAgainst ? text.matchAll(wordsAgainst) : [])].map((match) => ({ match, kind: 'against' as const })),
    ...[...(wordsFor ? text.matchAll(wordsFor) : [])].map((match) => ({ match, kind: 'for' as const })),
  ].sort((a, b) => a.match.index - b.match.index)
  const pieces: OwnPiece[] = []
  let at = 0
  for (const { match, kind } of found) {
    if (match.index < at) continue
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), kind: null })
    pieces.push({ text: match[0], kind })
    at = match.index + match[0].length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), kind: null })
  return pieces
}
