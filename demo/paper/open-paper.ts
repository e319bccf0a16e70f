/** The paper that is open, if any: an entry of the browser's history, so that Back closes it. */
export class OpenPaper {
  #id: string | null = null
  #isClosing = false

  /** @param onChange Called when the browser's Back or Forward, or `close`, changes it; with the paper that was open before. */
  constructor(onChange: (before: string | null) => void) {
    // After a reload no paper is open.
    history.replaceState(null, '')
    addEventListener('popstate', ({ state }: PopStateEvent) => {
      const before = this.#id
      this.#isClosing = false
      this.#id = (state as { paper?: string } | null)?.paper ?? null
      onChange(before)
    })
  }

  get id(): string | null {
    return this.#id
  }

  /** From one paper to another is no step back of its own. */
  open(id: string): void {
    if (this.#id === null) history.pushState({ paper: id }, '')
    else history.replaceState({ paper: id }, '')
    this.#id = id
  }

  close(): void {
    // Back takes a moment; a second one would leave the page.
    if (this.#id === null || this.#isClosing) return
    this.#isClosing = true
    history.back()
  }
}
