import type { Row } from '../src/cli/report.js'
import { VectorIndex } from '../src/core/search/vector-index.js'
import type { Metric } from '../src/core/types.js'
import { aclVectors } from './acl-vectors.js'
import type { BenchOptions } from './bench-options.js'
import { differences } from './exactness.js'

const QUERIES = 10_000

/**
 * Compares the index with a scan in float64, on real vectors (ACL's abstracts by the default model in q8) with planted
 * duplicates and near duplicates, for 10,000 queries and by both metrics.
 */
export async function exactnessSuite(options: BenchOptions): Promise<Row[]> {
  const { vectors, model } = await aclVectors(options)
  const { dimension } = model
  return (['cosine', 'euclidean'] as const satisfies Metric[]).map((metric) => {
    const index = new VectorIndex({ dimension, metric })
    const { papers, wrong, searchMs, scanMs } = differences(index, vectors, QUERIES)
    return {
      name: `ours, ${metric}`,
      papers,
      dimension,
      queries: QUERIES,
      differences: wrong,
      meanMs: searchMs,
      scanMeanMs: scanMs,
    }
  })
}
