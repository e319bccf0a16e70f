/** What is used of `process.stdout` and `process.stderr`. */
export interface TextStream {
  /** @param done Called when the piece is written, or cannot be. */
  write(piece: string | Uint8Array, done?: (error?: Error | null) => void): unknown
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

  /**
   * Writes to standard output; resolves when whoever reads it has room for more.
   *
   * @throws the stream's error, `EPIPE` if nobody reads it any longer.
   */
  write(piece: string | Uint8Array): Promise<void> {
    this.clearProgress()
    return new Promise((resolve, reject) => {
      this.#stdout.write(piece, (error) => (error ? reject(error) : resolve()))
    })
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
