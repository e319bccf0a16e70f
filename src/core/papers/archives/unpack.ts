import { Gunzip, Unzip, UnzipInflate } from 'fflate'
import { Specter2Error } from '../../errors.js'
import { LIMITS, limitError } from '../limits.js'

/** A piece of a file, from an archive or not. */
export interface UnpackedPiece {
  /** Path within the archive; `''` for a file that is not in one. */
  path: string
  bytes: Uint8Array
  /** Whether this is the end of the file. */
  last: boolean
}

/** Packed bytes that are unpacked at a time: a bomb turns this many into no more than 16 MiB. */
const PIECE = 16_384
const UNLIMITED_RATIO_BYTES = 16 * 2 ** 20

export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}

/**
 * Unpacks a `.gz` file as its bytes arrive, with one piece in memory at a time.
 *
 * @param maxBytes A lower limit for tests, as unpacking two gigabytes takes long.
 * @throws Specter2Error `LIMIT_EXCEEDED` for a bomb, `UNREADABLE_FILE` for a damaged file.
 */
export async function* unpackGzip(
  packed: AsyncIterable<Uint8Array>,
  maxBytes: number = LIMITS.MAX_UNPACKED_BYTES,
): AsyncGenerator<UnpackedPiece, void, void> {
  const meter = new Meter(maxBytes)
  const out: UnpackedPiece[] = []
  const gunzip = new Gunzip((bytes) => {
    meter.unpacked += bytes.length
    if (bytes.length > 0) out.push({ path: '', bytes, last: false })
  })
  const push = (bytes: Uint8Array, last: boolean) => {
    meter.packed += bytes.length
    reportDamage(() => gunzip.push(bytes, last))
    meter.check()
    return out.splice(0)
  }
  for await (const piece of pieces(packed)) yield* push(piece, false)
  yield* push(new Uint8Array(), true)
  yield { path: '', bytes: new Uint8Array(), last: true }
}

/**
 * Unpacks the files of a `.zip`, one after the other, as its bytes arrive. Folders and macOS metadata are skipped.
 *
 * @throws Specter2Error `LIMIT_EXCEEDED` for a bomb, `UNREADABLE_FILE` for a damaged or encrypted file.
 */
export async function* unpackZip(
  packed: AsyncIterable<Uint8Array>,
  maxBytes: number = LIMITS.MAX_UNPACKED_BYTES,
): AsyncGenerator<UnpackedPiece, void, void> {
  const meter = new Meter(maxBytes)
  const out: UnpackedPiece[] = []
  let files = 0
  let failure: Error | null = null
  const unzip = new Unzip((file) => {
    if (++files > LIMITS.MAX_ARCHIVE_FILES) throw limitError('MAX_ARCHIVE_FILES', 'Files in one archive')
    const skipped = file.name.endsWith('/') || /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$)/.test(file.name)
    file.ondata = (error, bytes, last) => {
      failure ??= error
      if (error) return
      meter.unpacked += bytes.length
      if (!skipped) out.push({ path: file.name, bytes, last })
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  const push = (bytes: Uint8Array, last: boolean) => {
    meter.packed += bytes.length
    reportDamage(() => {
      unzip.push(bytes, last)
      if (failure) throw failure
    })
    meter.check()
    return out.splice(0)
  }
  for await (const piece of pieces(packed)) yield* push(piece, false)
  yield* push(new Uint8Array(), true)
}

/** Measures what is unpacked, and refuses a bomb by the name of the limit that it breaks. */
export class Meter {
  readonly #maxBytes: number
  packed = 0
  unpacked = 0

  constructor(maxBytes: number = LIMITS.MAX_UNPACKED_BYTES) {
    this.#maxBytes = maxBytes
  }

  check(): void {
    if (this.unpacked > this.#maxBytes) throw limitError('MAX_UNPACKED_BYTES', `${this.unpacked} bytes unpacked`)
    const ratio = Math.round(this.unpacked / Math.max(1, this.packed))
    if (this.unpacked > UNLIMITED_RATIO_BYTES && ratio > LIMITS.MAX_UNPACK_RATIO)
      throw limitError('MAX_UNPACK_RATIO', `${ratio} bytes unpacked for each packed byte`)
  }
}

async function* pieces(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const bytes of packed) for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

function reportDamage(step: () => void): void {
  try {
    step()
  } catch (cause) {
    if (cause instanceof Specter2Error) throw cause
    const message = `The archive is damaged, encrypted or of an unknown kind: ${(cause as Error).message}. Unpack it first.`
    throw new Specter2Error('UNREADABLE_FILE', message, { cause })
  }
}
