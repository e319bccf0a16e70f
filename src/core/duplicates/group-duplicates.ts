import type { PairEvidence } from './evidence.js'
import { type PairDecision, PRESET_CONFIDENCE, type Preset, type VersionTreatment } from './finder-options.js'
import { groupPairs, linkOf, pairKey } from './group-pairs.js'

/** Papers that are the same. */
export interface DuplicateGroup {
  /** In the order in which they were added. */
  ids: string[]
  /** Confidence of the weakest link that holds the group together, 0 … 1. */
  confidence: number
  /** Every pair of the group that was compared, most confident first. */
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

/** Compared papers. Pairs are known by {@link pairKey}, papers by their places in `ids`. */
export interface ComparedPapers {
  ids: readonly string[]
  places: ReadonlyMap<string, number>
  /** The pairs that are, or might be, the same. */
  pairs: ReadonlyMap<number, PairEvidence>
  /** Compares any two papers. */
  compare: (a: number, b: number) => PairEvidence
  /** How many pairs were compared. */
  compared: number
}

/** Groups compared papers. Decisions override the fields; decisions on unknown papers are ignored. */
export function groupDuplicates(
  { ids, places, pairs: found, compare, compared }: ComparedPapers,
  decisions: readonly PairDecision[],
  preset: Preset,
  treatment: VersionTreatment,
): DuplicateResult {
  const evidence = (key: number) => {
    const { a, b } = linkOf(key, 0)
    return found.get(key) ?? compare(a, b)
  }
  const decided = lastVerdicts(decisions, places)
  const pairs = new Map(found)
  for (const [key, verdict] of decided) pairs.set(key, withDecision(evidence(key), verdict))

  const given = [...decided].filter(([, verdict]) => verdict === 'same').map(([key]) => linkOf(key, 1))
  const links = [...pairs]
    .filter(([key, pair]) => !decided.has(key) && joins(pair, PRESET_CONFIDENCE[preset], treatment))
    .map(([key, { confidence }]) => linkOf(key, confidence))
  const isVetoed = (key: number) => {
    const { veto, isVersion } = evidence(key)
    return isVersion ? treatment === 'report' : veto !== null
  }
  const { groups, refused } = groupPairs(links, {
    given: given.reverse(),
    isForbidden: (a, b) => decided.get(pairKey(a, b)) === 'different',
    isVetoed: (a, b) => decided.get(pairKey(a, b)) !== 'same' && isVetoed(pairKey(a, b)),
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
    else if (wereRefused.has(key) || (pair.veto === null && pair.confidence >= LEAST_DOUBT)) doubtful.push(pair)
  }
  return {
    preset,
    groups: groups.map((group, index) => {
      const own = inside[index]!.sort((x, y) => y.confidence - x.confidence)
      return { ids: group.map((place) => ids[place]!), confidence: weakestLink(own), pairs: own }
    }),
    doubtful: doubtful.sort((x, y) => Math.abs(x.confidence - 0.5) - Math.abs(y.confidence - 0.5)),
    versions,
    counts: {
      papers: ids.length,
      compared,
      removable: groups.reduce((sum, group) => sum + group.length - 1, 0),
    },
  }
}

/** The last verdict on each pair, in the order in which these were given. */
function lastVerdicts(
  decisions: readonly PairDecision[],
  places: ReadonlyMap<string, number>,
): Map<number, PairDecision['verdict']> {
  const verdicts = new Map<number, PairDecision['verdict']>()
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
  if (pair.isVersion) return treatment === 'merge' && (pair.veto === null || pair.veto === 'preprint-and-published')
  return pair.veto === null && pair.confidence >= least
}

function withDecision(pair: PairEvidence, verdict: PairDecision['verdict']): PairEvidence {
  return { ...pair, veto: verdict === 'same' ? null : 'decision', confidence: verdict === 'same' ? 1 : 0 }
}

/** The weakest link of the group's maximum spanning tree. @param pairs Most confident first. */
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
