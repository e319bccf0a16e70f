import type { PaperDraft } from '../record.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** What one kind of JSON record says. */
export interface JsonKind {
  /** Whether an object is one of this kind. */
  is(object: JsonObject): boolean
  /** `undefined` for what is no paper: an attachment, a note. */
  read(object: JsonObject): PaperDraft | undefined
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Text of a string or a number, else `undefined`. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A draft without what is blank. */
export function draftOf(values: { [P in keyof PaperDraft]?: PaperDraft[P] | undefined }): PaperDraft {
  const said = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
  return { title: '', ...Object.fromEntries(said) }
}

/** Every field but those named, raw: text as it is, all else as JSON. */
export function otherFields(object: JsonObject, ...consumed: readonly string[]): Record<string, string[]> | undefined {
  const fields: [string, string[]][] = []
  for (const [name, value] of Object.entries(object)) {
    if (consumed.includes(name) || value === null || value === undefined || value === '') continue
    const strings =
      Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && !looksLikeJson(item))
    fields.push([name, strings ? (value as string[]) : [rawText(value)]])
  }
  return fields.length > 0 ? Object.fromEntries(fields) : undefined
}

/** Text that would be read as JSON is JSON of it, so that {@link rawValue} gives the value back. */
export function rawText(value: unknown): string {
  return typeof value === 'string' && !looksLikeJson(value) ? value : JSON.stringify(value)
}

/** The opposite of {@link rawText}. */
export function rawValue(text: string): unknown {
  if (!looksLikeJson(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function looksLikeJson(text: string): boolean {
  return /^\s*(?:[[{"\d-]|true\b|false\b|null\b)/.test(text)
}
