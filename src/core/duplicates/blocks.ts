/** With this many papers under one key, only the latest {@link KEY_WINDOW} are compared: such a key is a heading, not a title. */
const KEY_PAPERS = 60
const KEY_WINDOW = 20

/** The places of papers under each blocking key, in order. Most keys have one paper, which takes no list. */
export class Blocks {
  readonly #places = new Map<number, number | number[]>()
  readonly #before: Blocks | undefined

  /** @param before Earlier papers, which are not changed. */
  constructor(before?: Blocks) {
    this.#before = before
  }

  add(key: number, place: number): void {
    const known = this.#places.get(key)
    if (known === undefined) this.#places.set(key, place)
    else if (typeof known === 'number') this.#places.set(key, [known, place])
    else known.push(place)
  }

  /** The papers under a key that another is compared with, earlier ones included. */
  compared(key: number): readonly number[] {
    const own = listOf(this.#places.get(key))
    const before = this.#before ? listOf(this.#before.#places.get(key)) : []
    const latest = own.length >= KEY_PAPERS || before.length === 0 ? own : [...before.slice(-KEY_PAPERS), ...own]
    return latest.length < KEY_PAPERS ? latest : latest.slice(-KEY_WINDOW)
  }

  /** Adds all papers of `later`. */
  enter(later: Blocks): void {
    for (const [key, places] of later.#places) {
      const known = this.#places.get(key)
      this.#places.set(key, known === undefined ? places : [...listOf(known), ...listOf(places)])
    }
  }
}

const listOf = (places: number | readonly number[] | undefined): readonly number[] =>
  places === undefined ? [] : typeof places === 'number' ? [places] : places
