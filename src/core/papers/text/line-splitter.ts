/** Splits a text that arrives in pieces into lines, which end in `\n`, `\r\n` or `\r`. */
export class LineSplitter {
  #rest = ''
  #afterReturn = false

  push(text: string): string[] {
    // A `\n` at the start of a piece may belong to a `\r` that has already ended the line.
    const from = this.#afterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#afterReturn = text.endsWith('\r')
    const lines = (this.#rest + text.slice(from)).split(/\r\n|\n|\r/)
    this.#rest = lines.pop()!
    return lines
  }

  end(): string[] {
    const rest = this.#rest
    this.#rest = ''
    return rest === '' ? [] : [rest]
  }
}
