import { DenseFeatures } from './features.js'
import { logisticLoss, sigmoid, softmax } from './losses.js'
import { minimize } from './newton.js'
import { runSteps } from './run-steps.js'

/** Turns a decision value f into the probability 1 / (1 + e^-(slope · f + offset)). */
export interface Sigmoid {
  /** Factor of the decision value. */
  slope: number
  /** Added to it. */
  offset: number
}

/**
 * Fits a sigmoid to decisions of papers that were not trained on (Platt 1999): targets are drawn a little to the middle, so that
 * few papers do not lead to certainty.
 */
export function fitSigmoid(decisions: Float64Array, isPositive: (row: number) => boolean): Sigmoid {
  const count = decisions.length
  let positives = 0
  for (let row = 0; row < count; row++) if (isPositive(row)) positives++
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (count - positives + 2)]
  // Each decision twice, once on either side, by the weight of its target. Costs so high that the penalty of the slope is nothing.
  const scale = decisions.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300)
  const both = new Float64Array(2 * count)
  const costs = new Float64Array(2 * count)
  for (let row = 0; row < count; row++) {
    both[row] = both[count + row] = decisions[row]! / scale
    const target = isPositive(row) ? high : low
    costs[row] = 1e6 * target
    costs[count + row] = 1e6 * (1 - target)
  }
  const sides = Int8Array.from(both, (_, at) => (at < count ? 1 : -1))
  const { weights } = runSteps(
    minimize({ features: new DenseFeatures(both, 1), loss: logisticLoss(sides), costs, intercept: 'free' }),
  )
  return { slope: weights[0]! / scale, offset: weights[1]! }
}

/**
 * The factor of a softmax's inputs under which papers that were not trained on are most likely (temperature scaling, Guo et al.
 * 2017; the factor is 1 / temperature).
 *
 * @param decisions [count, classes], row-major.
 */
export function fitTemperature(decisions: Float64Array, targets: ArrayLike<number>, classes: number): number {
  const scores = new Float64Array(classes)
  const out = new Float64Array(classes)
  const loss = (factor: number) => {
    let sum = 0
    for (let row = 0; row < targets.length; row++) {
      for (let k = 0; k < classes; k++) scores[k] = factor * decisions[row * classes + k]!
      softmax(scores, 0, classes, out)
      sum -= Math.log(Math.max(1e-300, out[targets[row]!]!))
    }
    return sum
  }
  // The loss is convex in the factor: golden section on its logarithm.
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [Math.log(1e-3), Math.log(1e3)]
  while (high - low > 1e-5) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)]
    if (loss(Math.exp(a)) < loss(Math.exp(b))) high = b
    else low = a
  }
  return Math.exp((low + high) / 2)
}

/** The probability that a sigmoid gives to a decision. */
export const probabilityOf = ({ slope, offset }: Sigmoid, decision: number): number => sigmoid(slope * decision + offset)
