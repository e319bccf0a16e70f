import { pauses } from '../async/pauses.js'
import { InvalidArgumentError } from '../errors.js'
import type { Paper } from '../papers/paper.js'
import { BlockingKeys } from './blocking-keys.js'
import { Blocks } from './blocks.js'
import { isCandidate } from './candidates.js'
import { EqualPapers } from './equal-papers.js'
import type { PairEvidence } from './evidence.js'
import {
  type AddOptions,
  checkChoices,
  checkIds,
  checkVectors,
  type FinderOptions,
  type Preset,
  type ResultOptions,
  type Vectors,
  type VersionTreatment,
} from './finder-options.js'
import { DuplicateGroups, type DuplicateResult, LEAST_DOUBT } from './group-duplicates.js'
import { pairKey } from './group-pairs.js'
import type { JoinRules } from './join-rules.js'
import { type BlockProduct, nearPairs } from './near-pairs.js'
import { addToLibrary, compareAt, emptyLibrary, type PreparedLibrary } from './prepared-library.js'
import type { PreparedPaper } from './prepared-paper.js'

/** Papers farther apart than this share of the typical distance are different papers. */
const NEAR = 0.45
const NEIGHBOURS = 10
/** Changes with the rules, so that no pair is judged by earlier ones. */
const RULES_VERSION = 3

/** Everything a finder has found, as plain data; store it to continue later. */
export interface FinderSnapshot {
  /** Version of this format. */
  format: 1
  /** Version of the rules by which the pairs were compared. */
  rulesVersion: number
  /** Ids of the papers that were compared with each other, in order. */
  ids: string[]
  /** The pairs that are, or might be, the same. */
  pairs: PairEvidence[]
  /** Median distance of two papers. */
  typicalDistance: number
  /** Whether the papers had vectors. */
  hasVectors: boolean
  /** Number of pairs that were compared. */
  compared: number
}

/**
 * Finds duplicate papers. Papers that are added later are compared with all earlier ones; no pair is compared twice.
 *
 * @example
 * const finder = new DuplicateFinder({ preset: 'cautious' })
 * await finder.add(papers.slice(0, 2))
 * await finder.add(papers.slice(2)) // compares with the earlier ones
 * console.log(finder.result().groups, finder.result({ preset: 'thorough' }).groups)
 */
export class DuplicateFinder {
  readonly #preset: Preset
  readonly #versions: VersionTreatment
  readonly #scope: 'all' | 'between'
  readonly #product: BlockProduct | undefined
  readonly #rules: JoinRules
  #library: PreparedLibrary = emptyLibrary
  #keys: BlockingKeys | undefined
  readonly #places = new Map<string, number>()
  readonly #blocks = new Blocks()
  /** Pairs that are, or might be, the same, by {@link pairKey}. */
  readonly #pairs = new Map<number, PairEvidence>()
  readonly #equal = new EqualPapers()
  /** For each paper that equals an earlier one, the place of the first. */
  readonly #copies = new Map<number, number>()
  /** By preset, treatment of versions and rules, until papers are added. */
  readonly #groups = new Map<string, DuplicateGroups>()
  #compared = 0
  #adding: Promise<void> = Promise.resolve()

  /** @throws InvalidArgumentError for an unknown preset, scope, treatment of versions, or field of a rule. */
  constructor({ preset = 'balanced', versions = 'report', scope = 'all', product, rules = {} }: FinderOptions = {}) {
    checkChoices(preset, versions, rules)
    if (scope !== 'all' && scope !== 'between') throw new InvalidArgumentError('scope', scope, 'all or between')
    this.#preset = preset
    this.#versions = versions
    this.#scope = scope
    this.#product = product
    this.#rules = rules
  }

  /** The number of papers. */
  get size(): number {
    return this.#library.papers.length
  }

  /**
   * Adds papers and compares them with each other and with all earlier ones. An aborted call leaves the finder unchanged; a
   * call made during another waits for it.
   *
   * @throws InvalidArgumentError for an id that is empty or not unique, and for vectors that do not fit.
   * @throws the signal's reason.
   */
  add(papers: readonly Paper[], options: AddOptions = {}): Promise<void> {
    const added = this.#adding.then(() => this.#add(papers, options))
    this.#adding = added.catch(() => {})
    return added
  }

