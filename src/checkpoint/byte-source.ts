/** A file that is read by slices: a Blob in a page, a file handle in Node, a URL with ranges. */
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
