import { InvalidArgumentError } from '../errors.js'
import { classificationQuality, compareLabels, type Label } from '../metrics/classification.js'
import { BlockedFeatures } from './blocked-features.js'
import { fitSigmoid, fitTemperature } from './calibration.js'
import { fitHead, type HeadProblem } from './fit-head.js'
import { fitClasses } from './fit-outputs.js'
import { stratifiedFolds } from './folds.js'
import { type ClassifierOptions, checkVectors, strengthsOf } from './head-options.js'
import { HeadWeights } from './head-weights.js'
import { type Calibration, LinearClassifier } from './linear-classifier.js'
import { MultiLabelClassifier } from './multi-label-classifier.js'
import { runStepsWithPauses } from './run-steps.js'

const MODELS = ['logistic', 'one-vs-rest-logistic', 'svc'] as const

/**
 * Fits a linear classifier to vectors and their classes. Pauses every 40 ms for other tasks, but uses its thread: call it in a worker for
 * more than some hundred papers.
 *
 * @param vectors [count, dimension], row-major; borrowed. Those of the adapter `classification` are made for this.
 * @param labels The class of each paper.
 * @throws InvalidArgumentError if there is not a label and a vector for each paper, only one class, or an invalid option; the signal's
 *   reason.
 * @example
 * const classifier = await fitClassifier(vectors, labels, { dimension, C: [0.01, 0.1, 1, 10], classWeight: 'balanced' })
 * show(classifier.report.strength)
 */
export async function fitClassifier(
  vectors: Float32Array | Float64Array,
  labels: readonly Label[],
  options: ClassifierOptions,
): Promise<LinearClassifier> {
  const { dimension, signal, onProgress } = options
  const settings = checkOptions(options)
  checkVectors(vectors, dimension, labels.length)
  const classes = classesOf(labels)
  if (classes.length < 2)
    throw new InvalidArgumentError('labels', labels, `labels of at least two classes; these have ${classes.length}`)
  const features = new BlockedFeatures(vectors, dimension)
  const numbers = new Map(classes.map((label, at) => [label, at]))
  const targets = Uint32Array.from(labels, (label) => numbers.get(label)!)
  const { model, calibrate } = settings
  const problem = classesProblem(features, targets, classes, settings)
  const fitted = await runStepsWithPauses(fitHead({ ...problem, onProgress }), signal)
  const { weights, heldOut, strength, tried, converged } = fitted
  const calibration = calibrate ? calibrateOn(heldOut!, targets, classes.length, model) : uncalibrated(model, problem.outputs)
  return new LinearClassifier(classes, new HeadWeights(weights, dimension), calibration, { strength, tried, converged })
}

/**
 * Fits a classifier that gives each paper any number of labels: one against the rest for each label. Runs as {@link fitClassifier}
 * does. A label that every paper has is always given.
 *
 * @param labels The labels of each paper; empty for none.
 * @throws InvalidArgumentError if there is not a list of labels and a vector for each paper, no label at all, or an invalid option;
 *   the signal's reason.
 * @example
 * const topics = await fitMultiLabelClassifier(vectors, [['fever'], ['fever', 'cough'], [], ['cough']], { dimension })
 * show([topics.classes, topics.probabilities(vectors)])
 */
export async function fitMultiLabelClassifier(
  vectors: Float32Array | Float64Array,
  labels: readonly (readonly Label[])[],
  options: ClassifierOptions,
): Promise<MultiLabelClassifier> {
  const { dimension, signal, onProgress } = options
  const settings = checkOptions(options)
  checkVectors(vectors, dimension, labels.length)
  const classes = classesOf(labels.flat())
  if (classes.length === 0) throw new InvalidArgumentError('labels', labels, 'lists with at least one label')
  const features = new BlockedFeatures(vectors, dimension)
  const all = new Float64Array(classes.length * (dimension + 1))
  const sigmoids = []
  const reports = []
  for (const [k, label] of classes.entries()) {
    const targets = Uint32Array.from(labels, (own) => (own.includes(label) ? 1 : 0))
    if (targets.every((target) => target === 1)) {
      all[(k + 1) * (dimension + 1) - 1] = 1
      sigmoids.push({ slope: 0, offset: Number.MAX_VALUE })
      reports.push({ strength: settings.strengths[0]!, tried: [], converged: true })
      continue
    }
    const weight = settings.classWeight
    const pair = weight instanceof Map ? { ...settings, classWeight: new Map([[1, weight.get(label) ?? 1]]) } : settings
    const problem = classesProblem(features, targets, [0, 1], pair)
    const progress =
      onProgress &&
      (({ done, total }: { done: number; total: number }) =>
        onProgress({ done: k * total + done, total: classes.length * total }))
    const fitted = await runStepsWithPauses(fitHead({ ...problem, onProgress: progress }), signal)
    const { weights, heldOut, strength, tried, converged } = fitted
    all.set(weights, k * (dimension + 1))
    reports.push({ strength, tried, converged })
    if (settings.calibrate) sigmoids.push(fitSigmoid(heldOut!, (row) => targets[row] === 1))
    else sigmoids.push({ slope: 1, offset: 0 })
  }
  const calibration = settings.model === 'svc' && !settings.calibrate ? null : { sigmoids }
  return new MultiLabelClassifier(classes, new HeadWeights(all, dimension), calibration, reports)
}

