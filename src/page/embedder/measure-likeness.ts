import type { LikenessScale } from '../../core/search/likeness.js'
import { idbStore } from '../../storage/key-value-store.js'
import type { Embedder } from './embedder.js'

type MeasuredEmbedder = Pick<Embedder, 'info' | 'embed' | 'embedQuery'>

/**
 * The scale of an embedder's model: as stored by an earlier visit, or measured with some hundred short texts and stored. For model folders
 * whose manifest has none, or none for these adapters.
 *
 * @throws what embedding throws.
 */
export async function measureLikeness(embedder: MeasuredEmbedder): Promise<LikenessScale> {
  const { metric, defaultAdapter, queryAdapter, model, dtype } = embedder.info
  const key = `likeness:${JSON.stringify([model.id, model.revision, dtype, defaultAdapter, queryAdapter])}`
  const store = idbStore()
  const stored = await store.get(key).catch(() => undefined)
  if (stored !== undefined) return stored as LikenessScale
  const { PROBE_TEXTS, scaleOf } = await import('../../core/search/likeness-probes.js')
  const { vectors, count, dimension } = await embedder.embed(PROBE_TEXTS.papers)
  const papers = Array.from({ length: count }, (_, row) => vectors.subarray(row * dimension, (row + 1) * dimension))
  const queries: Float32Array[] = []
  for (const query of PROBE_TEXTS.queries) queries.push(await embedder.embedQuery(query))
  const scale = scaleOf(papers, queries, metric, { paper: defaultAdapter, query: queryAdapter })
  // Without storage it is measured again at the next visit.
  await store.set(key, scale).catch(() => {})
  return scale
}
