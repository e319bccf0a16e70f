import { pauses } from '../async/pauses.js'
import { InvalidArgumentError } from '../errors.js'
import type { Paper } from '../papers/paper.js'
import type { BlockProduct } from './block-product.js'
import { BlockingKeys } from './blocking.js'
import { comparePrepared } from './compare-papers.js'
import type { PairEvidence } from './evidence.js'
import { groupPairs, type Link } from './group-pairs.js'
import { nearPairs } from './neighbours.js'
import { type PreparedPaper, preparePaper } from './prepared-paper.js'
import { recurringTitles } from './recurring-titles.js'
import { distanceOf, typicalDistance } from './typical-distance.js'

/** How sure the tool must be before it joins two papers by itself. */
export type Preset = 'cautious' | 'balanced' | 'thorough'

/** The least confidence that joins, by preset. */
export const PRESET_CONFIDENCE: Readonly<Record<Preset, number>> = { cautious: 0.97, balanced: 0.7, thorough: 0.4 }

/** Pairs below are not worth a person's time. */
const DOUBT = 0.05
/** Papers under one key beyond which only neighbours in the list are compared: such a key is a heading, not a title. */
const KEY_PAPERS = 60
const KEY_WINDOW = 20
/** Neighbours beyond this share of the typical distance are another paper's. */
const NEAR = 0.45
const NEIGHBOURS = 10

/** Vectors of papers. */
export interface Vectors {
  /** [papers, dimension], row-major, in the order of the papers; borrowed. */
  vectors: Float32Array
  /** Numbers in a vector. */
  dimension: number
}

/** A person's decision on two papers; of several on the same two, the last counts. */
export interface PairDecision {
  /** Id of one paper. */
  a: string
  /** Id of the other paper. */
  b: string
  /** Whether they are the same work. */
  verdict: 'same' | 'different'
}

/** Options of a `DuplicateFinder`. */
export interface FinderOptions {
  /** Default `balanced`. */
  preset?: Preset
  /** A preprint and its published version: in one group, or reported beside the groups. Default `report`. */
  versions?: 'merge' | 'report'
  /** `between`: only papers of different sources (`source.file`) are compared. Default `all`. */
  scope?: 'all' | 'between'
  /** Of blocks of vectors; default the SIMD kernel. */
  product?: BlockProduct
}

/** Options of {@link DuplicateFinder.add}. */
export interface AddOptions {
  /** Of these papers; all papers of a finder have some, or none has. */
  vectors?: Vectors | undefined
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Called now and then with what is being done and its share, 0 … 1. */
  onProgress?: ((progress: { stage: 'prepare' | 'neighbours' | 'compare'; done: number }) => void) | undefined
}

/** Options of `DuplicateFinder.result`. */
export interface ResultOptions {
  /** A person's; of several on the same two papers, the last counts. */
  decisions?: readonly PairDecision[]
  /** Default: the finder's. */
  preset?: Preset
  /** Default: the finder's. */
  versions?: 'merge' | 'report'
}

/** What a finder found, to go on with another day: plain data. */
export interface FinderSnapshot {
  /** Version of this format. */
  format: 1
  /** Papers that were compared with each other, in order. */
  ids: string[]
  /** Pairs that are, or might be, the same. */
  pairs: PairEvidence[]
  /** Median distance of any two papers. */
  typicalDistance: number
  /** Whether the papers were added with vectors. */
  hasVectors: boolean
  /** Pairs that were compared. */
  compared: number
}

/** Papers that are the same. */
export interface DuplicateGroup {
  /** In the order in which they were added. */
  ids: string[]
  /** The least sure of the links that hold it together, 0 … 1. */
  confidence: number
  /** Every pair of the group that was compared as a candidate, surest first. */
  pairs: PairEvidence[]
}