  async #add(papers: readonly Paper[], { vectors, signal, onProgress }: AddOptions): Promise<void> {
    this.#check(papers, vectors)
    const from = this.size
    const pause = pauses(signal)
    const library = await addToLibrary(this.#library, papers, vectors, signal)
    const prepared = library.papers.slice(from)
    const keys = this.#keys ?? new BlockingKeys(prepared)
    onProgress?.({ stage: 'prepare', done: 1 })

    const found = new Map<number, PairEvidence>()
    let compared = 0
    const { equal, copies } = await this.#findEqual(library, from, signal)
    const firstOf = (place: number) => copies.get(place) ?? this.#copies.get(place) ?? place
    const compare = (a: number, b: number) => {
      if (this.#scope === 'between' && library.sources[a] === library.sources[b]) return
      compared++
      if (!isCandidate(library, a, b)) return
      const evidence = compareAt(library, a, b)
      if (mightBeSame(evidence)) found.set(pairKey(a, b), evidence)
    }
    const near = new Set<number>()

    if (library.vectors && library.typicalDistance > 0) {
      const { a, b } = await nearPairs(library.vectors.vectors, library.vectors.dimension, {
        k: NEIGHBOURS,
        maxDistance: NEAR * library.typicalDistance,
        from,
        ...(this.#product && { product: this.#product }),
        signal,
        onProgress: (done) => onProgress?.({ stage: 'neighbours', done }),
      })
      for (let n = 0; n < a.length; n++) {
        const [first, second] = [firstOf(a[n]!), firstOf(b[n]!)]
        const key = pairKey(first, second)
        if (first !== second && !near.has(key)) compare(Math.min(first, second), Math.max(first, second))
        near.add(key)
        await pause()
      }
    }

    for (const [copy, first] of copies) {
      const evidence = compareAt(library, first, copy)
      if (mightBeSame(evidence)) found.set(pairKey(first, copy), evidence)
      await pause()
    }

    const blocks = new Blocks(this.#blocks)
    /** The paper with which each was compared last. */
    const latest = new Int32Array(library.papers.length).fill(-1)
    for (const [index, paper] of prepared.entries()) {
      const place = from + index
      if (copies.has(place)) continue
      for (const key of keys.of(paper)) {
        for (const other of blocks.compared(key)) {
          if (latest[other] === place) continue
          latest[other] = place
          if (!near.has(pairKey(other, place))) compare(other, place)
        }
        blocks.add(key, place)
      }
      onProgress?.({ stage: 'compare', done: (index + 1) / prepared.length })
      await pause()
    }

    // Nothing below waits or fails, so that either everything is added or nothing is.
    this.#keys = keys
    this.#compared += compared + copies.size
    this.#enter(library, blocks, equal, copies)
    for (const [key, evidence] of found) this.#pairs.set(key, evidence)
  }

  /** Added papers that equal earlier ones. Between sources, all are compared, as equal papers of one source are none of its business. */
  async #findEqual(library: PreparedLibrary, from: number, signal: AbortSignal | undefined) {
    const pause = pauses(signal)
    const equal = new EqualPapers(this.#equal)
    const copies = new Map<number, number>()
    for (let place = from; this.#scope === 'all' && place < library.papers.length; place++) {
      const first = equal.add(library.papers, place)
      if (first !== place) copies.set(place, first)
      await pause()
    }
    return { equal, copies }
  }

  /** The finder's state, for {@link restore} with the same papers. */
  snapshot(): FinderSnapshot {
    return {
      format: 1,
      rulesVersion: RULES_VERSION,
      ids: this.#library.papers.map(({ id }) => id),
      pairs: [...this.#pairs.values()],
      typicalDistance: this.#library.typicalDistance,
      hasVectors: this.#library.vectors !== undefined,
      compared: this.#compared,
    }
  }

  /**
   * Fills an empty finder from a snapshot, without comparing anything. If fields of the papers have changed since, use a new
   * finder instead.
   *
   * @param papers The papers of the snapshot, in its order.
   * @throws InvalidArgumentError if the finder is not empty, or if papers or vectors are not those of the snapshot,
   *   or if its pairs were compared by the rules of an earlier version of this package.
   * @throws the signal's reason.
   */
  async restore(snapshot: FinderSnapshot, papers: readonly Paper[], { vectors, signal }: AddOptions = {}): Promise<void> {
    if (this.size > 0) throw new InvalidArgumentError('finder', this, 'empty')
    if (snapshot.format !== 1) throw new InvalidArgumentError('snapshot.format', snapshot.format, '1')
    if (snapshot.rulesVersion !== RULES_VERSION)
      throw new InvalidArgumentError('snapshot.rulesVersion', snapshot.rulesVersion, `${RULES_VERSION}; compare the papers anew`)
    const wrong = papers.findIndex(({ id }, index) => id !== snapshot.ids[index])
    if (wrong >= 0 || papers.length !== snapshot.ids.length)
      throw new InvalidArgumentError('papers', papers, `the ${snapshot.ids.length} papers of the snapshot, in its order`)
    this.#check(papers, vectors)
    if ((vectors !== undefined) !== snapshot.hasVectors)
      throw new InvalidArgumentError('vectors', vectors, vectors ? 'left out, as in the snapshot' : 'given, as in the snapshot')
    const library = await addToLibrary(emptyLibrary, papers, vectors, signal, snapshot.typicalDistance)
    const keys = new BlockingKeys(library.papers)
    const blocks = new Blocks()
    const { equal, copies } = await this.#findEqual(library, 0, signal)
    for (const [place, paper] of library.papers.entries())
      for (const key of copies.has(place) ? [] : keys.of(paper)) blocks.add(key, place)
    this.#keys = keys
    this.#compared = snapshot.compared
    this.#enter(library, blocks, equal, copies)
    const placeOf = (id: string) => this.#places.get(id)!
    for (const pair of snapshot.pairs) this.#pairs.set(pairKey(placeOf(pair.a), placeOf(pair.b)), pair)
  }

  /** @param blocks The added papers under each key. */
  #enter(library: PreparedLibrary, blocks: Blocks, equal: EqualPapers, copies: Map<number, number>): void {
    for (let place = this.size; place < library.papers.length; place++) this.#places.set(library.papers[place]!.id, place)
    this.#blocks.enter(blocks)
    this.#equal.enter(equal)
    for (const [copy, first] of copies) this.#copies.set(copy, first)
    this.#library = library
    this.#groups.clear()
  }

  /**
   * Groups the papers and honours a person's decisions: `same` joins two papers whatever their fields say, `different` keeps
   * them apart. Decisions on unknown papers are ignored. Nothing is compared again, so presets are cheap to try, and after another
   * decision only its group is made anew. Blocks until it is done; {@link resultInSlices} does not.
   *
   * @throws InvalidArgumentError for an unknown preset or treatment of versions, and for a field of a rule.
   * @throws the signal's reason, if `onProgress` aborts.
   */
  result(options: ResultOptions = {}): DuplicateResult {
    options.signal?.throwIfAborted()
    const steps = this.#steps(options)
    let step = steps.next()
    for (; !step.done; step = steps.next()) {
      options.onProgress?.({ stage: 'group', done: step.value })
      options.signal?.throwIfAborted()
    }
    return step.value
  }

  /**
   * {@link result}, with a pause every 40 ms, in which a worker hears messages.
   *
   * @throws InvalidArgumentError for an unknown preset or treatment of versions, and for a field of a rule.
   * @throws the signal's reason.
   */
  async resultInSlices(options: ResultOptions = {}): Promise<DuplicateResult> {
    const pause = pauses(options.signal)
    const steps = this.#steps(options)
    let step = steps.next()
    for (; !step.done; step = steps.next()) {
      options.onProgress?.({ stage: 'group', done: step.value })
      await pause()
    }
    return step.value
  }

  #steps({ decisions = [], preset = this.#preset, versions = this.#versions, rules = this.#rules }: ResultOptions) {
    checkChoices(preset, versions, rules)
    const name = JSON.stringify([preset, versions, rules])
    let groups = this.#groups.get(name)
    if (!groups) {
      const library = this.#library
      const compared = {
        ids: library.papers.map(({ id }) => id),
        places: this.#places,
        pairs: this.#pairs,
        copies: this.#copies,
        compare: (a: number, b: number) => compareAt(library, a, b),
        doisDiffer: (a: number, b: number) => doisDiffer(library.papers[a]!, library.papers[b]!),
        compared: this.#compared,
      }
      groups = new DuplicateGroups(compared, { preset, versions, rules })
      this.#groups.set(name, groups)
    }
    return groups.result(decisions)
  }

  #check(papers: readonly Paper[], vectors: Vectors | undefined): void {
    checkIds(papers, this.#places)
    const earlier = this.#library.vectors
    if (this.size > 0 && (vectors === undefined) !== (earlier === undefined))
      throw new InvalidArgumentError('vectors', vectors, `${earlier ? 'given' : 'left out'}, as for the earlier papers`)
    if (vectors) checkVectors(vectors, papers.length, earlier?.dimension)
  }
}

const mightBeSame = ({ veto, confidence, relation }: PairEvidence) =>
  Boolean(relation) || (veto === null && confidence >= LEAST_DOUBT)

const doisDiffer = (a: PreparedPaper, b: PreparedPaper) =>
  a.doi !== '' && b.doi !== '' && (a.doi !== b.doi || a.doiVersion !== b.doiVersion)
