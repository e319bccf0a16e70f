import { fieldsOfPaper } from '../fields/schema.js'
import type { Paper } from '../paper.js'
import { columnSchema, RAW_HEADING } from './columns.js'
import { COLUMN_PROPERTIES } from './headings.js'

const SCHEMA = columnSchema(new Map())

/**
 * Writes papers as a table (RFC 4180), one row each. There is a column for each property, then one for each other field of any
 * paper, with several values as a JSON array. Begins with a byte order mark, without which Excel does not read it as UTF-8.
 */
export function* writeCsv(papers: Iterable<Paper>): Generator<string, void, void> {
  const rows = [...papers].map((paper) => {
    const properties = fieldsOfPaper({ ...paper }, new Map(), SCHEMA)
    properties.set('id', [paper.id])
    return { properties, fields: Object.entries(paper.fields ?? {}) }
  })
  const own: ReadonlySet<string> = new Set(COLUMN_PROPERTIES)
  const others = [...new Set(rows.flatMap(({ fields }) => fields.map(([name]) => name)))]
  // A field may have the same name as a property, such as a BibTeX title with its braces.
  const headings = others.map((name) => (own.has(name) || isHeading(name) ? `${RAW_HEADING}${name}` : name))
  yield `\ufeff${row([...COLUMN_PROPERTIES, ...headings])}`
  for (const { properties, fields } of rows) {
    const values = new Map(fields)
    yield row([
      ...COLUMN_PROPERTIES.map((property) => properties.get(property)?.[0] ?? ''),
      ...others.map((name) => {
        const all = values.get(name) ?? []
        return all.length > 1 ? JSON.stringify(all) : (all[0] ?? '')
      }),
    ])
  }
}

/** Whether the heading needs a prefix to be read back as it is. */
function isHeading(name: string): boolean {
  return name.trim() !== name || /^(?:raw: |column \d+$)/.test(name)
}

function row(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",;\t|\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}
