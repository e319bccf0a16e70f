/** What a part of the page shows: while that is the same the part is left alone, since it may be under a reader's hand. */
export class LastShown {
  #shown = ''

  /** @returns Whether this, compared as JSON, is other than what was shown last; it counts as shown from now on. */
  differs(content: unknown): boolean {
    const shown = JSON.stringify(content)
    if (shown === this.#shown) return false
    this.#shown = shown
    return true
  }

  /** The part no longer shows what it did. */
  forget(): void {
    this.#shown = ''
  }
}
