import type { PairEvidence } from './evidence.js'

/** An alias needs at least this many pairs of papers as evidence, as fewer may be mistakes. */
const LEAST_PAIRS = 3
/** They must be at least this share of the rarer name's pairs. */
const LEAST_SHARE = 0.1
/** With at least this many pairs, all aliases of a name are known. */
const WELL_KNOWN = 10

/** The names of a venue in different databases, learned from pairs of papers that are certainly the same. */
export class VenueAliases {
  readonly #pairs = new Map<string, number>()
  readonly #names = new Map<string, number>()

  /** Learns from a pair if its titles, authors and years agree. */
  add(evidence: PairEvidence, venueA: string, venueB: string): void {
    const { title, authors, year } = evidence.fields
    if (title !== 'agree' || authors !== 'agree' || year !== 'agree' || venueA === '' || venueB === '') return
    increment(this.#pairs, pairOf(venueA, venueB))
    for (const name of new Set([venueA, venueB])) increment(this.#names, name)
  }

  /** Whether both names occur so often that they would be known as aliases if they were the same venue. */
  knows(venueA: string, venueB: string): boolean {
    return [venueA, venueB].every((name) => (this.#names.get(name) ?? 0) >= WELL_KNOWN)
  }

  /** Whether both are names of the same venue. */
  has(venueA: string, venueB: string): boolean {
    const count = this.#pairs.get(pairOf(venueA, venueB)) ?? 0
    const rarer = Math.min(this.#names.get(venueA) ?? 0, this.#names.get(venueB) ?? 0)
    return count >= LEAST_PAIRS && count >= LEAST_SHARE * rarer
  }
}

const pairOf = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`)
const increment = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
