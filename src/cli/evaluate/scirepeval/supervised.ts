import { fitClassifier, fitMultiLabelClassifier } from '../../../core/heads/fit-classifier.js'
import { fitRegressor } from '../../../core/heads/fit-regressor.js'
import { stratifiedFolds } from '../../../core/heads/folds.js'
import type { ClassifierOptions } from '../../../core/heads/head-options.js'
import { classificationQuality, type Label, multiLabelQuality } from '../../../core/metrics/classification.js'
import { kendallTauB } from '../../../core/metrics/correlation.js'
import { randomNumbers, shuffle } from '../../../core/random.js'
import type { LabelledSet } from './find-sets.js'
import { mean } from './rank-candidates.js'

/** Papers of one part with their vectors. */
interface Part {
  vectors: Float32Array
  labels: readonly unknown[]
}

export interface SupervisedInput {
  dimension: number
  train: Part
  test: Part
  signal: AbortSignal
}

/** Values of C that the published evaluation compares, in three folds in the order of the papers. */
const CLASSIFIER_C = [0.01, 0.1, 1, 10, 100]
const REGRESSOR_C = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100]

/** Kendall's tau of a linear SVR, in percent; 0 if all predictions are one. */
export async function regressionScore({ dimension, train, test, signal }: SupervisedInput): Promise<number> {
  const numbers = (labels: readonly unknown[]) => labels.map(Number)
  const head = await fitRegressor(train.vectors, numbers(train.labels), {
    dimension,
    model: 'svr',
    C: REGRESSOR_C,
    folds: 3,
    seed: null,
    signal,
  })
  return 100 * (kendallTauB(numbers(test.labels), head.predict(test.vectors)) ?? 0)
}

/** F1 of a linear SVC, in percent: of class 1 alone (`f1`), or the mean of the classes. */
export async function classificationScore(
  input: SupervisedInput,
  metric: string,
  options: Partial<ClassifierOptions> = { C: CLASSIFIER_C },
): Promise<number> {
  const { dimension, train, test, signal } = input
  const how = { dimension, model: 'svc', folds: 3, seed: null, signal, ...options } as const
  if (isMultiLabel(train.labels)) {
    const head = await fitMultiLabelClassifier(train.vectors, labelSets(train.labels), how)
    return 100 * multiLabelQuality(labelSets(test.labels), head.predict(test.vectors)).macroF1
  }
  const head = await fitClassifier(train.vectors, train.labels as Label[], how)
  const { macroF1, classes } = classificationQuality(test.labels as Label[], head.predict(test.vectors))
  return 100 * (metric === 'f1' ? (classes.find(({ label }) => String(label) === '1')?.f1 ?? 0) : macroF1)
}

/**
 * Mean score of classifiers that were trained on few papers: of one class each by stratified samples with C of 1, of several labels by
 * `size` random papers of each label.
 */
export async function fewShotScore(
  input: SupervisedInput,
  metric: string,
  { size, runs }: { size: number; runs: number },
): Promise<number> {
  const { train, dimension } = input
  const several = isMultiLabel(train.labels)
  const samples = several ? labelSamples(labelSets(train.labels), size, runs) : stratifiedSamples(train.labels, size, runs)
  const scores: number[] = []
  for (const rows of samples) {
    const vectors = new Float32Array(rows.length * dimension)
    for (const [at, row] of rows.entries())
      vectors.set(train.vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension)
    const part = { vectors, labels: rows.map((row) => train.labels[row]) }
    scores.push(await classificationScore({ ...input, train: part }, metric, several ? { C: CLASSIFIER_C } : { C: 1 }))
  }
  return mean(scores)
}

function stratifiedSamples(labels: readonly unknown[], size: number, runs: number): number[][] {
  const folds = Math.ceil(labels.length / size)
  if (folds < 2) return [[...labels.keys()]]
  const assigned = stratifiedFolds(labels, folds, null)
  return Array.from({ length: Math.min(runs, folds) }, (_, fold) => [...labels.keys()].filter((row) => assigned[row] === fold))
}

function labelSamples(sets: readonly Label[][], size: number, runs: number): number[][] {
  const byLabel = new Map<Label, number[]>()
  for (const [row, set] of sets.entries()) for (const label of set) byLabel.set(label, [...(byLabel.get(label) ?? []), row])
  return Array.from({ length: runs }, (_, run) => {
    const random = randomNumbers(42 + run)
    const rows = new Set<number>()
    for (const own of byLabel.values()) {
      const order = [...own]
      shuffle(order, random)
      for (const row of order.slice(0, size)) rows.add(row)
    }
    return [...rows]
  })
}

const isMultiLabel = (labels: readonly unknown[]) => Array.isArray(labels[0])

/** Labels as lists of their own, or as a 1 in the column of each. */
function labelSets(labels: readonly unknown[]): Label[][] {
  const lists = labels as Label[][]
  const width = lists[0]?.length ?? 0
  const isColumns = width > 1 && lists.every((list) => list.length === width && list.every((value) => value === 0 || value === 1))
  return isColumns ? lists.map((list) => list.flatMap((value, column) => (value === 1 ? [column] : []))) : lists
}

/** Rows of a part whose papers have vectors. */
export function partOf(
  papers: LabelledSet['train'],
  rows: ReadonlyMap<string, number>,
  vectors: Float32Array,
  dimension: number,
): Part {
  const own = papers.filter(({ id }) => rows.has(id))
  const matrix = new Float32Array(own.length * dimension)
  for (const [at, { id }] of own.entries()) {
    const row = rows.get(id)!
    matrix.set(vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension)
  }
  return { vectors: matrix, labels: own.map(({ label }) => label) }
}
