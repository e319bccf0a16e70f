import type { PaperDraft } from '../record.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** A kind of JSON record, and how to read it. */
export interface JsonKind {
  /** Whether an object is of this kind. */
  is(object: JsonObject): boolean
  /** `undefined` for what is not a paper, such as an attachment or a note. */
  read(object: JsonObject): PaperDraft | undefined
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** A string that is not blank, or a finite number as text; `undefined` for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A draft without blank values. */
export function draftOf(values: { [P in keyof PaperDraft]?: PaperDraft[P] | undefined }): PaperDraft {
  const said = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
  return { title: '', ...Object.fromEntries(said) }
}

/** All fields but the consumed ones, raw: text as it is, anything else as JSON. */
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

/** A value as text from which {@link rawValue} restores it: JSON, or the text itself if it does not look like JSON. */
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

/** A whole number, such as a year; JSON also holds those that no number is large enough for. */
export function integerOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}
