import { type ByteSource, readExactly, viewOf } from './byte-source.js'
import { damagedFile, unsupportedFile } from './file-errors.js'

/** A file inside a zip archive. */
export interface ZipEntry {
  readonly name: string
  readonly byteLength: number
  /** 0: stored uncompressed, the only method that can be read in slices. */
  readonly method: number
  readonly encrypted: boolean
  /** Where the entry's local header begins. */
  readonly headerStart: number
  /** End of the bytes that may belong to the entry. */
  readonly limit: number
}

// APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.
const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END = 0x06054b50
const END64 = 0x06064b50
const END64_LOCATOR = 0x07064b50
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
const LOCATOR_BYTES = 20
const MAX_COMMENT = 0xffff
const ZIP64_EXTRA = 1
const IN_ZIP64 = 0xffffffff

/** BERT-large's directory has 40 kB. */
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20

const utf8 = new TextDecoder()

/**
 * The entries of a zip (or zip64) archive by name; only the directory is read.
 * @throws Specter2Error `DAMAGED_FILE` if the archive is cut off or contradicts itself.
 */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const { start, byteLength } = await findDirectory(source)
  const bytes = await readExactly(source, start, start + byteLength)
  const view = viewOf(bytes)
  const entries = new Map<string, ZipEntry>()
  for (let at = 0; at < byteLength; ) {
    if (at + CENTRAL_BYTES > byteLength || view.getUint32(at, true) !== CENTRAL_HEADER) throw damagedDirectory(source)
    const nameStart = at + CENTRAL_BYTES
    const extraStart = nameStart + view.getUint16(at + 28, true)
    const extraEnd = extraStart + view.getUint16(at + 30, true)
    const end = extraEnd + view.getUint16(at + 32, true)
    if (end > byteLength) throw damagedDirectory(source)
    const name = utf8.decode(bytes.subarray(nameStart, extraStart))
    const [size, storedSize, headerStart] = withZip64(
      source,
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
      viewOf(bytes.subarray(extraStart, extraEnd)),
    ) as [number, number, number]
    const method = view.getUint16(at + 10, true)
    if (headerStart + LOCAL_BYTES + storedSize > start || (method === 0 && size !== storedSize)) {
      throw damagedFile(source.name, `is damaged: its entry ${name} does not fit in it`, { entry: name })
    }
    const encrypted = (view.getUint16(at + 8, true) & 1) === 1
    entries.set(name, { name, byteLength: size, method, encrypted, headerStart, limit: start })
    at = end
  }
  return entries
}

/**
 * The first byte of an entry's data.
 * @throws Specter2Error `UNSUPPORTED` if the entry is compressed or encrypted; `DAMAGED_FILE` if it does not fit.
 */
export async function entryStart(source: ByteSource, entry: ZipEntry): Promise<number> {
  requireStored(source, entry)
  const header = await readExactly(source, entry.headerStart, entry.headerStart + LOCAL_BYTES)
  const view = viewOf(header)
  // The local extra field differs from the directory's: torch pads it, so that the data begins at a multiple of 64.
  const start = entry.headerStart + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  if (view.getUint32(0, true) !== LOCAL_HEADER || start + entry.byteLength > entry.limit) {
    throw damagedFile(source.name, `is damaged: its entry ${entry.name} is not where the directory says`, { entry: entry.name })
  }
  return start
}

/** @throws Specter2Error `UNSUPPORTED` if the entry cannot be read in slices. */
export function requireStored(source: ByteSource, entry: ZipEntry): void {
  if (entry.method === 0 && !entry.encrypted) return
  const state = entry.encrypted ? 'encrypted' : `compressed (method ${entry.method})`
  const next = 'torch.save stores its entries uncompressed: use the file as it was published.'
  throw unsupportedFile(source.name, `holds the entry ${entry.name} ${state}`, next, { entry: entry.name })
}

async function findDirectory(source: ByteSource): Promise<{ start: number; byteLength: number }> {
  const tailStart = Math.max(0, source.byteLength - LOCATOR_BYTES - END_BYTES - MAX_COMMENT)
  const tail = await readExactly(source, tailStart, source.byteLength)
  const view = viewOf(tail)
  let end = tail.byteLength - END_BYTES
  // The end record is the one whose comment reaches exactly to the end of the file.
  const isEnd = () => view.getUint32(end, true) === END && end + END_BYTES + view.getUint16(end + 20, true) === tail.byteLength
  while (end >= 0 && !isEnd()) end--
  if (end < 0)
    throw damagedFile(source.name, `begins as a zip archive, but is cut off at byte ${source.byteLength}`, {
      actual: source.byteLength,
    })

  let byteLength = view.getUint32(end + 12, true)
  let start = view.getUint32(end + 16, true)
  let directoryEnd = tailStart + end
  const locator = end - LOCATOR_BYTES
  if (locator >= 0 && view.getUint32(locator, true) === END64_LOCATOR) {
    directoryEnd = uint64(view, locator + 8)
    const record = await readExactly(source, directoryEnd, directoryEnd + 56)
    const view64 = viewOf(record)
    if (view64.getUint32(0, true) !== END64) throw damagedDirectory(source)
    byteLength = uint64(view64, 40)
    start = uint64(view64, 48)
  }
  if (start + byteLength > directoryEnd || byteLength > MAX_DIRECTORY_BYTES) throw damagedDirectory(source)
  return { start, byteLength }
}

/** The fields of a directory entry, each from the zip64 extra field if it exceeds 32 bits. */
function withZip64(source: ByteSource, fields: readonly number[], extra: DataView): number[] {
  let at = 0
  let end = 0
  for (let next = 0; next + 4 <= extra.byteLength && end === 0; next += 4 + extra.getUint16(next + 2, true)) {
    if (extra.getUint16(next, true) !== ZIP64_EXTRA) continue
    at = next + 4
    end = Math.min(at + extra.getUint16(next + 2, true), extra.byteLength)
  }
  return fields.map((field) => {
    if (field !== IN_ZIP64) return field
    if (at + 8 > end) throw damagedDirectory(source)
    at += 8
    return uint64(extra, at - 8)
  })
}

/** Rounded above 2^53, which is beyond the end of any file. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function damagedDirectory(source: ByteSource) {
  return damagedFile(source.name, 'is damaged: the directory of the zip archive is inconsistent')
}
