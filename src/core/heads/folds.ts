import { InvalidArgumentError } from '../errors.js'
import { randomNumbers, shuffle } from '../random.js'

/**
 * Assigns papers to folds so that each has about the same share of every class, as scikit-learn's `StratifiedKFold` does.
 *
 * @param labels The class of each paper.
 * @param folds At least 2.
 * @param seed Of the random assignment within a class; `null`: in the order of the papers.
 * @returns The fold of each paper, 0 … folds - 1.
 * @throws InvalidArgumentError if there are fewer papers than folds.
 * @example
 * const fold = stratifiedFolds(['a', 'a', 'b', 'b'], 2, 1)
 * show(fold) // one a and one b in each
 */
export function stratifiedFolds(labels: ArrayLike<unknown>, folds: number, seed: number | null): Uint32Array {
  checkFolds(folds, labels.length)
  const classes = new Map<unknown, number[]>()
  for (let at = 0; at < labels.length; at++) {
    const papers = classes.get(labels[at])
    if (papers) papers.push(at)
    else classes.set(labels[at], [at])
  }
  const random = seed === null ? null : randomNumbers(seed)
  const assigned = new Uint32Array(labels.length)
  let start = 0
  for (const papers of classes.values()) {
    // As if all papers, sorted by class, were dealt to the folds in turn.
    const own: number[] = []
    for (let fold = 0; fold < folds; fold++) {
      const first = (((fold - start) % folds) + folds) % folds
      for (let at = first; at < papers.length; at += folds) own.push(fold)
    }
    if (random) shuffle(own, random)
    for (const [at, paper] of papers.entries()) assigned[paper] = own[at]!
    start += papers.length
  }
  return assigned
}

/**
 * Assigns papers to folds of equal size, as scikit-learn's `KFold` does: runs of neighbours, or at random.
 *
 * @param seed `null`: in the order of the papers.
 * @returns The fold of each paper.
 * @throws InvalidArgumentError if there are fewer papers than folds.
 */
export function equalFolds(count: number, folds: number, seed: number | null): Uint32Array {
  checkFolds(folds, count)
  const order = Uint32Array.from({ length: count }, (_, at) => at)
  if (seed !== null) shuffle(order, randomNumbers(seed))
  const assigned = new Uint32Array(count)
  for (let fold = 0, at = 0; fold < folds; fold++) {
    const size = Math.floor(count / folds) + (fold < count % folds ? 1 : 0)
    for (const end = at + size; at < end; at++) assigned[order[at]!] = fold
  }
  return assigned
}

function checkFolds(folds: number, count: number): void {
  if (!Number.isInteger(folds) || folds < 2 || folds > count)
    throw new InvalidArgumentError('folds', folds, `a whole number from 2 to ${count}, the number of papers`)
}

/** Rows of the papers in a fold, and of all others. */
export function splitFold(assigned: Uint32Array, fold: number): { train: number[]; test: number[] } {
  const train: number[] = []
  const test: number[] = []
  for (const [row, of] of assigned.entries()) (of === fold ? test : train).push(row)
  return { train, test }
}
