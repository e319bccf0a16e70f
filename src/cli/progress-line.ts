/** One line on a terminal that is written over; where output is no terminal, only its end. */
export class ProgressLine {
  #shownAt = 0
  #step = ''

  /** Ten times a second at most, but each `step` is shown when it begins: what follows may block for seconds. */
  show(step: string, text: string): void {
    if (!process.stderr.isTTY || (step === this.#step && Date.now() - this.#shownAt < 100)) return
    this.#step = step
    this.#shownAt = Date.now()
    process.stderr.write(`\r\x1b[2K${text}`)
  }

  end(text?: string): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
    if (text) console.log(text)
  }
}
