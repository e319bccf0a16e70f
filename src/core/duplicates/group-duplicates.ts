import type { PairEvidence } from './evidence.js'
import { type PairDecision, PRESET_CONFIDENCE, type Preset, type VersionTreatment } from './finder-options.js'
import { groupPairs, type Link, linkOf, pairKey } from './group-pairs.js'
import { allows, forbids, type JoinRules } from './join-rules.js'

/** Papers that are the same. */
export interface DuplicateGroup {
  /** In the order in which they were added. */
  ids: string[]
  /** Confidence of the weakest link that holds the group together, 0 … 1. */
  confidence: number
  /** Pairs of the group that were compared, most confident first; of equal papers, each with the first of them. */
  pairs: PairEvidence[]
}

/** The duplicates of a library, as plain data. */
export interface DuplicateResult {
  /** The preset that was used. */
  preset: Preset
  /** Groups of at least two papers, in the order of their first papers. */
  groups: DuplicateGroup[]
  /** Pairs that were not joined but might be the same, including links that a veto blocked; most doubtful first. */
  doubtful: PairEvidence[]
  /** Preprints and their published versions that were not joined. */
  versions: PairEvidence[]
  /** Pairs that are not the same but belong together by their `relation`, such as an erratum and its article; versions, too. */
  related: PairEvidence[]
  /** Numbers of papers and pairs. */
  counts: {
    /** Papers in the library. */
    papers: number
    /** Pairs that were compared. */
    compared: number
    /** Papers that a library without duplicates would not have. */
    removable: number
  }
}

/** Below this confidence, a pair is not worth a person's time. */
export const LEAST_DOUBT = 0.05
/** Titles with a word that differs keep two papers apart from this confidence down, even if a third record would connect them. */
const CLEARLY_DOUBTFUL = 0.35

/** Compared papers. Pairs are known by {@link pairKey}, papers by their places in `ids`. */
export interface ComparedPapers {
  ids: readonly string[]
  places: ReadonlyMap<string, number>
  /** The pairs that are, might be, or are not the same but related. */
  pairs: ReadonlyMap<number, PairEvidence>
  /** For each paper that equals an earlier one, the place of the first. */
  copies: ReadonlyMap<number, number>
  /** Compares any two papers. */
  compare: (a: number, b: number) => PairEvidence
  /** Whether both have a DOI, and not the same. */
  doisDiffer: (a: number, b: number) => boolean
  /** How many pairs were compared. */
  compared: number
}

/** How to group. */
export interface GroupingChoices {
  preset: Preset
  versions: VersionTreatment
  rules: JoinRules
}

type Verdict = PairDecision['verdict']
type Part = Pick<DuplicateResult, 'doubtful' | 'versions' | 'related'> & { groups: { first: number; group: DuplicateGroup }[] }

/**
 * The groups of compared papers by one preset. Papers between which there is no pair at all never meet, so that each such
 * component is grouped by itself, and again only if a decision concerns it.
 */
export class DuplicateGroups {
  readonly #papers: ComparedPapers
  readonly #choices: GroupingChoices
  /** The keys of the pairs of each component. */
  readonly #components: number[][] = []
  readonly #componentOf = new Map<number, number>()
  /** Pairs with the changes that the rules make. */
  readonly #pairs: ReadonlyMap<number, PairEvidence>
  readonly #parts = new Map<number, Part>()
  /** Parts that decisions concern, of the last result. */
  #decidedParts = new Map<string, Part>()

