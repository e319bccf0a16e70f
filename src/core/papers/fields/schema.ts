import type { Paper } from '../paper.js'
import type { PaperDraft } from '../record.js'

/** The raw fields of a record by the format's names, each with its values in order. */
export type RawFields = Map<string, string[]>

/** A property's value, and the fields from which it was read. */
export interface ReadValue<T> {
  value: T
  used: readonly string[]
}

/** How a format stores one property of a paper. */
export interface Property<T> {
  read(fields: RawFields): ReadValue<T> | undefined
  /** The fields that hold the value, in the order of `used`. */
  write(value: T, paper: Pick<Paper, 'type'>): [name: string, values: string[]][]
  /** Whether the spelling of the field does not matter: `12 -- 34` and `12-34` are the same pages. */
  freelySpelled?: true
}

type Written = Omit<PaperDraft, 'id' | 'fields' | 'format'>

/** How a format stores each property; `type` first, as others depend on it. The same table reads and writes, so the two agree. */
export type Schema = { readonly [P in keyof Written]-?: Property<NonNullable<Written[P]>> }

/** Reads a record: its properties, and in `fields` everything that they do not express completely. */
export function draftFromFields(raw: RawFields, schema: Schema): PaperDraft {
  const draft: Record<string, unknown> = { title: '' }
  const consumed = new Set<string>()
  for (const [name, property] of properties(schema)) {
    const found = property.read(raw)
    if (found === undefined) continue
    draft[name] = found.value
    if (saysAll(property, found, raw, draft)) for (const used of found.used) consumed.add(used)
  }
  const rest = [...raw].filter(([name]) => !consumed.has(name))
  if (rest.length > 0) draft.fields = Object.fromEntries(rest)
  return draft as unknown as PaperDraft
}

/** Whether a value expresses everything in the fields from which it was read. */
function saysAll<T>(property: Property<T>, { value, used }: ReadValue<T>, raw: RawFields, paper: Pick<Paper, 'type'>): boolean {
  const written = property.write(value, paper)
  if (property.freelySpelled === true && written.every(([field]) => used.includes(field) && raw.get(field)!.length === 1))
    return true
  return written.length === used.length && written.every(([, values], index) => sameText(values, raw.get(used[index]!) ?? []))
}

/**
 * The opposite of {@link draftFromFields}. A raw field is written unchanged if it still agrees with the paper's property;
 * otherwise the property is written.
 *
 * @param own The paper's `fields`, if they are from this format.
 */
export function fieldsOfPaper(paper: Paper, own: RawFields, schema: Schema): RawFields {
  const written: RawFields = new Map()
  const kept = new Map(own)
  // The meaning of a field may depend on the type.
  const read = new Map(own)
  if (paper.type !== undefined)
    for (const [name, values] of schema.type.write(paper.type, paper)) if (!read.has(name)) read.set(name, values)
  for (const [name, property] of properties(schema)) {
    const value = (paper as unknown as Record<string, unknown>)[name]
    const raw = name === 'type' ? property.read(own) : property.read(read)
    if (isBlank(value)) {
      for (const used of raw?.used ?? []) kept.delete(used)
      continue
    }
    // Had the value come from a field that it expresses completely, the field would not be here: the value is from another field.
    if (raw !== undefined && sameValue(raw.value, value) && !saysAll(property, raw, read, paper)) continue
    for (const [field, values] of property.write(value, paper)) {
      kept.delete(field)
      written.set(field, values)
    }
  }
  for (const [name, values] of kept) written.set(name, values)
  return written
}

/** A property in a single field: read from the first of `names` for which `read` gives a value, written under the first name. */
export function single<T>(
  names: readonly string[],
  read: (values: readonly string[]) => T | undefined,
  write: (value: T) => string[],
  freelySpelled?: 'freely spelled',
): Property<T> {
  return {
    read(fields) {
      for (const name of names) {
        const values = fields.get(name)
        if (values === undefined) continue
        const value = read(values)
        if (!isBlank(value)) return { value: value as T, used: [name] }
      }
      return undefined
    },
    write: (value) => [[names[0]!, write(value)]],
    ...(freelySpelled && { freelySpelled: true }),
  }
}

/** Whether two JSON values are equal. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Whether texts are equal apart from white space. */
function sameText(a: readonly string[], b: readonly string[]): boolean {
  const squash = (text: string) => text.trim().replace(/\s+/g, ' ')
  return a.length === b.length && a.every((text, index) => text === b[index] || squash(text) === squash(b[index]!))
}

function properties(schema: Schema): [string, Property<unknown>][] {
  return Object.entries(schema) as [string, Property<unknown>][]
}
