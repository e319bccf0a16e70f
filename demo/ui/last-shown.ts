/** What a part of the page shows. A part that would show the same is left alone, since the reader may be using it. */
export class LastShown {
  #shown = ''

  /** @returns Whether the content, compared as JSON, differs from the last one; from now on it counts as shown. */
  differs(content: unknown): boolean {
    const shown = JSON.stringify(content)
    if (shown === this.#shown) return false
    this.#shown = shown
    return true
  }

  /** The part shows something else now. */
  forget(): void {
    this.#shown = ''
  }
}
