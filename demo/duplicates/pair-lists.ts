import {
  comparePapers,
  type DuplicateResult,
  decisionsOf,
  type PairEvidence,
  type ReviewState,
  reviewQueue,
} from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'

/** Which pairs are shown: those to be asked about, those that the tool joined by itself, those that were decided. */
export type ListName = 'queue' | 'joined' | 'decided'

export type PairLists = Record<ListName, PairEvidence[]>

export const pairKey = ({ a, b }: { a: string; b: string }) => JSON.stringify(a < b ? [a, b] : [b, a])

/** The pairs of a result, sorted into lists: most doubtful first, the decided ones latest first. */
export function pairLists(result: DuplicateResult, review: ReviewState, byId: ReadonlyMap<string, Paper>): PairLists {
  const queue = reviewQueue(result, review).filter(({ a, b }) => byId.has(a) && byId.has(b))
  const decisions = decisionsOf(review)
  const listed = new Set([...queue, ...decisions].map(pairKey))
  const joined = result.groups
    .flatMap(({ pairs }) => pairs)
    .filter((pair) => !listed.has(pairKey(pair)))
    .sort((x, y) => x.confidence - y.confidence)
  const decided = decisions.reverse().flatMap(({ a, b }) => {
    const [paperA, paperB] = [byId.get(a), byId.get(b)]
    return paperA && paperB ? [comparePapers(paperA, paperB)] : []
  })
  return { queue, joined, decided }
}

/** Pairs of the queue that can be accepted together: sure enough, with nothing against them. */
export function acceptable(queue: readonly PairEvidence[], confidence: number): PairEvidence[] {
  return queue.filter((pair) => pair.veto === null && !pair.isVersion && pair.confidence >= confidence)
}
