import { damagedFile } from './file-errors.js'

/** A file that is read in slices: a Blob in a page, a file handle in Node, a download. */
export interface ByteSource {
  /** Name for error messages, such as `pytorch_model.bin`. */
  readonly name: string
  readonly byteLength: number
  /** Bytes from `start` up to, not including, `end`. The buffer belongs to the caller. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
}

/** A source over bytes in memory; slices are copies. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return { name, byteLength: bytes.byteLength, read: async (start, end) => new Uint8Array(bytes.slice(start, end)) }
}

/** A source over a Blob or File. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return { name, byteLength: blob.size, read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()) }
}

/**
 * All bytes from `start` up to, not including, `end`; the buffer belongs to the caller.
 * @throws Specter2Error `DAMAGED_FILE` if the file ends earlier.
 */
export async function readExactly(source: ByteSource, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  if (!(start >= 0 && start <= end && end <= source.byteLength)) {
    throw damagedFile(source.name, `points to bytes ${start} to ${end}, but has ${source.byteLength}`, {
      expected: end,
      actual: source.byteLength,
    })
  }
  const bytes = await source.read(start, end)
  if (bytes.byteLength !== end - start) {
    throw damagedFile(source.name, `gave ${bytes.byteLength} of ${end - start} bytes at ${start}`, {
      expected: end - start,
      actual: bytes.byteLength,
    })
  }
  return bytes
}

/** A view of exactly these bytes of their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
