import { decodeHTMLStrict } from 'entities'

/** Elements that exports leave in titles and abstracts: HTML's, JATS's and MathML's; a `<` before anything else is a less-than. */
const INLINE =
  'i|b|u|em|strong|sub|sup|sc|scp|span|font|small|big|tt|code|a|inf|bold|italic|underline|strike|style|monospace|(?:jats|mml|m|ns\\d|xhtml):[a-z-]+'
const BLOCK = 'p|br|div|li|ul|ol|h[1-6]|sec|title|tr|td|table|tbody|blockquote'
const TAG = new RegExp(`</?(?:(${BLOCK}|jats:(?:p|sec|title|list-item))|${INLINE})(?:\\s[^<>]*)?/?>`, 'gi')
const TAG_START = new RegExp(`<(?=/?(?:${BLOCK}|${INLINE})(?:\\s|/?>))`, 'gi')
// What neither reader nor page can show: controls but tab and line ends, the byte order mark, unpaired surrogates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNSHOWN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\u00ad]|\p{Surrogate}/gu

/**
 * Plain text of a field: tags dropped, entities decoded once, white space made single, Unicode composed (NFC).
 * {@link escapeMarkup} is its opposite.
 */
export function cleanText(text: string): string {
  let clean = text
  if (clean.includes('<')) clean = clean.replace(TAG, (_, block) => (block ? ' ' : ''))
  if (clean.includes('&')) clean = decodeHTMLStrict(clean)
  return collapse(clean)
}

const PLAIN = /^(?:[!-~]+(?: [!-~]+)*)?$/

/** The same for text that cannot have tags or entities. */
export function collapse(text: string): string {
  // One pass for what most fields are: plain ASCII with single spaces.
  if (text.length < 100_000 && PLAIN.test(text)) return text
  return text.normalize('NFC').replace(UNSHOWN, '').replace(/\s+/g, ' ').trim()
}

/** Plain text so that {@link cleanText} gives it back: only what it would take for a tag or an entity is written as an entity. */
export function escapeMarkup(text: string): string {
  if (!/[&<]/.test(text)) return text
  return text.replace(/&(?=#|[a-z][a-z\d]*;)/gi, '&amp;').replace(TAG_START, '&lt;')
}
