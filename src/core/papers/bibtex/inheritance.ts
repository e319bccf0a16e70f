import type { RawFields } from '../fields/schema.js'
import { ENTRY_TYPE } from './bibtex-schema.js'

/** Where an entry is in the file. */
interface Tag {
  line: number
  record: number
}

interface Entry {
  raw: RawFields
  tag: Tag
}

/** Fields that an entry does not inherit (BibLaTeX's manual, appendix B). */
const OWN = new Set([
  ENTRY_TYPE,
  ...(
    'citekey ids crossref xref xdata entryset entrysubtype execute label options presort related relatedoptions relatedstring ' +
    'relatedtype shortcut sortkey abstract doi url eprint pages isbn-own keywords file annote'
  ).split(' '),
])
/** Fields that an entry inherits under another name; `''` is not inherited. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['title', 'booktitle'],
  ['subtitle', 'booksubtitle'],
  ['titleaddon', 'booktitleaddon'],
  ['shorttitle', ''],
])
/** Generations followed. BibLaTeX has no limit, but a circle of entries has no end. */
const GENERATIONS = 5

/** Completes entries from those that their `crossref` and `xdata` name, wherever those are in the file. */
export class Inheritance {
  readonly #parents = new Map<string, RawFields>()
  #waiting: Entry[] = []

  /** An entry that others may inherit from. Anything but an article may be a parent. */
  addParent(raw: RawFields): void {
    const key = raw.get('citekey')?.[0]?.toLowerCase()
    if (key !== undefined && raw.get(ENTRY_TYPE)?.[0] !== 'article' && !this.#parents.has(key))
      this.#parents.set(key, new Map(raw))
  }

  /** @returns The entry, if everything that it inherits from is known. */
  add(raw: RawFields, tag: Tag): Entry[] {
    this.addParent(raw)
    if (this.#missing(raw).length > 0) {
      this.#waiting.push({ raw, tag })
      return []
    }
    this.#inherit(raw)
    return [{ raw, tag }]
  }

  /** @returns The entries that waited for a parent, each with the keys that were not found. */
  rest(): (Entry & { missing: string[] })[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting.map(({ raw, tag }) => {
      this.#inherit(raw)
      return { raw, tag, missing: this.#missing(raw) }
    })
  }

  #missing(raw: RawFields, generation = 0): string[] {
    return parentKeys(raw).flatMap((key) => {
      const parent = this.#parents.get(key)
      if (parent === undefined) return [key]
      return generation < GENERATIONS ? this.#missing(parent, generation + 1) : []
    })
  }

  #inherit(raw: RawFields, generation = 0): void {
    if (generation > GENERATIONS) return
    const isXdata = new Set(keysIn(raw.get('xdata')))
    for (const key of parentKeys(raw)) {
      const found = this.#parents.get(key)
      if (found === undefined || found.get('citekey')?.[0] === raw.get('citekey')?.[0]) continue
      const parent = new Map(found)
      this.#inherit(parent, generation + 1)
      for (const [name, values] of parent) {
        if (!isXdata.has(key) && OWN.has(name)) continue
        if (name === 'citekey' || name === ENTRY_TYPE || name === 'xdata') continue
        const own = isXdata.has(key) ? name : (RENAMED.get(name) ?? name)
        if (own === '' || raw.has(own)) continue
        // The entry's own year or date replaces the inherited one.
        if ((own === 'date' && raw.has('year')) || (own === 'year' && raw.has('date'))) continue
        raw.set(own, values)
      }
      // As in BibTeX, the booktitle of proceedings takes precedence over their title.
      const booktitle = parent.get('booktitle')
      if (!isXdata.has(key) && booktitle && sameValues(raw.get('booktitle'), parent.get('title'))) raw.set('booktitle', booktitle)
    }
  }
}

function parentKeys(raw: RawFields): string[] {
  return [...keysIn(raw.get('xdata')), ...keysIn(raw.get('crossref'))]
}

function keysIn(values: readonly string[] | undefined): string[] {
  return (values?.[0] ?? '')
    .split(',')
    .map((key) => key.trim().toLowerCase())
    .filter((key) => key !== '')
}

function sameValues(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && a[0] === b[0]
}
