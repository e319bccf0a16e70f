import { SaxesParser } from 'saxes'
import { LIMITS, limitError } from '../limits.js'

/** What is called for each element; names are without the namespace's prefix. */
export interface XmlHandlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void
  close?(name: string): void
  text?(text: string): void
}

/** Parses a part of a workbook as its bytes arrive; after each piece it yields, so that what the handlers collected can be taken. */
export function* parsePart(bytes: Iterable<Uint8Array>, { open, close, text }: XmlHandlers): Generator<void, void, void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  let depth = 0
  parser.on('doctype', (doctype) => {
    if (/<!ENTITY/i.test(doctype)) throw limitError('MAX_XML_ENTITIES', 'Entities declared in the workbook')
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > LIMITS.MAX_XML_DEPTH) throw limitError('MAX_XML_DEPTH', 'Nested elements')
    open?.(localName(name), attributes)
  })
  parser.on('closetag', ({ name }) => {
    depth--
    close?.(localName(name))
  })
  if (text) {
    parser.on('text', text)
    parser.on('cdata', text)
  }
  // What is well-formed before and after an error is read.
  parser.on('error', () => {})
  const decoder = new TextDecoder()
  for (const piece of bytes) {
    parser.write(decoder.decode(piece, { stream: true }))
    yield
  }
  parser.close()
  yield
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
