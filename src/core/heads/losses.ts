/**
 * A convex, differentiable loss of a row's outputs. Arrays hold the `outputs` numbers of a row from `at` on; `state` is what the
 * loss keeps of a row to multiply by its second derivative.
 */
export interface Loss {
  /** Outputs of a row: weight vectors of the model. */
  readonly outputs: number
  /**
   * The loss of a row; writes its derivatives by the outputs to `gradient`, and its state.
   *
   * @param scores Of the row, as the model gives them; read.
   */
  evaluate(row: number, scores: Float64Array, at: number, gradient: Float64Array, state: Float64Array): number
  /** Multiplies `vector` by the second derivative of the row's loss, in place. */
  multiply(state: Float64Array, at: number, vector: Float64Array): void
  /** One number of the second derivative's diagonal. */
  diagonal(state: Float64Array, at: number): number
}

/** For losses of one output: the state is the second derivative itself. */
const oneOutput = {
  outputs: 1,
  multiply(state: Float64Array, at: number, vector: Float64Array): void {
    vector[at]! *= state[at]!
  },
  diagonal: (state: Float64Array, at: number): number => state[at]!,
}

/** log(1 + e^x), also where e^x overflows. */
const softplus = (x: number) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))

/** 1 / (1 + e^-x), also where e^-x overflows. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const power = Math.exp(x)
  return power / (1 + power)
}

/** Logistic loss of one class against the rest. @param targets 1 or -1 for each row. */
export function logisticLoss(targets: ArrayLike<number>): Loss {
  return {
    ...oneOutput,
    evaluate(row, scores, at, gradient, state) {
      const target = targets[row]!
      const margin = target * scores[at]!
      const wrong = sigmoid(-margin)
      gradient[at] = -target * wrong
      state[at] = wrong * (1 - wrong)
      return softplus(-margin)
    },
  }
}

/** max(0, 1 - y f)². @param targets 1 or -1 for each row. */
export function squaredHingeLoss(targets: ArrayLike<number>): Loss {
  return {
    ...oneOutput,
    evaluate(row, scores, at, gradient, state) {
      const target = targets[row]!
      const missing = Math.max(0, 1 - target * scores[at]!)
      gradient[at] = -2 * target * missing
      state[at] = missing > 0 ? 2 : 0
      return missing * missing
    },
  }
}

/** max(0, |y - f| - epsilon)²; with `epsilon` 0 the squared error. */
export function squaredErrorLoss(targets: ArrayLike<number>, epsilon: number): Loss {
  return {
    ...oneOutput,
    evaluate(row, scores, at, gradient, state) {
      const error = scores[at]! - targets[row]!
      const beyond = Math.max(0, Math.abs(error) - epsilon)
      gradient[at] = 2 * Math.sign(error) * beyond
      // At 0 too: without a tolerance the second derivative is 2 everywhere.
      state[at] = beyond > 0 || epsilon === 0 ? 2 : 0
      return beyond * beyond
    },
  }
}

/** Cross-entropy of a softmax over all classes. @param targets Number of the class, 0 … classes - 1, for each row. */
export function multinomialLoss(targets: ArrayLike<number>, classes: number): Loss {
  return {
    outputs: classes,
    evaluate(row, scores, at, gradient, state) {
      softmax(scores, at, classes, state)
      const target = targets[row]!
      for (let k = 0; k < classes; k++) gradient[at + k] = state[at + k]! - (k === target ? 1 : 0)
      let top = -Infinity
      for (let k = 0; k < classes; k++) top = Math.max(top, scores[at + k]!)
      let sum = 0
      for (let k = 0; k < classes; k++) sum += Math.exp(scores[at + k]! - top)
      return Math.log(sum) + top - scores[at + target]!
    },
    multiply(state, at, vector) {
      let sum = 0
      for (let k = at; k < at + classes; k++) sum += state[k]! * vector[k]!
      for (let k = at; k < at + classes; k++) vector[k] = state[k]! * (vector[k]! - sum)
    },
    diagonal: (state, at) => state[at]! * (1 - state[at]!),
  }
}

/** Each class against the rest, side by side: the loss of one output for each of them. @param targets Number of each row's class. */
export function oneVsRestLoss(lossOf: (sides: Int8Array) => Loss, targets: ArrayLike<number>, classes: number): Loss {
  const losses = Array.from({ length: classes }, (_, k) => lossOf(Int8Array.from(targets, (target) => (target === k ? 1 : -1))))
  return {
    outputs: classes,
    evaluate(row, scores, at, gradient, state) {
      let sum = 0
      for (let k = 0; k < classes; k++) sum += losses[k]!.evaluate(row, scores, at + k, gradient, state)
      return sum
    },
    multiply(state, at, vector) {
      for (let k = at; k < at + classes; k++) vector[k]! *= state[k]!
    },
    diagonal: (state, at) => state[at]!,
  }
}

/** Softmax of `count` numbers from `at` on. */
export function softmax(scores: Float64Array, at: number, count: number, out: Float64Array): void {
  let top = -Infinity
  for (let k = at; k < at + count; k++) top = Math.max(top, scores[k]!)
  let sum = 0
  for (let k = at; k < at + count; k++) {
    out[k] = Math.exp(scores[k]! - top)
    sum += out[k]!
  }
  for (let k = at; k < at + count; k++) out[k]! /= sum
}
