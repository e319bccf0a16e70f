import { hashText } from './hash-text.js'
import type { PreparedPaper } from './prepared-paper.js'

/** Finds the papers whose compared fields are all equal, so that of many copies one is compared with the others. */
export class EqualPapers {
  /** The places of the first papers with a hash. */
  readonly #firsts = new Map<number, number[]>()
  readonly #before: EqualPapers | undefined

  /** @param before Earlier papers of the library, which are not changed. */
  constructor(before?: EqualPapers) {
    this.#before = before
  }

  /**
   * @param papers The library, with the paper at `place`.
   * @returns The place of the first paper that equals it; its own if it is the first.
   */
  add(papers: readonly PreparedPaper[], place: number): number {
    const text = textOf(papers[place]!)
    const hash = hashText(text)
    const firsts = this.#firsts.get(hash) ?? []
    const equal = [...(this.#before ? (this.#before.#firsts.get(hash) ?? []) : []), ...firsts].find(
      (first) => textOf(papers[first]!) === text,
    )
    if (equal !== undefined) return equal
    this.#firsts.set(hash, [...firsts, place])
    return place
  }

  /** Adds the papers that `later` found to be the first of their kind. */
  enter(later: EqualPapers): void {
    for (const [hash, places] of later.#firsts) this.#firsts.set(hash, [...(this.#firsts.get(hash) ?? []), ...places])
  }
}

/** Everything that is compared. Fields that follow from others are left out. */
function textOf({ title, authors, venue, pages, trial, ...paper }: PreparedPaper): string {
  const { words, parts, notice, isHeading, isPeriodical, isCut, isJoint, isTranslated, damaged } = title
  const names = authors.map((author) => [author.family, ...author.parts])
  const { id: _, ...others } = paper
  const rest = [notice, isHeading, isPeriodical, isCut, isJoint, isTranslated, damaged?.source, names, venue?.whole, venue?.kind]
  return JSON.stringify([words, [...parts], rest, pages, trial, others])
}
