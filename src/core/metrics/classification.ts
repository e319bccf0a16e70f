import { checkLengths } from './check-lengths.js'

/** A class, as its papers are labelled. */
export type Label = string | number | boolean

/** How one class was recognised. */
export interface ClassQuality {
  /** The class. */
  label: Label
  /** Papers of the class. */
  support: number
  /** Share of the papers given this label that have it; 0 if none was given it. */
  precision: number
  /** Share of the class that was given the label; 0 if the class is in the predictions only. */
  recall: number
  /** 2 · precision · recall / (precision + recall); 0 if both are. */
  f1: number
}

/** How well predictions agree with the truth. */
export interface ClassificationQuality {
  /** Share of the papers with the right label. */
  accuracy: number
  /** Mean of the classes' F1, each with the same weight; classes are those of the truth and of the predictions. */
  macroF1: number
  /** F1 of the counts of all classes together; with one label for each paper it is the accuracy. */
  microF1: number
  /** In order of label. */
  classes: ClassQuality[]
}

/** Orders labels: false before true, numbers by value, texts by code unit. */
export function compareLabels(a: Label, b: Label): number {
  if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Accuracy, F1 by class and its means, as scikit-learn counts them with `zero_division=0`.
 *
 * @param truth The labels of papers.
 * @param predictions What a classifier said, in the same order.
 * @throws InvalidArgumentError if the lists are empty or differ in length.
 * @example
 * const { macroF1, accuracy } = classificationQuality(['a', 'a', 'b', 'c'], ['a', 'b', 'b', 'c'])
 * show([macroF1, accuracy]) // 0.7777…, 0.75
 */
export function classificationQuality(truth: ArrayLike<Label>, predictions: ArrayLike<Label>): ClassificationQuality {
  checkLengths(truth, predictions, 'predictions', 'truth')
  const sets = (labels: ArrayLike<Label>) => Array.from(labels, (label) => [label])
  const classes = qualityByClass(sets(truth), sets(predictions))
  let right = 0
  for (let at = 0; at < truth.length; at++) if (truth[at] === predictions[at]) right++
  const accuracy = right / truth.length
  return { accuracy, macroF1: meanF1(classes), microF1: accuracy, classes: classes.map(({ quality }) => quality) }
}

/**
 * As {@link classificationQuality} for papers with any number of labels. Accuracy is the share of papers whose labels are all right
 * and complete.
 *
 * @throws InvalidArgumentError if the lists are empty or differ in length.
 * @example
 * const { microF1 } = multiLabelQuality([['biology', 'physics'], []], [['physics'], []])
 * show(microF1) // 0.6666…
 */
export function multiLabelQuality(
  truth: readonly (readonly Label[])[],
  predictions: readonly (readonly Label[])[],
): ClassificationQuality {
  checkLengths(truth, predictions, 'predictions', 'truth')
  const classes = qualityByClass(truth, predictions)
  let [hits, given, support] = [0, 0, 0]
  for (const each of classes) {
    hits += each.hits
    given += each.given
    support += each.quality.support
  }
  const isRight = (labels: readonly Label[], at: number) => {
    const [a, b] = [new Set(labels), new Set(predictions[at])]
    return a.size === b.size && [...a].every((label) => b.has(label))
  }
  return {
    accuracy: truth.filter(isRight).length / truth.length,
    macroF1: meanF1(classes),
    microF1: given + support === 0 ? 0 : (2 * hits) / (given + support),
    classes: classes.map(({ quality }) => quality),
  }
}

interface CountedClass {
  hits: number
  given: number
  quality: ClassQuality
}

function qualityByClass(truth: readonly (readonly Label[])[], predictions: readonly (readonly Label[])[]): CountedClass[] {
  const counts = new Map<Label, { hits: number; given: number; support: number }>()
  const of = (label: Label) => {
    const found = counts.get(label) ?? { hits: 0, given: 0, support: 0 }
    counts.set(label, found)
    return found
  }
  for (const [at, labels] of truth.entries()) {
    const said = new Set(predictions[at])
    for (const label of new Set(labels)) {
      of(label).support++
      if (said.has(label)) of(label).hits++
    }
    for (const label of said) of(label).given++
  }
  return [...counts]
    .sort(([a], [b]) => compareLabels(a, b))
    .map(([label, { hits, given, support }]) => ({
      hits,
      given,
      quality: {
        label,
        support,
        precision: given === 0 ? 0 : hits / given,
        recall: support === 0 ? 0 : hits / support,
        f1: (2 * hits) / (given + support),
      },
    }))
}

const meanF1 = (classes: readonly CountedClass[]) =>
  classes.length === 0 ? 0 : classes.reduce((sum, { quality }) => sum + quality.f1, 0) / classes.length

/**
 * Cohen's kappa of two people's labels of the same papers: agreement beyond that of chance, 1 if they agree on all (Cohen 1960).
 *
 * @returns -1 … 1; `null` if both gave one and the same label to every paper, where chance explains all.
 * @throws InvalidArgumentError if the lists are empty or differ in length.
 * @example
 * show(cohensKappa([true, true, false, false], [true, false, false, false])) // 0.5
 */
export function cohensKappa(first: ArrayLike<Label>, second: ArrayLike<Label>): number | null {
  checkLengths(first, second, 'second', 'first')
  const counts = new Map<Label, [number, number]>()
  let agreed = 0
  const of = (label: Label) => {
    const found = counts.get(label) ?? [0, 0]
    counts.set(label, found)
    return found
  }
  for (let at = 0; at < first.length; at++) {
    of(first[at]!)[0]++
    of(second[at]!)[1]++
    if (first[at] === second[at]) agreed++
  }
  const total = first.length
  let chance = 0
  for (const [a, b] of counts.values()) chance += (a / total) * (b / total)
  return counts.size === 1 ? null : (agreed / total - chance) / (1 - chance)
}
