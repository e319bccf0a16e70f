/** Lines of a text that comes in pieces, cut anywhere; they end at `\n`, `\r\n` or `\r`. */
export class LineSplitter {
  #rest = ''
  #afterReturn = false

  push(text: string): string[] {
    // A `\n` at the begin of a piece may end what a `\r` has ended already.
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
