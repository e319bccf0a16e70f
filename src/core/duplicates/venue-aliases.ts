import type { PairEvidence } from './evidence.js'

/** Pairs of one work that bear it out: fewer may be a mistake. */
const LEAST_PAIRS = 3
/** And it must not be a rare exception among the pairs of the rarer name. */
const LEAST_SHARE = 0.1
/** Sure pairs of a name from which on its aliases are known. */
const WELL_KNOWN = 10

/** Names under which one venue goes in different databases, as pairs of papers show that are surely the same. */
export class VenueAliases {
  readonly #pairs = new Map<string, number>()
  readonly #names = new Map<string, number>()

  /** Learns from pairs whose title, authors and year agree; what their venues are called is then no accident. */
  add(evidence: PairEvidence, venueA: string, venueB: string): void {
    const { title, authors, year } = evidence.fields
    if (title !== 'agree' || authors !== 'agree' || year !== 'agree' || venueA === '' || venueB === '') return
    increment(this.#pairs, pairOf(venueA, venueB))
    for (const name of new Set([venueA, venueB])) increment(this.#names, name)
  }

  /** Whether both names occur so often that they would be known as aliases if they were. */
  knows(venueA: string, venueB: string): boolean {
    return [venueA, venueB].every((name) => (this.#names.get(name) ?? 0) >= WELL_KNOWN)
  }

  /** Whether the two names are known to be one venue's. */
  has(venueA: string, venueB: string): boolean {
    const count = this.#pairs.get(pairOf(venueA, venueB)) ?? 0
    const rarer = Math.min(this.#names.get(venueA) ?? 0, this.#names.get(venueB) ?? 0)
    return count >= LEAST_PAIRS && count >= LEAST_SHARE * rarer
  }
}

const pairOf = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`)
const increment = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
