import { InvalidArgumentError } from '../errors.js'

/**
 * Work saved over sampling at a recall (Cohen et al. 2006): the share of the papers that is left unread when the recall is reached,
 * less the share that reading in any order would leave, 1 - recall.
 *
 * @param included Whether each paper is included, in the order in which papers are read; all papers, read or not.
 * @param recall Share of the included papers to find. Default 0.95, for WSS@95.
 * @returns Below 0 if it takes longer than reading in any order.
 * @throws InvalidArgumentError if no paper is included, or the recall is not above 0 and at most 1.
 * @example
 * show(workSaved([true, true, false, false, false, false, false, false, false, false])) // 0.75
 */
export function workSaved(included: ArrayLike<boolean>, recall = 0.95): number {
  if (!(recall > 0 && recall <= 1)) throw new InvalidArgumentError('recall', recall, 'above 0 and at most 1')
  const total = countIncluded(included)
  // Less a rounding error: 0.95 · 20 must be 19 papers, not 20.
  const needed = Math.ceil(recall * total - 1e-9)
  let found = 0
  let read = 0
  while (found < needed) if (included[read++]) found++
  return (included.length - read) / included.length - (1 - recall)
}

/**
 * The share of the included papers that is among the first `share` of all, rounded down to whole papers.
 *
 * @param included Whether each paper is included, in the order in which papers are read.
 * @param share Share of all papers that are read. Default 0.1.
 * @returns 0 … 1.
 * @throws InvalidArgumentError if no paper is included, or the share is not between 0 and 1.
 * @example
 * show(recallAtShare([true, false, false, false, false, false, false, false, false, true])) // 0.5
 */
export function recallAtShare(included: ArrayLike<boolean>, share = 0.1): number {
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('share', share, 'between 0 and 1')
  const total = countIncluded(included)
  const read = Math.floor(share * included.length + 1e-9)
  let found = 0
  for (let at = 0; at < read; at++) if (included[at]) found++
  return found / total
}

/**
 * The loss of an order of reading as ASReview defines it: how far the curve of recall is below the best one, over how far the worst
 * one is.
 *
 * @param included Whether each paper is included, in the order in which papers are read.
 * @returns 0 for all included papers first … 1 for all last; 0.5 is expected of a random order.
 * @throws InvalidArgumentError if no paper is included, or all are.
 * @example
 * show(screeningLoss([true, false, true, false])) // 0.25
 */
export function screeningLoss(included: ArrayLike<boolean>): number {
  const total = countIncluded(included)
  const others = included.length - total
  if (others === 0) throw new InvalidArgumentError('included', included, 'a list with a paper that is not included')
  let behind = 0
  let seen = 0
  for (let at = 0; at < included.length; at++)
    if (included[at]) behind += seen
    else seen++
  return behind / (total * others)
}

function countIncluded(included: ArrayLike<boolean>): number {
  let total = 0
  for (let at = 0; at < included.length; at++) if (included[at]) total++
  if (total === 0) throw new InvalidArgumentError('included', included, 'a list with an included paper')
  return total
}
