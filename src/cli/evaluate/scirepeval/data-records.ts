import { open, readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Specter2Error } from '../../../core/errors.js'
import { CsvRows } from '../../../core/papers/csv/csv-rows.js'
import { parquetRows } from '../../../core/papers/vectors/read-parquet.js'
import { parseJsonLine, textLines } from '../../json-lines.js'

/** One record of a data set. */
export type DataRecord = Record<string, unknown>

/** Endings of the files that {@link readRecords} reads. */
const READABLE = /\.(jsonl|json|csv|parquet)$/

/**
 * Streams the records of a file: JSON Lines, a JSON array, CSV with a heading, or Parquet.
 *
 * @throws Specter2Error `DAMAGED_FILE` or `UNREADABLE_FILE` naming the file.
 */
export async function* readRecords(path: string): AsyncGenerator<DataRecord, void, void> {
  const damaged = (what: string, cause?: unknown) =>
    new Specter2Error('DAMAGED_FILE', `${basename(path)}: ${what}.`, { details: { file: path }, cause })
  if (path.endsWith('.jsonl')) for await (const line of textLines(path)) yield parseJsonLine(line)
  else if (path.endsWith('.json')) {
    const value = parseJson(await readFile(path, 'utf8'), damaged)
    if (!Array.isArray(value)) throw damaged('expected an array of records')
    yield* value as DataRecord[]
  } else if (path.endsWith('.csv')) yield* csvRecords(await readFile(path, 'utf8'), damaged)
  else {
    const handle = await open(path)
    try {
      const { size } = await handle.stat()
      const slice = async (start: number, end = size) => {
        const bytes = new Uint8Array(end - start)
        await handle.read(bytes, 0, bytes.length, start)
        return bytes.buffer
      }
      for await (const rows of parquetRows({ byteLength: size, slice })) yield* rows
    } finally {
      await handle.close()
    }
  }
}

/** Parses a whole file of JSON. */
export function parseJson(text: string, damaged: (what: string, cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damaged(`this is not JSON (${(cause as Error).message})`, cause)
  }
}

function* csvRecords(text: string, damaged: (what: string) => Error): Generator<DataRecord, void, void> {
  const reader = new CsvRows(',')
  const [heading, ...rows] = [...reader.push(text.replace(/^\uFEFF/, '')), ...reader.end()]
  if (!heading) throw damaged('there is no heading')
  for (const { cells, line } of rows) {
    if (cells.length === 1 && cells[0]?.trim() === '') continue
    if (cells.length !== heading.cells.length)
      throw damaged(`line ${line} has ${cells.length} cells, the heading ${heading.cells.length}`)
    yield Object.fromEntries(heading.cells.map((name, at) => [name.trim(), cells[at]]))
  }
}

/**
 * Files of a part of a data set, as the hub and its downloads name them: `test.csv`, `test-00000-of-00002.parquet`,
 * `test_qrel.jsonl`, or all files of a folder `test`.
 *
 * @returns Empty if the folder has no such part.
 */
export async function filesOf(folder: string, parts: readonly string[]): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).sort()
  for (const part of parts) {
    const own = names.filter((name) => READABLE.test(name) && (name.startsWith(`${part}.`) || name.startsWith(`${part}-`)))
    if (own.length > 0) return own.map((name) => join(folder, name))
    if (!names.includes(part) || !(await stat(join(folder, part))).isDirectory()) continue
    const inside = (await readdir(join(folder, part))).filter((name) => READABLE.test(name)).sort()
    if (inside.length > 0) return inside.map((name) => join(folder, part, name))
  }
  return []
}

/** A text or a whole number as an id; `null` if it is none. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null
}
