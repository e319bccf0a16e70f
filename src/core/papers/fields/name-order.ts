import type { Author } from '../paper.js'
import { type Found, isProblem } from '../record.js'
import { asPerson, isUndecided } from './names.js'

/** Records from which the order is told; a file's names are written one way from its start. */
const SAMPLE = 200

/**
 * Tells from the names of a file whether a name without a comma, `Ann Lee`, is a person: it is unless the file, or its record,
 * writes its people with family names first. Records are held back until enough names are known.
 */
export class NameOrder {
  #held: Found[] = []
  #records = 0
  #parsed = 0
  #whole = 0
  #direct: boolean | undefined

  /** @returns The records that can be passed on, with their names taken apart. */
  settle(found: readonly Found[], final: boolean): Found[] {
    const settled: Found[] = []
    for (const item of found) {
      if (this.#direct === undefined && !isProblem(item)) this.#count(item.draft.authors ?? [])
      // Records whose names are clear wait for no one.
      if (this.#direct === undefined && (this.#whole > 0 || this.#held.length > 0)) this.#held.push(item)
      else settled.push(this.#settled(item))
      if (this.#records >= SAMPLE) settled.push(...this.#decide())
    }
    if (final) settled.push(...this.#decide())
    return settled
  }

  #decide(): Found[] {
    this.#direct ??= this.#whole > 0 && this.#whole >= this.#parsed
    const held = this.#held
    this.#held = []
    return held.map((item) => this.#settled(item))
  }

  #count(authors: readonly Author[]): void {
    this.#records++
    for (const author of authors) {
      if (isUndecided(author)) this.#whole++
      else if (author.family !== undefined && author.given !== undefined) this.#parsed++
    }
  }

  #settled(item: Found): Found {
    if (isProblem(item) || this.#direct !== true) return item
    const { authors } = item.draft
    if (!authors?.some(isUndecided) || authors.some(({ given }) => given !== undefined)) return item
    return { ...item, draft: { ...item.draft, authors: authors.map((name) => (isUndecided(name) ? asPerson(name) : name)) } }
  }
}
