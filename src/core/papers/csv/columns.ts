import { bracketList, parseInitialedName, splitNames } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { plainSchema } from '../fields/plain-schema.js'
import type { RawFields, Schema } from '../fields/schema.js'
import type { Author } from '../paper.js'
import { COLUMN_PROPERTIES, type ColumnProperty, type Columns } from './headings.js'

/** The heading of the column for each property, for tables whose headings are not recognised, or wrongly. */
export type ColumnMapping = Partial<Readonly<Record<ColumnProperty | 'firstPage' | 'lastPage', string>>>

/** Prefix of the heading of a raw field that has the same name as a property. */
export const RAW_HEADING = 'raw: '

/**
 * The schema that reads and writes rows with these columns. A property is read from the first of its columns that has a value in
 * the row.
 *
 * @param commas Whether a comma in the column of people always stands within a name.
 */
export function columnSchema(columns: Columns, commas: 'separate' | 'within' = 'separate'): Schema {
  const names = Object.fromEntries(COLUMN_PROPERTIES.map((property) => [property, columns.get(property) ?? [property]]))
  const [first, ...otherFirst] = columns.get('firstPage') ?? []
  const [lastPage] = columns.get('lastPage') ?? []
  // An article number has a column of its own beside the first page.
  const pages = [
    ...(columns.get('pages') ?? (first === undefined ? ['pages'] : [])),
    ...(first === undefined ? [] : [first, ...otherFirst]),
  ]
  const schema = plainSchema(
    {
      ...names,
      pages: [...pages, ...(columns.get('articleNumber') ?? [])],
      ...(first !== undefined && { firstPage: first }),
      ...(lastPage !== undefined && { lastPage }),
    },
    {
      types: TYPE_WORDS,
      splitNames: (value) => splitNames(value, commas),
      name: parseTableName,
      // A semicolon even after a single name: without it, `Ann Lee, Bo Chen` would be two people.
      joinNames: (written) => [written.length === 1 ? `${written[0]};` : written.join('; ')],
      splitKeywords: splitTableKeywords,
      joinKeywords: (written) => [written.length === 1 ? `${written[0]};` : written.join('; ')],
    },
  )
  const tags = (columns.get('keywords') ?? []).filter((heading) => /^(?:manual|automatic)\W?tags$/i.test(heading))
  if (tags.length < 2) return schema
  // Zotero has the tags of a person and of a database in two columns.
  const { read, ...keywords } = schema.keywords
  const joined = (fields: RawFields) => {
    const values = tags.flatMap((heading) => fields.get(heading) ?? [])
    return values.length > 1 ? read(new Map([[tags[0]!, [values.join(';')]]])) : read(fields)
  }
  return { ...schema, keywords: { ...keywords, read: joined } }
}

/** Parses `Lee, Ann`, `Lee A.` and, with Scopus's number after it, `Lee, Ann (57190000000)`. */
export function parseTableName(text: string): Author | undefined {
  return parseInitialedName(text.replace(/\s*[([]\d{4,}[)\]]$/, ''))
}

export function splitTableKeywords(value: string): string[] {
  const list = bracketList(value)
  if (list) return list
  const separator = ['；', ';', '|', '\n'].find((mark) => value.includes(mark))
  return value.split(separator ?? (/[，、]/.test(value) ? /[，、]/ : /,(?![^(]*\))/))
}

/** The row's id, if the table has ids. */
export function rowId(fields: RawFields, columns: Columns): { id: string; heading: string } | undefined {
  for (const heading of columns.get('id') ?? []) {
    const id = fields.get(heading)?.[0]?.trim()
    if (id) return { id, heading }
  }
  return undefined
}
