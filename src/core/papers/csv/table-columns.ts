import { fieldsOfPaper } from '../fields/schema.js'
import type { Paper } from '../paper.js'
import { columnSchema, RAW_HEADING } from './columns.js'
import { COLUMN_PROPERTIES } from './headings.js'

const SCHEMA = columnSchema(new Map())
const PROPERTIES: ReadonlySet<string> = new Set(COLUMN_PROPERTIES)

/** The columns of a written table: one for each property, then one for each other field of any paper. */
export class TableColumns {
  readonly #others = new Set<string>()

  /** Adds the columns of a paper's fields. */
  scan({ fields }: Paper): void {
    for (const name of Object.keys(fields ?? {})) this.#others.add(name)
  }

  get headings(): string[] {
    // A field may have the same name as a property, such as a BibTeX title with its braces.
    const others = [...this.#others].map((name) => (PROPERTIES.has(name) || needsPrefix(name) ? `${RAW_HEADING}${name}` : name))
    return [...COLUMN_PROPERTIES, ...others]
  }

  /** The cells of a paper under the headings; several values of a field are a JSON array. */
  cells(paper: Paper): string[] {
    const properties = fieldsOfPaper({ ...paper }, new Map(), SCHEMA)
    properties.set('id', [paper.id])
    const fields = paper.fields ?? {}
    return [
      ...COLUMN_PROPERTIES.map((property) => properties.get(property)?.[0] ?? ''),
      ...[...this.#others].map((name) => {
        const all = (Object.hasOwn(fields, name) && fields[name]) || []
        return all.length > 1 ? JSON.stringify(all) : (all[0] ?? '')
      }),
    ]
  }
}

/** Whether the heading needs a prefix to be read back as it is. */
function needsPrefix(name: string): boolean {
  return name.trim() !== name || /^(?:raw: |column \d+$)/.test(name)
}
