import { Inflate } from 'fflate'
import { Specter2Error } from '../../errors.js'
import { LIMITS, limitError } from '../limits.js'
import { Meter } from './unpack.js'

/** A file in a zip that is in memory. */
interface ZipEntry {
  /** Offset of its local header. */
  offset: number
  packedBytes: number
  /** 0: stored, 8: deflated. */
  method: number
}

/** Packed bytes that are unpacked at a time. */
const PIECE = 16_384

/** The files of a zip in memory, by their paths, each unpacked in pieces when it is read. */
export class ZipEntries {
  readonly #bytes: Uint8Array
  readonly #entries: ReadonlyMap<string, ZipEntry>
  /** Measures all files that are read. */
  readonly meter = new Meter()

  /** @throws Specter2Error `UNREADABLE_FILE` if the zip has no directory, `LIMIT_EXCEEDED` for too many files. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#entries = directoryOf(bytes)
  }

  get paths(): string[] {
    return [...this.#entries.keys()]
  }

  /** @throws Specter2Error `LIMIT_EXCEEDED` for a bomb, `UNREADABLE_FILE` for a damaged or encrypted file. */
  *read(path: string): Generator<Uint8Array, void, void> {
    const entry = this.#entries.get(path)
    if (entry === undefined) return
    const view = viewOf(this.#bytes)
    if (entry.offset + 30 > this.#bytes.length || view.getUint32(entry.offset, true) !== 0x04034b50)
      throw damaged('a header is missing')
    if ((view.getUint16(entry.offset + 6, true) & 1) === 1) throw damaged('it is encrypted')
    const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true)
    const packed = this.#bytes.subarray(start, start + entry.packedBytes)
    if (entry.method !== 0 && entry.method !== 8) throw damaged(`its method of packing is ${entry.method}`)
    const out: Uint8Array[] = []
    const inflate = new Inflate((bytes) => out.push(bytes))
    for (let at = 0; at < packed.length; at += PIECE) {
      const piece = packed.subarray(at, at + PIECE)
      this.meter.packed += piece.length
      if (entry.method === 0) out.push(piece)
      else inflated(() => inflate.push(piece, at + PIECE >= packed.length))
      for (const bytes of out.splice(0)) {
        this.meter.unpacked += bytes.length
        this.meter.check()
        if (bytes.length > 0) yield bytes
      }
    }
  }
}

/** Reads the directory at the end of a zip (APPNOTE 4.3.12 and 4.3.16). */
function directoryOf(bytes: Uint8Array): Map<string, ZipEntry> {
  const view = viewOf(bytes)
  let end = bytes.length - 22
  // A comment of up to 64 KB may follow.
  while (end >= 0 && end > bytes.length - 65_558 && view.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) throw damaged('its directory is missing, so it may be cut off')
  const count = view.getUint16(end + 10, true)
  if (count > LIMITS.MAX_ARCHIVE_FILES) throw limitError('MAX_ARCHIVE_FILES', 'Files in one archive')
  const entries = new Map<string, ZipEntry>()
  let at = view.getUint32(end + 16, true)
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw damaged('its directory is not complete')
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ]
    const name = new TextDecoder()
      .decode(bytes.subarray(at + 46, at + 46 + nameLength))
      .replaceAll('\\', '/')
      .replace(/^\//, '')
    entries.set(name, {
      offset: view.getUint32(at + 42, true),
      packedBytes: view.getUint32(at + 20, true),
      method: view.getUint16(at + 10, true),
    })
    at += 46 + nameLength + extra + comment
  }
  return entries
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function inflated(step: () => void): void {
  try {
    step()
  } catch (cause) {
    throw damaged((cause as Error).message, cause)
  }
}

function damaged(what: string, cause?: unknown): Specter2Error {
  return new Specter2Error('UNREADABLE_FILE', `The workbook or archive is damaged: ${what}. Save it again.`, { cause })
}
