import type { PaperRecord } from '../../src/index.js'
import { sourceOf } from '../session/shown-paper.js'

/** Where a record was read. */
const NOT_CONTENT = new Set(['id', 'source'])

/** A record as its file had it, whatever the reader has edited since. */
function asImported(record: PaperRecord): PaperRecord {
  const { original } = record
  return typeof original === 'object' && original !== null ? { ...record, ...original } : record
}

/** An id without the `~2` that an import appends when two records have the same key. */
export const baseId = (id: string) => id.replace(/~\d+$/, '')

/** The same for the same record of the same source, also if its file was exported again. */
export function recordKey(record: PaperRecord): number {
  const { id, title, year, source } = asImported(record)
  const number = (source as { record?: unknown } | undefined)?.record
  // A record without a key of its own is known by its number, whatever its file is called now.
  const name = baseId(id).endsWith(`#${number}`) ? `#${number}` : baseId(id)
  return hash(JSON.stringify([name, folded(title), year ?? null, sourceOf(record) ?? '']))
}

/** The same for records with the same content, wherever they were read. */
export function contentKey(record: PaperRecord): number {
  const fields = Object.keys(record).filter((name) => !NOT_CONTENT.has(name))
  return hash(JSON.stringify(fields.map((name) => [name, record[name]])))
}

/** The same for files with the same records, whatever their names. @param contents Of the records. */
export function fileKey(contents: readonly number[]): number {
  return hash(contents.join())
}

function folded(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** 53 bits, which a number holds exactly: two of a million records share one by a chance of 1 in 20,000. */
function hash(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}
