import type { ParsedQuery } from '../../core/search/query-language.js'

/** A query of a collection is plain text: no part of it is syntax. */
export const plainQuery = (text: string): ParsedQuery => ({
  text,
  parts: [{ kind: 'text', field: null, text, quoted: false, excluded: false, years: null }],
})