  constructor(papers: ComparedPapers, choices: GroupingChoices) {
    this.#papers = papers
    this.#choices = choices
    this.#pairs = choices.rules.alwaysJoinEqual ? withEqual(papers) : papers.pairs
    const root = new Map<number, number>()
    const find = (place: number): number => {
      let at = place
      for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) at = up
      for (let next = place; next !== at; ) {
        const up = root.get(next)!
        root.set(next, at)
        next = up
      }
      return at
    }
    for (const key of this.#pairs.keys()) {
      const { a, b } = linkOf(key, 0)
      const [rootA, rootB] = [find(a), find(b)]
      root.set(rootA, rootA)
      root.set(rootB, rootA)
    }
    const numbers = new Map<number, number>()
    for (const key of this.#pairs.keys()) {
      const { a, b } = linkOf(key, 0)
      const top = find(a)
      const number = numbers.get(top) ?? this.#components.push([]) - 1
      numbers.set(top, number)
      this.#components[number]!.push(key)
      this.#componentOf.set(a, number).set(b, number)
    }
  }

  /** Groups with a person's decisions; yields the share that is done now and then, 0 … 1. */
  *result(decisions: readonly PairDecision[]): Generator<number, DuplicateResult, void> {
    const decided = lastVerdicts(decisions, this.#papers.places)
    const parts: Part[] = []
    const { together, alone } = this.#touched(decided)
    const decidedParts = new Map<string, Part>()
    const total = this.#components.length + together.length
    let done = 0
    for (const { components, verdicts } of together) {
      const name = JSON.stringify([components, [...verdicts]])
      const keys = components.flatMap((component) => this.#components[component] ?? [])
      const part = this.#decidedParts.get(name) ?? (yield* this.#group(keys, verdicts, () => done / total))
      decidedParts.set(name, part)
      parts.push(part)
      yield ++done / total
    }
    for (const [component, keys] of this.#components.entries()) {
      done++
      if (!alone(component)) continue
      let part = this.#parts.get(component)
      if (!part) {
        part = yield* this.#group(keys, new Map(), () => done / total)
        this.#parts.set(component, part)
        yield done / total
      }
      parts.push(part)
    }
    this.#decidedParts = decidedParts
    const groups = parts.flatMap((part) => part.groups).sort((x, y) => x.first - y.first)
    const doubt = ({ confidence }: PairEvidence) => Math.abs(confidence - 0.5)
    return {
      preset: this.#choices.preset,
      groups: groups.map(({ group }) => group),
      doubtful: parts.flatMap((part) => part.doubtful).sort((x, y) => doubt(x) - doubt(y)),
      versions: parts.flatMap((part) => part.versions),
      related: parts.flatMap((part) => part.related),
      counts: {
        papers: this.#papers.ids.length,
        compared: this.#papers.compared,
        removable: groups.reduce((sum, { group }) => sum + group.ids.length - 1, 0),
      },
    }
  }

  /** Components that decisions concern, those that a decision connects together. */
  #touched(decided: ReadonlyMap<number, Verdict>) {
    const sets: { components: Set<number>; places: Set<number>; verdicts: [number, Verdict][] }[] = []
    for (const entry of decided) {
      const { a, b } = linkOf(entry[0], 0)
      const components = [a, b].flatMap((place) => this.#componentOf.get(place) ?? [])
      const one = { components: new Set(components), places: new Set([a, b]), verdicts: [entry] }
      for (let index = sets.length - 1; index >= 0; index--) {
        const other = sets[index]!
        const meets =
          components.some((component) => other.components.has(component)) || other.places.has(a) || other.places.has(b)
        if (!meets) continue
        for (const component of other.components) one.components.add(component)
        for (const place of other.places) one.places.add(place)
        for (const verdict of other.verdicts) one.verdicts.push(verdict)
        sets.splice(index, 1)
      }
      sets.push(one)
    }
    // In the order in which they were given, as the last one wins.
    const order = new Map([...decided.keys()].map((key, index) => [key, index]))
    const together = sets.map(({ components, verdicts }) => ({
      components: [...components].sort((x, y) => x - y),
      verdicts: new Map(verdicts.sort(([x], [y]) => order.get(x)! - order.get(y)!)),
    }))
    const taken = new Set(together.flatMap(({ components }) => components))
    return { together, alone: (component: number) => !taken.has(component) }
  }

  *#group(keys: readonly number[], verdicts: ReadonlyMap<number, Verdict>, share: () => number): Generator<number, Part, void> {
    const { ids, compare, copies, doisDiffer } = this.#papers
    const { preset, versions: treatment, rules } = this.#choices
    const evidence = (key: number) => {
      const { a, b } = linkOf(key, 0)
      return this.#pairs.get(key) ?? compare(a, b)
    }
    const differ = (key: number) => rules.neverJoinDifferentDois === true && doisDiffer(linkOf(key, 0).a, linkOf(key, 0).b)
    const pairs = new Map(keys.map((key) => [key, this.#pairs.get(key)!]))
    for (const [key, verdict] of verdicts) pairs.set(key, withDecision(evidence(key), verdict))
    const linksOf = (wanted: Verdict) => [...verdicts].filter(([, verdict]) => verdict === wanted).map(([key]) => linkOf(key, 1))
    const links: Link[] = []
    for (const [key, pair] of pairs)
      if (!verdicts.has(key) && joins(pair, PRESET_CONFIDENCE[preset], treatment) && allows(rules, pair, differ(key)))
        links.push(linkOf(key, pair.confidence))
    const isVetoed = (key: number) => {
      const pair = evidence(key)
      if (pair.isVersion) return treatment === 'report'
      const isUnsafe = pair.rule === 'similar-title' && pair.confidence <= CLEARLY_DOUBTFUL
      return pair.veto !== null || isUnsafe || forbids(rules, pair, differ(key))
    }
    const firstOf = (place: number) => copies.get(place) ?? place
    // What a person joins is joined with all equal papers.
    const joined = new Set(linksOf('same').map(({ a, b }) => pairKey(firstOf(a), firstOf(b))))
    const grouping = groupPairs(links, {
      given: linksOf('same').reverse(),
      forbidden: linksOf('different'),
      isVetoed: (a, b) => !joined.has(pairKey(a, b)) && isVetoed(pairKey(a, b)),
      firstOf,
    })
    let step = grouping.next()
    for (; !step.done; step = grouping.next()) yield share()
    return assemble(pairs, step.value, ids)
  }
}

function assemble(
  pairs: ReadonlyMap<number, PairEvidence>,
  { groups, refused }: { groups: number[][]; refused: Link[] },
  ids: readonly string[],
): Part {
  const groupOf = new Map<number, number>()
  for (const [index, group] of groups.entries()) for (const place of group) groupOf.set(place, index)
  const inside: PairEvidence[][] = groups.map(() => [])
  const part: Part = { groups: [], doubtful: [], versions: [], related: [] }
  const wereRefused = new Set(refused.map(({ a, b }) => pairKey(a, b)))
  for (const [key, pair] of pairs) {
    const { a, b } = linkOf(key, 0)
    const group = groupOf.get(a)
    if (group !== undefined && group === groupOf.get(b)) {
      inside[group]!.push(pair)
      continue
    }
    if (pair.relation) part.related.push(pair)
    if (pair.veto === 'decision') continue
    if (pair.isVersion) part.versions.push(pair)
    else if (wereRefused.has(key) || (pair.veto === null && pair.confidence >= LEAST_DOUBT)) part.doubtful.push(pair)
  }
  part.groups = groups.map((group, index) => {
    const own = inside[index]!.sort((x, y) => y.confidence - x.confidence)
    return { first: group[0]!, group: { ids: group.map((place) => ids[place]!), confidence: weakestLink(own), pairs: own } }
  })
  return part
}

/** The pairs, and equal papers as certain pairs. */
function withEqual({ pairs, copies, compare }: ComparedPapers): ReadonlyMap<number, PairEvidence> {
  const all = new Map(pairs)
  for (const [copy, first] of copies) {
    const key = pairKey(first, copy)
    all.set(key, { ...(all.get(key) ?? compare(first, copy)), veto: null, confidence: 1 })
  }
  return all
}

/** The last verdict on each pair, in the order in which these were given. */
function lastVerdicts(decisions: readonly PairDecision[], places: ReadonlyMap<string, number>): Map<number, Verdict> {
  const verdicts = new Map<number, Verdict>()
  for (const { a, b, verdict } of decisions) {
    const placeA = places.get(a)
    const placeB = places.get(b)
    if (placeA === undefined || placeB === undefined || placeA === placeB) continue
    const key = pairKey(placeA, placeB)
    verdicts.delete(key)
    verdicts.set(key, verdict)
  }
  return verdicts
}

function joins(pair: PairEvidence, least: number, treatment: VersionTreatment): boolean {
  if (pair.isVersion) return treatment === 'merge'
  return pair.veto === null && pair.confidence >= least
}

function withDecision(pair: PairEvidence, verdict: Verdict): PairEvidence {
  return { ...pair, veto: verdict === 'same' ? null : 'decision', confidence: verdict === 'same' ? 1 : 0 }
}

/** The weakest link of the group's maximum spanning tree. @param pairs Most confident first. */
function weakestLink(pairs: readonly PairEvidence[]): number {
  const groupOf = new Map<string, string[]>()
  let weakest = 1
  for (const { a, b, confidence } of pairs) {
    const groupA = groupOf.get(a) ?? [a]
    const groupB = groupOf.get(b) ?? [b]
    if (groupA === groupB) continue
    weakest = Math.min(weakest, confidence)
    const [small, large] = groupA.length <= groupB.length ? [groupA, groupB] : [groupB, groupA]
    for (const member of small) large.push(member)
    groupOf.set(large[0]!, large)
    for (const id of small) groupOf.set(id, large)
  }
  return weakest
}
