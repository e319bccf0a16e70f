import type { Paper } from '../paper.js'
import type { PaperDraft } from '../record.js'

/** A record by the names of its format: each with its values in order, raw. */
export type RawFields = Map<string, string[]>

/** What a property was read from. */
export interface ReadValue<T> {
  value: T
  used: readonly string[]
}

/** How one property of a paper stands in a format. */
export interface Property<T> {
  read(fields: RawFields): ReadValue<T> | undefined
  /** The fields that say the value of a paper, in the order of `used`. */
  write(value: T, paper: Pick<Paper, 'type'>): [name: string, values: string[]][]
  /** Whether the value says all that its own field said, however that was spelled: `12 -- 34` and `12-34` are the same pages. */
  freelySpelled?: true
}

type Written = Omit<PaperDraft, 'id' | 'fields' | 'format'>

/** A format's fields, as `Paper` names them, `type` first: others depend on it. One table reads and writes, so that the two cannot drift apart. */
export type Schema = { readonly [P in keyof Written]-?: Property<NonNullable<Written[P]>> }

/** Everything that a record says: properties where they can say it all, the rest in `fields`. */
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

/** Whether a value says all that the fields say from which it was read. */
function saysAll<T>(property: Property<T>, { value, used }: ReadValue<T>, raw: RawFields, paper: Pick<Paper, 'type'>): boolean {
  const written = property.write(value, paper)
  if (property.freelySpelled === true && written.every(([field]) => used.includes(field) && raw.get(field)!.length === 1))
    return true
  return written.length === used.length && written.every(([, values], index) => sameText(values, raw.get(used[index]!) ?? []))
}

/**
 * The opposite of {@link draftFromFields}: a raw field is written as it was where it still says what the paper says, and
 * the paper's own value where it does not.
 *
 * @param own `fields` of the paper, as far as they are this format's.
 */
export function fieldsOfPaper(paper: Paper, own: RawFields, schema: Schema): RawFields {
  const written: RawFields = new Map()
  const kept = new Map(own)
  // What a field means may depend on the type.
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
    // A field that the value says completely would not be here had it been read from that: it was read from another.
    if (raw !== undefined && sameValue(raw.value, value) && !saysAll(property, raw, read, paper)) continue
    for (const [field, values] of property.write(value, paper)) {
      kept.delete(field)
      written.set(field, values)
    }
  }
  for (const [name, values] of kept) written.set(name, values)
  return written
}

/** A property in one field, under the first of `names` that has a value which `read` takes; written under the first. */
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

/** Equal by value; both are JSON. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Equal but for white space, which no format means. */
function sameText(a: readonly string[], b: readonly string[]): boolean {
  const squash = (text: string) => text.trim().replace(/\s+/g, ' ')
  return a.length === b.length && a.every((text, index) => text === b[index] || squash(text) === squash(b[index]!))
}

function properties(schema: Schema): [string, Property<unknown>][] {
  return Object.entries(schema) as [string, Property<unknown>][]
}
