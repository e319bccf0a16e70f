/** Reads blocks of given lengths from a stream. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #pieces: Uint8Array[] = []
  #available = 0
  #position = 0

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader()
  }

  /** Number of bytes read so far. */
  get position(): number {
    return this.#position
  }

  /** The next `length` bytes, in a new buffer; `null` if the stream ends before. Rejects as the stream does. */
  async read(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#available < length) {
      const { done, value } = await this.#reader.read()
      if (done) return null
      this.#pieces.push(value)
      this.#available += value.length
    }
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      const piece = this.#pieces[0]!
      const taken = piece.subarray(0, length - filled)
      bytes.set(taken, filled)
      filled += taken.length
      if (taken.length === piece.length) this.#pieces.shift()
      else this.#pieces[0] = piece.subarray(taken.length)
    }
    this.#available -= length
    this.#position += length
    return bytes
  }
}