/** What a finder found in its papers. */
export interface DuplicateResult {
  /** The preset by which pairs were joined. */
  preset: Preset
  /** Groups of papers that are the same. */
  groups: DuplicateGroup[]
  /** Pairs that were not joined but might be the same, and links that a veto kept from joining; most doubtful first. */
  doubtful: PairEvidence[]
  /** Preprints and their published versions that were not joined. */
  versions: PairEvidence[]
  /** Totals over all papers of the finder. */
  counts: {
    papers: number
    /** Pairs that were compared. */
    compared: number
    /** Papers that a library without duplicates would not have. */
    removable: number
  }
}

/**
 * Finds papers that are the same, and keeps what it found: papers that are added later are compared with those before, and
 * nothing is compared twice.
 */
export class DuplicateFinder {
  readonly #preset: Preset
  readonly #versions: 'merge' | 'report'
  readonly #scope: 'all' | 'between'
  readonly #product: BlockProduct | undefined
  readonly #papers: PreparedPaper[] = []
  readonly #sources: string[] = []
  readonly #places = new Map<string, number>()
  readonly #blocks = new Map<string, number[]>()
  /** Pairs worth keeping, by {@link pairKey}. */
  readonly #pairs = new Map<number, PairEvidence>()
  #adding: Promise<void> = Promise.resolve()
  #keys: BlockingKeys | undefined
  #vectors: Vectors | undefined
  #typical = 0
  #recurring = new Set<string>()
  #compared = 0

  /** @throws InvalidArgumentError for an unknown preset, scope or treatment of versions. */
  constructor({ preset = 'balanced', versions = 'report', scope = 'all', product }: FinderOptions = {}) {
    checkChoices(preset, versions)
    if (scope !== 'all' && scope !== 'between') throw new InvalidArgumentError('scope', scope, 'all or between')
    this.#preset = preset
    this.#versions = versions
    this.#scope = scope
    this.#product = product
  }

  /** Papers added so far. */
  get size(): number {
    return this.#papers.length
  }

  /**
   * Adds papers and compares them with each other and with all before. An aborted call leaves the finder as it was; a call during
   * another waits for it.
   *
   * @throws InvalidArgumentError for an id that is there already, and for vectors that do not fit.
   * @throws the signal's reason.
   */
  add(papers: readonly Paper[], options: AddOptions = {}): Promise<void> {
    const added = this.#adding.then(() => this.#add(papers, options))
    this.#adding = added.catch(() => {})
    return added
  }

