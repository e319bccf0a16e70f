import { decodeHTMLStrict } from 'entities'

/** HTML, JATS and MathML elements that exports leave in titles and abstracts; any other `<` is a less-than sign. */
const INLINE =
  'i|b|u|em|strong|sub|sup|sc|scp|span|font|small|big|tt|code|a|inf|bold|italic|underline|strike|style|monospace|(?:jats|mml|m|ns\\d|xhtml):[a-z-]+'
const BLOCK = 'p|br|div|li|ul|ol|h[1-6]|sec|title|tr|td|table|tbody|blockquote'
const TAG = new RegExp(`</?(?:(${BLOCK}|jats:(?:p|sec|title|list-item))|${INLINE})(?:\\s[^<>]*)?/?>`, 'gi')
const TAG_START = new RegExp(`<(?=/?(?:${BLOCK}|${INLINE})(?:\\s|/?>))`, 'gi')
/** A tag whose brackets are both escaped: exports escape twice. {@link escapeMarkup} escapes only the first bracket. */
const ESCAPED_TAG = new RegExp(`&lt;(/?(?:${BLOCK}|${INLINE})(?:\\s(?:(?!&[lg]t;)[^<>])*)?/?)&gt;`, 'gi')
/** An entity that was escaped once more: `&amp;amp;`, `&amp;#x3b1;`. */
const ESCAPED_ENTITY = /&(?:amp|AMP);(?=(?:#x?[\da-f]{1,6}|[a-z][a-z\d]{1,30});)/gi
// What cannot be shown: control characters except tabs and line ends, byte order marks, soft hyphens, unpaired surrogates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are to be found.
const UNSHOWN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\u00ad]|\p{Surrogate}/gu

/**
 * The plain text of a field: without tags, with entities decoded (also those that were escaped twice), single spaces and composed Unicode (NFC).
 * {@link escapeMarkup} is the opposite.
 */
export function cleanText(text: string): string {
  let clean = text
  if (clean.includes('&amp;')) for (let count = 0; count < 3; count++) clean = clean.replace(ESCAPED_ENTITY, '&')
  if (clean.includes('&lt;')) clean = clean.replace(ESCAPED_TAG, '<$1>')
  if (clean.includes('<')) clean = clean.replace(TAG, (_, block) => (block ? ' ' : ''))
  if (clean.includes('&')) clean = decodeHTMLStrict(clean)
  return collapse(clean)
}

const PLAIN = /^(?:[!-~]+(?: [!-~]+)*)?$/

/** {@link cleanText} for text without tags and entities. */
export function collapse(text: string): string {
  // Most fields are plain ASCII with single spaces, for which one pass is enough.
  if (text.length < 100_000 && PLAIN.test(text)) return text
  return text.normalize('NFC').replace(UNSHOWN, '').replace(/\s+/g, ' ').trim()
}

/** Escapes plain text so that {@link cleanText} restores it: only what would be read as a tag or an entity is escaped. */
export function escapeMarkup(text: string): string {
  if (!/[&<]/.test(text)) return text
  return text.replace(/&(?=#|[a-z][a-z\d]*;)/gi, '&#38;').replace(TAG_START, '&lt;')
}