function checkOptions({
  C = 1,
  model = 'logistic',
  loss = 'squared-hinge',
  scoring = 'accuracy',
  classWeight,
  calibrate = false,
  standardize = false,
  folds,
  seed = 1,
}: ClassifierOptions) {
  if (!MODELS.includes(model)) throw new InvalidArgumentError('options.model', model, `one of ${MODELS.join(', ')}`)
  if (loss !== 'hinge' && loss !== 'squared-hinge') throw new InvalidArgumentError('options.loss', loss, 'squared-hinge or hinge')
  if (scoring !== 'accuracy' && scoring !== 'macroF1')
    throw new InvalidArgumentError('options.scoring', scoring, 'accuracy or macroF1')
  if (classWeight !== undefined && classWeight !== 'balanced' && !(classWeight instanceof Map))
    throw new InvalidArgumentError('options.classWeight', classWeight, 'balanced, or a map of labels to weights')
  return { strengths: strengthsOf('options.C', C), model, loss, scoring, classWeight, calibrate, standardize, folds, seed }
}

type Settings = ReturnType<typeof checkOptions>

function classesOf(labels: readonly Label[]): Label[] {
  for (const [at, label] of labels.entries())
    if (!['string', 'number', 'boolean'].includes(typeof label) || Number.isNaN(label))
      throw new InvalidArgumentError(`labels[${at}]`, label, 'a text, a number, true or false')
  return [...new Set(labels)].sort(compareLabels)
}

/** @param classes The names of the targets, for their weights. */
function classesProblem(
  features: BlockedFeatures,
  targets: Uint32Array,
  classes: readonly Label[],
  settings: Settings,
): Omit<HeadProblem, 'onProgress'> {
  const { strengths, model, scoring, calibrate, standardize, loss, seed } = settings
  const counts = new Uint32Array(classes.length)
  for (const target of targets) counts[target]!++
  const weights = classWeights(classes, counts, targets.length, settings.classWeight)
  const outputs = classes.length === 2 ? 1 : classes.length
  const needsFolds = strengths.length > 1 || calibrate
  return {
    features,
    strengths,
    standardize,
    folds: needsFolds ? foldsFor(targets, counts, settings) : null,
    heldOut: calibrate,
    outputs,
    fit: (part, rows, C, start) => {
      const own = rows ? Uint32Array.from(rows, (row) => targets[row]!) : targets
      return fitClasses(part, own, weights, C, { model, loss, seed: seed ?? 1 }, start)
    },
    score: (decisions, rows) => {
      const predictions = rows.map((_, at) => {
        if (outputs === 1) return decisions[at]! > 0 ? 1 : 0
        let best = 0
        for (let k = 1; k < outputs; k++) if (decisions[at * outputs + k]! > decisions[at * outputs + best]!) best = k
        return best
      })
      return classificationQuality(
        rows.map((row) => targets[row]!),
        predictions,
      )[scoring]
    },
  }
}

function classWeights(
  classes: readonly Label[],
  counts: Uint32Array,
  total: number,
  weight: ClassifierOptions['classWeight'],
): Float64Array {
  if (weight === 'balanced') return Float64Array.from(counts, (count) => total / (classes.length * count))
  const weights = Float64Array.from(classes, (label) => weight?.get(label) ?? 1)
  const at = weights.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY))
  if (at >= 0)
    throw new InvalidArgumentError(`options.classWeight of ${String(classes[at])}`, weights[at], 'a number of at least 0')
  return weights
}

/** So many folds that two classes are left in each training part. */
function foldsFor(targets: Uint32Array, counts: Uint32Array, { folds, seed }: Settings) {
  const second = [...counts].sort((a, b) => b - a)[1]!
  if (second < 2)
    throw new InvalidArgumentError(
      'labels',
      targets,
      'labels with two papers of at least two classes, to compare C or to calibrate',
    )
  const count = folds ?? Math.min(5, second)
  if (count > second)
    throw new InvalidArgumentError('options.folds', count, `at most ${second}, the papers of the second largest class`)
  return { assigned: stratifiedFolds(targets, count, seed), count }
}

function uncalibrated(model: Settings['model'], outputs: number): Calibration {
  if (model === 'svc') return null
  if (model === 'logistic' || outputs === 1) return { temperature: 1 }
  return { sigmoids: Array.from({ length: outputs }, () => ({ slope: 1, offset: 0 })) }
}

function calibrateOn(heldOut: Float64Array, targets: Uint32Array, classes: number, model: Settings['model']): Calibration {
  if (classes === 2) return { sigmoids: [fitSigmoid(heldOut, (row) => targets[row] === 1)] }
  if (model === 'logistic') return { temperature: fitTemperature(heldOut, targets, classes) }
  const sigmoids = Array.from({ length: classes }, (_, k) =>
    fitSigmoid(
      Float64Array.from(targets, (_, row) => heldOut[row * classes + k]!),
      (row) => targets[row] === k,
    ),
  )
  return { sigmoids }
}