  async #add(papers: readonly Paper[], { vectors, signal, onProgress }: AddOptions): Promise<void> {
    this.#check(papers, vectors)
    const from = this.#papers.length
    const pause = pauses(signal)
    const prepared = await prepareAll(papers, signal)
    const keys = this.#keys ?? new BlockingKeys(prepared)
    const all = [...this.#papers, ...prepared]
    const sources = [...this.#sources, ...papers.map(sourceOf)]
    const allVectors = append(this.#vectors, vectors)
    const typical = this.#typical || (allVectors ? typicalDistance(allVectors.vectors, allVectors.dimension) : 0)
    onProgress?.({ stage: 'prepare', done: 1 })

    const recurring = recurringTitles(all)
    const library: Library = { papers: all, vectors: allVectors, typical, recurring }
    const found = new Map<number, PairEvidence>()
    const seen = new Set<number>()
    let compared = 0
    const compare = (a: number, b: number) => {
      const key = pairKey(a, b)
      if (seen.has(key) || (this.#scope === 'between' && sources[a] === sources[b])) return
      seen.add(key)
      compared++
      const evidence = compareAt(library, a, b)
      if (isWorthKeeping(evidence)) found.set(key, evidence)
    }

    if (allVectors && typical > 0) {
      const { a, b } = await nearPairs(allVectors.vectors, allVectors.dimension, {
        k: NEIGHBOURS,
        maxDistance: NEAR * typical,
        from,
        ...(this.#product && { product: this.#product }),
        signal,
        onProgress: (done) => onProgress?.({ stage: 'neighbours', done }),
      })
      for (let n = 0; n < a.length; n++) {
        compare(a[n]!, b[n]!)
        await pause()
      }
    }

    const added = new Map<string, number[]>()
    const keysOf: string[][] = []
    for (const [index, paper] of prepared.entries()) {
      const place = from + index
      const own = keys.of(paper)
      keysOf.push(own)
      for (const key of own) {
        const before = this.#blocks.get(key) ?? []
        const fresh = added.get(key)
        const others = fresh ? [...before.slice(-KEY_PAPERS), ...fresh.slice(-KEY_PAPERS)] : before.slice(-KEY_PAPERS)
        for (const other of others.length < KEY_PAPERS ? others : others.slice(-KEY_WINDOW)) compare(other, place)
        if (fresh) fresh.push(place)
        else added.set(key, [place])
      }
      onProgress?.({ stage: 'compare', done: (index + 1) / prepared.length })
      await pause()
    }

    // Nothing below waits or fails: all is added, or nothing was.
    this.#keys = keys
    this.#vectors = allVectors
    this.#typical = typical
    this.#recurring = recurring
    this.#compared += compared
    this.#keep(prepared, papers, keysOf)
    for (const [key, evidence] of found) this.#pairs.set(key, evidence)
  }

  /** To be stored, and given to {@link restore} with the same papers. */
  snapshot(): FinderSnapshot {
    const ids = this.#papers.map(({ id }) => id)
    return {
      format: 1,
      ids,
      pairs: [...this.#pairs.values()],
      typicalDistance: this.#typical,
      hasVectors: this.#vectors !== undefined,
      compared: this.#compared,
    }
  }

  /**
   * Fills an empty finder with what an earlier one found: nothing is compared. Papers whose fields have changed since are to be left to a new finder.
   *
   * @param papers Those of the snapshot, in its order.
   * @throws InvalidArgumentError where the finder is not empty, or papers or vectors are not those of the snapshot.
   * @throws the signal's reason.
   */
  async restore(snapshot: FinderSnapshot, papers: readonly Paper[], { vectors, signal }: AddOptions = {}): Promise<void> {
    if (this.#papers.length > 0) throw new InvalidArgumentError('finder', this, 'empty')
    if (snapshot.format !== 1) throw new InvalidArgumentError('snapshot.format', snapshot.format, '1')
    const wrong = papers.findIndex(({ id }, index) => id !== snapshot.ids[index])
    if (wrong >= 0 || papers.length !== snapshot.ids.length)
      throw new InvalidArgumentError('papers', papers, `the ${snapshot.ids.length} of the snapshot, in its order`)
    this.#check(papers, vectors)
    if ((vectors !== undefined) !== snapshot.hasVectors)
      throw new InvalidArgumentError('vectors', vectors, vectors ? 'left out, as in the snapshot' : 'given, as in the snapshot')
    const prepared = await prepareAll(papers, signal)
    const keys = new BlockingKeys(prepared)
    this.#keys = keys
    this.#typical = snapshot.typicalDistance
    this.#compared = snapshot.compared
    this.#vectors = vectors
    this.#recurring = recurringTitles(prepared)
    this.#keep(
      prepared,
      papers,
      prepared.map((paper) => keys.of(paper)),
    )
    const placeOf = (id: string) => this.#places.get(id)!
    for (const pair of snapshot.pairs) this.#pairs.set(pairKey(placeOf(pair.a), placeOf(pair.b)), pair)
  }

  /** Enters papers that are compared. */
  #keep(prepared: readonly PreparedPaper[], papers: readonly Paper[], keysOf: readonly string[][]): void {
    for (const [index, paper] of prepared.entries()) {
      const place = this.#papers.length
      for (const key of keysOf[index]!) {
        const block = this.#blocks.get(key)
        if (block) block.push(place)
        else this.#blocks.set(key, [place])
      }
      this.#places.set(paper.id, place)
      this.#papers.push(paper)
      this.#sources.push(sourceOf(papers[index]!))
    }
  }

  /**
   * Groups, with a person's decisions honoured: `same` joins whatever the fields say, `different` keeps apart. Decisions on
   * papers that are not here are passed over. Nothing is compared again: presets can be tried.
   *
   * @throws InvalidArgumentError for an unknown preset or treatment of versions.
   */
  result({ decisions = [], preset = this.#preset, versions: treatment = this.#versions }: ResultOptions = {}): DuplicateResult {
    checkChoices(preset, treatment)
    const decided = new Map<number, PairDecision['verdict']>()
    for (const { a, b, verdict } of decisions) {
      const placeA = this.#places.get(a)
      const placeB = this.#places.get(b)
      if (placeA === undefined || placeB === undefined || placeA === placeB) continue
      const key = pairKey(placeA, placeB)
      decided.delete(key)
      decided.set(key, verdict)
    }
    const pairs = new Map(this.#pairs)
    for (const [key, verdict] of decided) pairs.set(key, withDecision(this.#evidence(key), verdict))

    const given = [...decided].filter(([, verdict]) => verdict === 'same').map(([key]) => linkOf(key, 1))
    const least = PRESET_CONFIDENCE[preset]
    const links = [...pairs]
      .filter(([key, pair]) => !decided.has(key) && joins(pair, least, treatment))
      .map(([key, { confidence }]) => linkOf(key, confidence))
    const { groups, refused } = groupPairs(links, {
      given: given.reverse(),
      isForbidden: (a, b) => decided.get(pairKey(a, b)) === 'different',
      isVetoed: (a, b) => decided.get(pairKey(a, b)) !== 'same' && this.#isVetoed(a, b, treatment),
    })

    const groupOf = new Map<number, number>()
    for (const [index, group] of groups.entries()) for (const place of group) groupOf.set(place, index)
    const inside: PairEvidence[][] = groups.map(() => [])
    const doubtful: PairEvidence[] = []
    const versions: PairEvidence[] = []
    const wereRefused = new Set(refused.map(({ a, b }) => pairKey(a, b)))
    for (const [key, pair] of pairs) {
      const { a, b } = linkOf(key, 0)
      const group = groupOf.get(a)
      if (group !== undefined && group === groupOf.get(b)) inside[group]!.push(pair)
      else if (pair.veto === 'decision') continue
      else if (pair.isVersion) versions.push(pair)
      else if (wereRefused.has(key) || (pair.veto === null && pair.confidence >= DOUBT)) doubtful.push(pair)
    }
    return {
      preset,
      groups: groups.map((group, index) => {
        const own = inside[index]!.sort((x, y) => y.confidence - x.confidence)
        return { ids: group.map((place) => this.#papers[place]!.id), confidence: weakestLink(own), pairs: own }
      }),
      doubtful: doubtful.sort((x, y) => Math.abs(x.confidence - 0.5) - Math.abs(y.confidence - 0.5)),
      versions,
      counts: {
        papers: this.#papers.length,
        compared: this.#compared,
        removable: groups.reduce((sum, group) => sum + group.length - 1, 0),
      },
    }
  }

  #isVetoed(a: number, b: number, treatment: 'merge' | 'report'): boolean {
    const { veto, isVersion } = this.#evidence(pairKey(a, b))
    return isVersion ? treatment === 'report' : veto !== null
  }

  #evidence(key: number): PairEvidence {
    const { a, b } = linkOf(key, 0)
    const library = { papers: this.#papers, vectors: this.#vectors, typical: this.#typical, recurring: this.#recurring }
    return this.#pairs.get(key) ?? compareAt(library, a, b)
  }

  #check(papers: readonly Paper[], vectors: Vectors | undefined): void {
    const ids = new Set<string>()
    for (const [index, { id }] of papers.entries()) {
      if (typeof id !== 'string' || id === '')
        throw new InvalidArgumentError(`papers[${index}].id`, id, 'a text that is not empty')
      if (ids.has(id) || this.#places.has(id))
        throw new InvalidArgumentError(`papers[${index}].id`, id, 'an id that no other paper has')
      ids.add(id)
    }
    const dimension = this.#vectors?.dimension
    if (this.#papers.length > 0 && (vectors === undefined) !== (this.#vectors === undefined))
      throw new InvalidArgumentError(
        'vectors',
        vectors,
        this.#vectors ? 'given, as for the papers before' : 'left out, as for the papers before',
      )
    if (!vectors) return
    if (
      !Number.isInteger(vectors.dimension) ||
      vectors.dimension < 1 ||
      (dimension !== undefined && vectors.dimension !== dimension)
    )
      throw new InvalidArgumentError(
        'vectors.dimension',
        vectors.dimension,
        dimension === undefined ? 'a whole number of at least 1' : `${dimension}, as before`,
      )
    if (vectors.vectors.length !== papers.length * vectors.dimension)
      throw new InvalidArgumentError(
        'vectors.vectors.length',
        vectors.vectors.length,
        `${papers.length} papers × ${vectors.dimension}`,
      )
    if (!vectors.vectors.every(Number.isFinite))
      throw new InvalidArgumentError('vectors.vectors', vectors.vectors, 'finite numbers')
  }
}

/** All that a pair's judgement draws on. */
interface Library {
  papers: readonly PreparedPaper[]
  vectors: Vectors | undefined
  typical: number
  recurring: ReadonlySet<string>
}

function compareAt({ papers, vectors, typical, recurring }: Library, a: number, b: number): PairEvidence {
  const distance = vectors && typical > 0 ? distanceOf(vectors.vectors, a, b, vectors.dimension) / typical : null
  const [paperA, paperB] = [papers[a]!, papers[b]!]
  const isRecurring = recurring.has(paperA.title.compact) && recurring.has(paperB.title.compact)
  return comparePrepared(paperA, paperB, { distance, isRecurring })
}

const sourceOf = (paper: Paper) => paper.source?.file ?? ''

async function prepareAll(papers: readonly Paper[], signal: AbortSignal | undefined): Promise<PreparedPaper[]> {
  const pause = pauses(signal)
  const prepared: PreparedPaper[] = []
  for (const paper of papers) {
    prepared.push(preparePaper(paper))
    await pause()
  }
  return prepared
}

/** Two places as one number: exact up to 67 million papers. */
const PLACES = 2 ** 26
const pairKey = (a: number, b: number) => Math.min(a, b) * PLACES + Math.max(a, b)
const linkOf = (key: number, confidence: number): Link => ({ a: Math.floor(key / PLACES), b: key % PLACES, confidence })

function joins(pair: PairEvidence, least: number, treatment: 'merge' | 'report'): boolean {
  if (pair.isVersion) return treatment === 'merge' && (pair.veto === null || pair.veto === 'preprint-and-published')
  return pair.veto === null && pair.confidence >= least
}

function checkChoices(preset: Preset, versions: 'merge' | 'report'): void {
  if (!Object.hasOwn(PRESET_CONFIDENCE, preset))
    throw new InvalidArgumentError('preset', preset, 'cautious, balanced or thorough')
  if (versions !== 'merge' && versions !== 'report') throw new InvalidArgumentError('versions', versions, 'merge or report')
}

const isWorthKeeping = ({ veto, confidence, isVersion }: PairEvidence) => isVersion || (veto === null && confidence >= DOUBT)

function withDecision(pair: PairEvidence, verdict: PairDecision['verdict']): PairEvidence {
  return { ...pair, veto: verdict === 'same' ? null : 'decision', confidence: verdict === 'same' ? 1 : 0 }
}

/** The weakest of the links that are needed: of the strongest that hold all together. */
function weakestLink(pairs: readonly PairEvidence[]): number {
  const groupOf = new Map<string, Set<string>>()
  let weakest = 1
  for (const { a, b, confidence } of pairs) {
    const groupA = groupOf.get(a) ?? new Set([a])
    const groupB = groupOf.get(b) ?? new Set([b])
    if (groupA === groupB) continue
    weakest = Math.min(weakest, confidence)
    for (const id of groupB) groupA.add(id)
    for (const id of groupA) groupOf.set(id, groupA)
  }
  return weakest
}

function append(before: Vectors | undefined, added: Vectors | undefined): Vectors | undefined {
  if (!before || !added) return before ?? added
  const vectors = new Float32Array(before.vectors.length + added.vectors.length)
  vectors.set(before.vectors)
  vectors.set(added.vectors, before.vectors.length)
  return { vectors, dimension: before.dimension }
}
