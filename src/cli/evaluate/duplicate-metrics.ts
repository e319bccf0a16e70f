/** The quality of a deduplication by the records that it would remove, counted as BibDedupe and ASySD do. */
export interface DuplicateMetrics {
  truePositives: number
  falsePositives: number
  trueNegatives: number
  falseNegatives: number
  /** Share of the removable records that are removed. */
  sensitivity: number
  /** Share of the works that stay. */
  specificity: number
  f1: number
}

/**
 * Each found group keeps its first record and removes the others. Of a true group all records but one may be removed; a work
 * that loses all its records is one false positive.
 *
 * @param trueGroups The true group of each record, by its id; a record without duplicates is alone in its group.
 * @param found Groups of ids; the first id of each is the one that stays.
 */
export function duplicateMetrics(trueGroups: ReadonlyMap<string, string>, found: Iterable<readonly string[]>): DuplicateMetrics {
  const records = new Map<string, number>()
  for (const group of trueGroups.values()) records.set(group, (records.get(group) ?? 0) + 1)
  const removed = new Map<string, number>()
  const removedIds = new Set<string>()
  for (const [, ...others] of found)
    for (const id of others) {
      const group = trueGroups.get(id)
      if (group === undefined || removedIds.has(id)) continue
      removedIds.add(id)
      removed.set(group, (removed.get(group) ?? 0) + 1)
    }
  let truePositives = 0
  let falsePositives = 0
  let falseNegatives = 0
  for (const [group, count] of records) {
    const removals = removed.get(group) ?? 0
    if (removals === count) falsePositives++
    truePositives += Math.min(removals, count - 1)
    falseNegatives += Math.max(0, count - 1 - removals)
  }
  return metricsOf({ truePositives, falsePositives, trueNegatives: records.size - falsePositives, falseNegatives })
}

/**
 * The same for a set that says only which records are superfluous. Of a found group all records but one are removed, those that
 * are flagged first.
 *
 * @param papers Number of records.
 * @param flagged Ids of the superfluous records.
 * @param found Groups of ids.
 */
export function flagMetrics(papers: number, flagged: ReadonlySet<string>, found: Iterable<readonly string[]>): DuplicateMetrics {
  let truePositives = 0
  let falsePositives = 0
  for (const group of found) {
    const superfluous = group.filter((id) => flagged.has(id)).length
    truePositives += Math.min(superfluous, group.length - 1)
    falsePositives += Math.max(0, group.length - 1 - superfluous)
  }
  const trueNegatives = papers - flagged.size - falsePositives
  return metricsOf({ truePositives, falsePositives, trueNegatives, falseNegatives: flagged.size - truePositives })
}

function metricsOf(counts: Omit<DuplicateMetrics, 'sensitivity' | 'specificity' | 'f1'>): DuplicateMetrics {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 1)
  return {
    ...counts,
    sensitivity: share(truePositives, truePositives + falseNegatives),
    specificity: share(trueNegatives, trueNegatives + falsePositives),
    f1: share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  }
}

/** The confidence of a prediction, 0 … 1, and whether it was right. */
export interface Prediction {
  confidence: number
  isRight: boolean
}

/**
 * Expected calibration error (Naeini et al. 2015): predictions are sorted into `bins` of equal width by confidence; the result
 * is the mean, over predictions, of the distance between the mean confidence of their bin and its share of right ones.
 *
 * @returns 0 … 1; 0 without predictions.
 */
export function expectedCalibrationError(predictions: readonly Prediction[], bins = 10): number {
  const excess = new Float64Array(bins)
  for (const { confidence, isRight } of predictions)
    excess[Math.min(bins - 1, Math.floor(confidence * bins))]! += confidence - (isRight ? 1 : 0)
  return excess.reduce((sum, difference) => sum + Math.abs(difference), 0) / Math.max(1, predictions.length)
}
