import { InvalidArgumentError } from '../errors.js'
import { type Features, selectRows } from './features.js'
import { type Outputs, standardize, unscale } from './fit-outputs.js'
import { splitFold } from './folds.js'
import type { FitProgress, FitReport, Tried } from './head-options.js'

/** What the search over C has in common for classes and numbers. Rows are those of `features`. */
export interface HeadProblem {
  features: Features
  strengths: readonly number[]
  standardize: boolean
  /** The fold of each row; `null` if nothing is compared or calibrated. */
  folds: { assigned: Uint32Array; count: number } | null
  /** Whether decisions of rows that were not trained on are needed. */
  heldOut: boolean
  outputs: number
  fit(features: Features, rows: readonly number[] | null, strength: number, start?: Float64Array): Generator<void, Outputs, void>
  /** Quality of decisions [rows.length, outputs] about these rows; higher is better. */
  score(decisions: Float64Array, rows: readonly number[]): number
  onProgress: ((progress: FitProgress) => void) | undefined
}

/** A fitted head before it gets its names. */
export interface FittedHead extends FitReport {
  /** [outputs, dimension + 1], for the features as they are. */
  weights: Float64Array
  /** Decisions about each row by a head that was not trained on it, [count, outputs]. */
  heldOut: Float64Array | null
}

/** Compares strengths in folds, takes the best, and fits it to all rows. */
export function* fitHead(problem: HeadProblem): Generator<void, FittedHead, void> {
  const { features, strengths, folds, outputs, onProgress } = problem
  const compares = strengths.length > 1
  const inFolds = folds && (compares || problem.heldOut) ? folds : null
  const total = 1 + (inFolds ? inFolds.count * strengths.length : 0)
  let done = 0
  const report = () => onProgress?.({ done: ++done, total })

  const decisions = strengths.map(() => new Float64Array(inFolds ? features.count * outputs : 0))
  const scores = new Float64Array(strengths.length)
  if (inFolds)
    for (let fold = 0; fold < inFolds.count; fold++) {
      const { train, test } = splitFold(inFolds.assigned, fold)
      const prepared = prepare(selectRows(features, train), problem.standardize)
      let start: Float64Array | undefined
      for (const [at, strength] of strengths.entries()) {
        const fit = yield* problem.fit(prepared.features, train, strength, start)
        // The next strength starts from this one's result.
        start = fit.weights.slice()
        if (prepared.scale) unscale(fit.weights, prepared.scale)
        const found = decide(selectRows(features, test), fit.weights, outputs)
        scores[at]! += problem.score(found, test) / inFolds.count
        for (const [index, row] of test.entries())
          decisions[at]!.set(found.subarray(index * outputs, (index + 1) * outputs), row * outputs)
        report()
        yield
      }
    }
  const best = compares ? scores.indexOf(Math.max(...scores)) : 0
  const strength = strengths[best]!
  const prepared = prepare(features, problem.standardize)
  const { weights, converged } = yield* problem.fit(prepared.features, null, strength)
  if (prepared.scale) unscale(weights, prepared.scale)
  if (!weights.every(Number.isFinite))
    throw new InvalidArgumentError('vectors', features, 'numbers small enough that their products are finite')
  report()
  const tried: Tried[] = compares ? strengths.map((value, at) => ({ value, score: scores[at]! })) : []
  return { weights, converged, strength, tried, heldOut: inFolds ? decisions[best]! : null }
}

const prepare = (features: Features, isStandardized: boolean) =>
  isStandardized ? standardize(features) : { features, scale: null }

/** Decisions about all rows, [count, outputs]. */
export function decide(features: Features, weights: Float64Array, outputs: number): Float64Array {
  const stride = features.dimension + 1
  const decisions = new Float64Array(features.count * outputs)
  for (let row = 0; row < features.count; row++)
    for (let k = 0; k < outputs; k++)
      decisions[row * outputs + k] = features.dot(row, weights, k * stride) + weights[(k + 1) * stride - 1]!
  return decisions
}
