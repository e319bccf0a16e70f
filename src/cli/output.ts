/** What is used of `process.stdout` and `process.stderr`. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** Where a command writes: results to standard output; warnings, errors and a progress line to standard error. */
export class Output {
  readonly #stdout: TextStream
  readonly #stderr: TextStream
  #step = ''
  #shownAt = 0

  constructor(stdout: TextStream, stderr: TextStream) {
    this.#stdout = stdout
    this.#stderr = stderr
  }

  /** Prints a line of results. */
  print(line: string): void {
    this.clearProgress()
    this.#stdout.write(`${line}\n`)
  }

  /** Prints a warning or an error. */
  warn(line: string): void {
    this.clearProgress()
    this.#stderr.write(`${line}\n`)
  }

  /**
   * Overwrites the progress line, on a terminal only: ten times a second at most, but a new `step` is shown at once, since it
   * may block for seconds.
   */
  showProgress(step: string, text: string): void {
    if (!this.#stderr.isTTY || (step === this.#step && Date.now() - this.#shownAt < 100)) return
    this.#step = step
    this.#shownAt = Date.now()
    this.#stderr.write(`\r\x1b[2K${text}`)
  }

  clearProgress(): void {
    if (this.#step === '') return
    this.#step = ''
    this.#stderr.write('\r\x1b[2K')
  }
}
