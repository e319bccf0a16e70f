import { checkLengths } from './check-lengths.js'

/**
 * R², the share of the variance that predictions explain.
 *
 * @returns At most 1; below 0 if the mean would predict better. Of a constant truth 1 if all predictions are right, otherwise 0.
 * @throws InvalidArgumentError if the lists are empty or differ in length.
 * @example
 * show(rSquared([1, 2, 3], [1, 2, 4])) // 0.5
 */
export function rSquared(truth: ArrayLike<number>, predictions: ArrayLike<number>): number {
  checkLengths(truth, predictions, 'predictions', 'truth')
  let mean = 0
  for (let at = 0; at < truth.length; at++) mean += truth[at]! / truth.length
  let [errors, variance] = [0, 0]
  for (let at = 0; at < truth.length; at++) {
    errors += (truth[at]! - predictions[at]!) ** 2
    variance += (truth[at]! - mean) ** 2
  }
  if (variance === 0) return errors === 0 ? 1 : 0
  return 1 - errors / variance
}
