import type { Bin, GoneRecord, HistoryAction, HistoryEntry } from './history.js'

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const count: Check = (value) => Number.isSafeInteger(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const form =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]))

const gone = form({ id: text, source: text, key: count, keptId: optional(text) } satisfies Partial<
  Record<keyof GoneRecord, Check>
>)
const model: Check = (value) => value === null || form({ id: text, dtype: text, adapter: text })(value)
const method = { preset: text, model, version: text }
const paper = form({ id: text, title: text })

/** What an entry of each kind has. */
const ACTIONS: Readonly<Record<HistoryAction['kind'], Check>> = {
  import: form({
    source: text,
    files: listOf(text),
    fileKey: count,
    format: text,
    restored: listOf(text),
    read: count,
    leftOut: count,
    known: count,
    merged: count,
    removed: count,
    added: count,
  }),
  duplicates: form({ papers: count, groups: count, duplicates: count, ...method }),
  merge: form({ removed: listOf(gone), kept: listOf(form({ id: text, key: count })), bytes: count, ...method }),
  removal: form({ removed: listOf(gone), bytes: count }),
  edit: form({ paper: text, title: text, before: isObject, after: isObject }),
  labels: form({ given: listOf((pair) => listOf(text)(pair) && (pair as unknown[]).length === 2), model }),
  comparison: form({
    reviewer: text,
    file: text,
    both: count,
    conflicts: count,
    kappa: (value) => value === null || Number.isFinite(value),
  }),
  undo: form({ of: text, restored: listOf(text) }),
  emptied: form({ of: listOf(text) }),
}

/** The latest time that a date can express. */
const LATEST = 8.64e15

/** The entries of a history that came with a library file, which anyone may have written; what is no entry is left out. */
export function readHistory(values: Iterable<unknown>): HistoryEntry[] {
  return [...values].filter((value): value is HistoryEntry => {
    if (!isObject(value)) return false
    const { kind, id, at } = value
    if (typeof kind !== 'string' || !Object.hasOwn(ACTIONS, kind) || !text(id)) return false
    return count(at) && Math.abs(at as number) <= LATEST && ACTIONS[kind as HistoryAction['kind']](value)
  })
}

/** Records in the bin; `null` if the value is nothing of the kind. */
export function readBin(value: unknown): Bin | null {
  return form({ before: listOf(paper), after: listOf(paper) })(value) ? (value as Bin) : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
