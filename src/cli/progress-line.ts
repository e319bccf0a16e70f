/** One line on a terminal that is written over; where output is no terminal, only its end. */
export class ProgressLine {
  #shownAt = 0

  show(text: string): void {
    if (!process.stderr.isTTY || Date.now() - this.#shownAt < 100) return
    this.#shownAt = Date.now()
    process.stderr.write(`\r\x1b[2K${text}`)
  }

  end(text?: string): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
    if (text) console.log(text)
  }
}
