import { BIBTEX, ENTRY_TYPE } from '../bibtex/bibtex-schema.js'
import { draftFromFields, type RawFields } from '../fields/schema.js'
import type { PaperDraft } from '../record.js'
import { escapeLatex } from '../text/escape-latex.js'
import { elements, textWithin, type XmlElement } from './element.js'

/** Reads an `entry` of BibTeXML: a BibTeX entry whose fields are elements and whose text is not LaTeX. */
export function bibtexmlEntry(entry: XmlElement): PaperDraft | undefined {
  const record = elements(entry)[0]
  if (!record) return undefined
  const raw: RawFields = new Map([[ENTRY_TYPE, [record.name.toLowerCase()]]])
  if (entry.attributes.id !== undefined) raw.set('citekey', [entry.attributes.id])
  for (const field of elements(record)) {
    const value = textOf(field)
    if (value !== '') raw.set(field.name.toLowerCase(), [escapeLatex(value)])
  }
  return raw.size > 1 ? { ...draftFromFields(raw, BIBTEX), format: 'bibtex' } : undefined
}

/** Each person and keyword may have its own element. */
function textOf(field: XmlElement): string {
  const parts = elements(field).map((part) => textWithin(part).trim())
  return parts.length === 0 ? textWithin(field).trim() : parts.join(field.name === 'keywords' ? ', ' : ' and ')
}
