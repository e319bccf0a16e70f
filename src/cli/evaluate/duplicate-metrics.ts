/** How good a deduplication is, by the records it would remove, as BibDedupe and ASySD count. */
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
 * Each group that was found keeps its first record and removes the others. Of a true group all but one may go: a removal is right
 * as long as one stays, and a work of which none stays is one false positive.
 *
 * @param trueGroups The true group of each record by its id; a record without duplicates has a group of its own.
 * @param found Groups of ids, first the one that is kept.
 */
export function duplicateMetrics(trueGroups: ReadonlyMap<string, string>, found: Iterable<readonly string[]>): DuplicateMetrics {
  const records = new Map<string, number>()
  for (const group of trueGroups.values()) records.set(group, (records.get(group) ?? 0) + 1)
  const removed = new Map<string, number>()
  const gone = new Set<string>()
  for (const [, ...others] of found)
    for (const id of others) {
      const group = trueGroups.get(id)
      if (group === undefined || gone.has(id)) continue
      gone.add(id)
      removed.set(group, (removed.get(group) ?? 0) + 1)
    }
  let truePositives = 0
  let falsePositives = 0
  let falseNegatives = 0
  for (const [group, count] of records) {
    const away = removed.get(group) ?? 0
    if (away === count) falsePositives++
    truePositives += Math.min(away, count - 1)
    falseNegatives += Math.max(0, count - 1 - away)
  }
  const trueNegatives = records.size - falsePositives
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 1)
  return {
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
    sensitivity: share(truePositives, truePositives + falseNegatives),
    specificity: share(trueNegatives, trueNegatives + falsePositives),
    f1: share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  }
}
