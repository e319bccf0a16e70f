/** Measures of a search, as trec_eval computes them, so that they can be compared with published figures. */

/** Grades of one query's documents by id; documents with a grade of 0 or less, or without one, are not relevant. */
export type Judgements = ReadonlyMap<string, number>

/** A query's document ids, best first, each once. */
export type Ranking = readonly string[]

/**
 * nDCG of the first `depth` documents: the sum of grade / log2(rank + 1), over the same sum of the best ranking possible
 * (Järvelin and Kekäläinen 2002, with trec_eval's linear gain). Judged documents that the ranking lacks count in the latter.
 *
 * @returns 0 … 1; 0 if nothing is relevant.
 */
export function ndcg(ranking: Ranking, judgements: Judgements, depth: number): number {
  const gain = (grades: readonly number[]) =>
    grades.slice(0, depth).reduce((sum, grade, index) => sum + Math.max(0, grade) / Math.log2(index + 2), 0)
  const ideal = gain([...judgements.values()].sort((a, b) => b - a))
  return ideal > 0 ? gain(ranking.slice(0, depth).map((id) => judgements.get(id) ?? 0)) / ideal : 0
}

/**
 * The mean, over all relevant documents, of the precision at the document's rank; it is 0 for a relevant document that the
 * ranking lacks. The mean of this over queries is MAP.
 *
 * @returns 0 … 1; 0 if nothing is relevant.
 */
export function averagePrecision(ranking: Ranking, judgements: Judgements): number {
  let found = 0
  let sum = 0
  for (const [index, id] of ranking.entries()) {
    if (!isRelevant(judgements, id)) continue
    found++
    sum += found / (index + 1)
  }
  return sum / Math.max(1, relevantCount(judgements))
}

/**
 * The share of the relevant documents that are among the first `depth`.
 *
 * @returns 0 … 1; 0 if nothing is relevant.
 */
export function recall(ranking: Ranking, judgements: Judgements, depth: number): number {
  const found = ranking.slice(0, depth).filter((id) => isRelevant(judgements, id)).length
  return found / Math.max(1, relevantCount(judgements))
}

function isRelevant(judgements: Judgements, id: string): boolean {
  return (judgements.get(id) ?? 0) > 0
}

function relevantCount(judgements: Judgements): number {
  return [...judgements.values()].filter((grade) => grade > 0).length
}
