import { InvalidArgumentError } from '../errors.js'
import { checkFinite, checkLengths } from './check-lengths.js'

/** Items of one score: `size` of them, after `before` items of higher scores. */
interface Tie {
  before: number
  size: number
  /** Sum of the items' relevance. */
  gain: number
  /** Number of relevant items. */
  relevant: number
}

/**
 * nDCG of items by their scores, highest first: the sum of relevance / log2(rank + 1) over that of the best order (Järvelin and
 * Kekäläinen 2002, linear gain). Items of one score share the mean of their ranks' discounts (McSherry and Najork 2008), as in
 * scikit-learn's `ndcg_score`.
 *
 * @param relevance Of each item, 0 or more.
 * @param scores Of each item.
 * @param depth Ranks that count. Default: all.
 * @returns 0 … 1; 0 if nothing is relevant.
 * @throws InvalidArgumentError if the lists are empty or differ in length, or a number is invalid.
 * @example
 * show(ndcgScore([3, 0, 1], [0.2, 0.9, 0.5])) // 0.5869…
 */
export function ndcgScore(relevance: ArrayLike<number>, scores: ArrayLike<number>, depth = Number.POSITIVE_INFINITY): number {
  const discounts = (from: number, to: number) => {
    let sum = 0
    for (let rank = from; rank < Math.min(to, depth); rank++) sum += 1 / Math.log2(rank + 2)
    return sum
  }
  checkDepth(depth)
  const gained = (by: ArrayLike<number>) =>
    tiesOf(relevance, by).reduce((sum, { before, size, gain }) => sum + (gain / size) * discounts(before, before + size), 0)
  const best = gained(relevance)
  return best > 0 ? gained(scores) / best : 0
}

/**
 * Average precision of items by their scores: the sum over thresholds of the gain in recall times the precision, as in scikit-learn's
 * `average_precision_score`; without ties the mean of the precisions at each relevant item. The mean of it over queries is MAP.
 *
 * @param relevance Above 0 is relevant.
 * @returns 0 … 1; 0 if nothing is relevant.
 * @throws InvalidArgumentError as {@link ndcgScore} does.
 * @example
 * show(averagePrecisionScore([1, 0, 1], [0.9, 0.8, 0.7])) // 0.8333…
 */
export function averagePrecisionScore(relevance: ArrayLike<number>, scores: ArrayLike<number>): number {
  let found = 0
  let sum = 0
  for (const { before, size, relevant } of tiesOf(relevance, scores)) {
    found += relevant
    sum += relevant * (found / (before + size))
  }
  return found === 0 ? 0 : sum / found
}

/**
 * The share of the relevant items that is among the first `depth` by score. Of items of one score at the edge, their mean share
 * counts.
 *
 * @returns 0 … 1; 0 if nothing is relevant.
 * @throws InvalidArgumentError as {@link ndcgScore} does.
 * @example
 * show(recallAt([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], 2)) // 0.5
 */
export function recallAt(relevance: ArrayLike<number>, scores: ArrayLike<number>, depth: number): number {
  const ties = tiesOf(relevance, scores)
  const total = ties.reduce((sum, { relevant }) => sum + relevant, 0)
  return total === 0 ? 0 : relevantWithin(ties, depth) / total
}

/**
 * The share of the first `depth` items by score that is relevant. With fewer items than `depth`, the missing ones count as not
 * relevant, as in trec_eval.
 *
 * @returns 0 … 1.
 * @throws InvalidArgumentError as {@link ndcgScore} does.
 * @example
 * show(precisionAt([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], 3)) // 0.6666…
 */
export function precisionAt(relevance: ArrayLike<number>, scores: ArrayLike<number>, depth: number): number {
  return relevantWithin(tiesOf(relevance, scores), depth) / depth
}

/**
 * 1 / rank of the first relevant item by score; among items of one score its expected value. The mean of it over queries is MRR.
 *
 * @returns 0 … 1; 0 if nothing is relevant.
 * @throws InvalidArgumentError as {@link ndcgScore} does.
 * @example
 * show(reciprocalRank([0, 1, 1], [0.9, 0.8, 0.7])) // 0.5
 */
export function reciprocalRank(relevance: ArrayLike<number>, scores: ArrayLike<number>): number {
  const first = tiesOf(relevance, scores).find(({ relevant }) => relevant > 0)
  if (!first) return 0
  const { before, size, relevant } = first
  let sum = 0
  let none = 1
  for (let place = 0; place <= size - relevant; place++) {
    const here = relevant / (size - place)
    sum += (none * here) / (before + place + 1)
    none *= 1 - here
  }
  return sum
}

function checkDepth(depth: number): void {
  if (!(depth >= 1)) throw new InvalidArgumentError('depth', depth, 'at least 1')
}

function relevantWithin(ties: readonly Tie[], depth: number): number {
  checkDepth(depth)
  let sum = 0
  for (const { before, size, relevant } of ties) sum += (relevant * Math.max(0, Math.min(size, depth - before))) / size
  return sum
}

/** Groups of one score, highest first. */
function tiesOf(relevance: ArrayLike<number>, scores: ArrayLike<number>): Tie[] {
  checkLengths(relevance, scores, 'scores', 'relevance')
  checkFinite(scores, 'scores')
  for (let at = 0; at < relevance.length; at++)
    if (!(relevance[at]! >= 0 && relevance[at]! < Number.POSITIVE_INFINITY))
      throw new InvalidArgumentError(`relevance[${at}]`, relevance[at], 'a number of at least 0')
  const order = Array.from({ length: scores.length }, (_, at) => at).sort((i, j) => scores[j]! - scores[i]!)
  const ties: Tie[] = []
  for (const [before, at] of order.entries()) {
    let tie = ties.at(-1)
    if (!tie || scores[order[before - 1]!] !== scores[at]) {
      tie = { before, size: 0, gain: 0, relevant: 0 }
      ties.push(tie)
    }
    tie.size++
    tie.gain += relevance[at]!
    if (relevance[at]! > 0) tie.relevant++
  }
  return ties
}
