import { gunzipSync } from 'fflate'
import { decompress } from 'fzstd'
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { Specter2Error } from '../../errors.js'
import { isModelStamp } from '../../is-model-stamp.js'
import type { ModelStamp } from '../../types.js'
import { Meter } from '../archives/unpack.js'
import { isObject, type JsonObject } from '../json/json-record.js'
import { jsonKinds, recordsIn } from '../json/read-json.js'
import { LIMITS, limitError } from '../limits.js'
import type { Found } from '../record.js'

/** Key of the file's metadata under which this package's files have the stamp of their model. */
const STAMP_KEY = 'specter2-web'
/** Bytes of a group of rows that are decoded at once; as values of JavaScript they take several times as much. */
const BYTES_AT_ONCE = 2 ** 27

/** A Parquet file that is being read. */
export interface ParquetRecords {
  /** The model of the vectors, if this package wrote the file. */
  stamp: ModelStamp | null
  /** The records, a few thousand at a time. */
  parts: AsyncGenerator<Found[], void, void>
}

/**
 * Reads a Parquet file whose columns are those of tables of papers; a column of lists of numbers is their vectors.
 *
 * @throws Specter2Error `UNREADABLE_FILE`, `LIMIT_EXCEEDED`; the parts throw these as well.
 */
export async function readParquet(bytes: Uint8Array<ArrayBuffer>): Promise<ParquetRecords> {
  const file = {
    byteLength: bytes.byteLength,
    slice: (start: number, end?: number) => bytes.slice(start, end).buffer,
  }
  const metadata = await parquetMetadataAsync(file).catch(unreadable)
  const pair = metadata.key_value_metadata?.find(({ key }) => key === STAMP_KEY)
  return { stamp: stampIn(pair?.value), parts: parts() }

  async function* parts(): AsyncGenerator<Found[], void, void> {
    const kinds = jsonKinds()
    let row = 0
    for await (const rows of parquetRows(file, metadata)) yield rows.flatMap((record) => found(record, ++row))

    function found({ fields, ...record }: JsonObject, row: number): Found[] {
      // The files of this package have what is no column of theirs in one of JSON.
      const object = isObject(fields)
        ? { ...fields, ...record, format: 'specter2-web' }
        : fields === undefined
          ? record
          : { ...record, fields }
      const all = recordsIn(object, kinds, row)
      if (all.length > 0) return all.map((one) => (isRecord(one) ? { ...one, record: row } : one))
      return [{ kind: 'lost', line: row, reason: 'this row has neither a title nor an identifier of a paper', raw: '' }]
    }
  }
}

/**
 * The rows of a Parquet file as JSON has them, some thousands at a time.
 *
 * @throws Specter2Error `UNREADABLE_FILE`, `LIMIT_EXCEEDED`
 */
export async function* parquetRows(file: AsyncBuffer, known?: FileMetaData): AsyncGenerator<JsonObject[], void, void> {
  const metadata = known ?? (await parquetMetadataAsync(file).catch(unreadable))
  let first = 0
  for (const { num_rows, total_byte_size } of metadata.row_groups) {
    if (Number(total_byte_size) > LIMITS.MAX_UNPACKED_BYTES) throw limitError('MAX_UNPACKED_BYTES', 'A larger group of rows')
    const end = first + Number(num_rows)
    const step = Math.max(1, Math.ceil(Number(num_rows) / Math.ceil(Number(total_byte_size) / BYTES_AT_ONCE || 1)))
    for (; first < end; first += step) {
      const rowEnd = Math.min(end, first + step)
      const rows = await parquetReadObjects({
        file: observed(file),
        metadata,
        rowStart: first,
        rowEnd,
        compressors: COMPRESSORS,
      }).catch(unreadable)
      yield rows.map((row) => plain(row) as JsonObject)
    }
    first = end
  }
}

const isRecord = (found: Found): found is Exclude<Found, { reason: string }> => 'draft' in found

const COMPRESSORS: Compressors = {
  GZIP: (input, size) => gunzipSync(input, { out: pageOf(input, size) }),
  ZSTD: (input, size) => decompress(input, pageOf(input, size)),
}

/** Room for what a page says that it unpacks to, unless it is a bomb. */
function pageOf(packed: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const meter = new Meter()
  meter.packed = packed.length
  meter.unpacked = size
  meter.check()
  return new Uint8Array(size)
}

/**
 * The library reads all columns at once, and never looks at those that a damaged file has beside its schema: nobody would handle
 * their failures.
 */
function observed(file: AsyncBuffer): AsyncBuffer {
  return { byteLength: file.byteLength, slice: (start, end) => observe(Promise.resolve(file.slice(start, end))) }
}

/** Handles the failure of a promise, and of all that are made from it; whoever waits for one of them still gets it. */
function observe<T>(promise: Promise<T>): Promise<T> {
  const { then } = promise
  then.call(promise, undefined, () => {})
  // biome-ignore lint/suspicious/noThenProperty: It is a promise, and this one sees what is made from it.
  promise.then = (...handlers) => observe(then.apply(promise, handlers)) as never
  return promise
}

/** A value as JSON has it: no big numbers, dates or bytes. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return null
  if (ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
}

function stampIn(text: string | undefined): ModelStamp | null {
  if (text === undefined) return null
  try {
    const { model } = JSON.parse(text) as { model?: unknown }
    return isModelStamp(model) ? model : null
  } catch {
    return null
  }
}

function unreadable(cause: unknown): never {
  if (cause instanceof Specter2Error) throw cause
  throw new Specter2Error('UNREADABLE_FILE', `The Parquet file cannot be read: ${(cause as Error).message}.`, { cause })
}
