import type { PaperDraft } from '../record.js'

/** An XML element, with its texts and elements in order. */
export interface XmlElement {
  /** Without the namespace's prefix. */
  name: string
  attributes: Readonly<Record<string, string>>
  children: (XmlElement | string)[]
}

/** All text within an element, with its white space. */
export function textWithin(element: XmlElement | undefined): string {
  if (!element) return ''
  return element.children.map((child) => (typeof child === 'string' ? child : textWithin(child))).join('')
}

export function elements(element: XmlElement | undefined, name?: string): XmlElement[] {
  return (element?.children ?? []).filter(
    (child): child is XmlElement => typeof child !== 'string' && (name === undefined || child.name === name),
  )
}

/** The first element on a path of names. */
export function elementAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => elements(at, name)[0], element)
}

/** All elements of a name, at any depth. */
export function elementsWithin(element: XmlElement | undefined, name: string): XmlElement[] {
  return elements(element).flatMap((child) => (child.name === name ? [child] : elementsWithin(child, name)))
}

/** The draft with the record's other leaves in `fields`; `undefined` if the record is empty. */
export function withLeafFields(draft: PaperDraft, record: XmlElement, skip: ReadonlySet<string>): PaperDraft | undefined {
  const fields = leafFields(record, skip)
  if (fields) return { ...draft, fields }
  return Object.keys(draft).length === 1 && draft.title === '' ? undefined : draft
}

/** The texts of a record's leaves by their paths, for `fields`. @param skip Paths that the properties express completely. */
export function leafFields(record: XmlElement, skip: ReadonlySet<string>): Record<string, string[]> | undefined {
  const fields = new Map<string, string[]>()
  const visit = (element: XmlElement, path: string) => {
    if (skip.has(path)) return
    const inner = elements(element)
    const text = element.children.some((child) => typeof child === 'string' && child.trim() !== '')
    if (inner.length > 0 && !text && !inner.every(({ name }) => name === 'style')) {
      for (const child of inner) visit(child, path === '' ? child.name : `${path}/${child.name}`)
      return
    }
    const value = textWithin(element).trim()
    if (value !== '') fields.set(path, [...(fields.get(path) ?? []), value])
  }
  visit(record, '')
  return fields.size > 0 ? Object.fromEntries(fields) : undefined
}
