import { InvalidArgumentError } from '../errors.js'

/** Options of {@link stoppingTest}. */
export interface StoppingOptions {
  /** Share of the relevant papers that should be found, between 0 and 1. Default 0.95. */
  recall?: number
  /** Confidence of {@link StoppingStatement.provenRecall}, between 0 and 1. Default 0.95. */
  confidence?: number
}

/** What the answers so far say about the relevant papers that were not seen. It is a statement with its confidence, and no verdict. */
export interface StoppingStatement {
  /** The share that the test asks about. */
  recall: number
  /** Probability of such answers, or more favourable ones, if less than `recall` of the relevant papers had been found. */
  pValue: number
  /** 1 - `pValue`: the confidence that at least `recall` of the relevant papers are found. */
  confidence: number
  /** The largest share, in steps of 0.005, that is found with the confidence of the options; 0 if nothing can be said. */
  provenRecall: number
}

/**
 * The stopping test of Callaghan and Müller-Hansen (2020, Systematic Reviews 9:273): whether less than `recall` of the relevant papers
 * may have been found. The last papers screened are taken for a random sample of those that were left before them: if the order is any
 * better than chance, that errs on the careful side. Of all such samples the one that says most is taken.
 *
 * @param labels Whether each screened paper was relevant, in the order of screening.
 * @param total Number of papers, screened or not.
 * @throws InvalidArgumentError if `total` is less than the number of labels, or an option is invalid.
 * @example
 * const { confidence } = stoppingTest([true, true, ...Array(200).fill(false)], 250, { recall: 0.9 })
 * show(confidence)
 */
export function stoppingTest(
  labels: readonly boolean[],
  total: number,
  { recall = 0.95, confidence = 0.95 }: StoppingOptions = {},
): StoppingStatement {
  if (!Number.isInteger(total) || total < labels.length)
    throw new InvalidArgumentError('total', total, `a whole number of at least ${labels.length}, the number of labels`)
  checkShare('options.recall', recall)
  checkShare('options.confidence', confidence)
  const urns = urnsOf(labels)
  const pValue = pValueOf(urns, labels.length, total, recall)
  let steps = 199
  while (steps > 0 && pValueOf(urns, labels.length, total, steps / 200) >= 1 - confidence) steps--
  return { recall, pValue, confidence: 1 - pValue, provenRecall: steps / 200 }
}

function checkShare(field: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError(field, value, 'a number between 0 and 1')
}

/**
 * The samples that can say most, by the relevant papers in them: each begins after a relevant paper or with the first. A shorter one
 * with as many relevant papers says less.
 *
 * @returns Sizes; element `r` holds the sample with `r` relevant papers.
 */
function urnsOf(labels: readonly boolean[]): number[] {
  const sizes: number[] = []
  for (let at = labels.length - 1; at >= 0; at--) if (labels[at]) sizes.push(labels.length - 1 - at)
  return [...sizes, labels.length]
}

function pValueOf(urns: readonly number[], screened: number, total: number, recall: number): number {
  const relevant = urns.length - 1
  let least = 1
  for (const [drawn, size] of urns.entries()) {
    if (size === 0) continue
    const population = total - screened + size
    // The fewest relevant papers among these for the recall to be missed.
    const missed = Math.floor(relevant / recall + 1 - (relevant - drawn))
    least = Math.min(least, missed > population ? 0 : hypergeometricCdf(drawn, population, missed, size))
  }
  return least
}

/** Probability of at most `k` successes in `draws` from a population with so many successes, without replacement. */
export function hypergeometricCdf(k: number, population: number, successes: number, draws: number): number {
  const lowest = Math.max(0, draws + successes - population)
  const highest = Math.min(draws, successes)
  if (k < lowest) return 0
  if (k >= highest) return 1
  const logTerm =
    logBinomial(successes, lowest) + logBinomial(population - successes, draws - lowest) - logBinomial(population, draws)
  let term = 1
  let sum = 1
  for (let x = lowest; x < k; x++) {
    term *= ((successes - x) / (x + 1)) * ((draws - x) / (population - successes - draws + x + 1))
    sum += term
  }
  return Math.min(1, Math.exp(logTerm + Math.log(sum)))
}

const logBinomial = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k)

const LOG_FACTORIALS = [0]

function logFactorial(n: number): number {
  for (let next = LOG_FACTORIALS.length; next <= n; next++) LOG_FACTORIALS.push(LOG_FACTORIALS[next - 1]! + Math.log(next))
  return LOG_FACTORIALS[n]!
}
