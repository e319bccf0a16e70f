import { InvalidArgumentError } from '../errors.js'
import type { Metric, ModelStamp } from '../types.js'

/** The model of vectors that others have computed: its id, and what else is known of its stamp. */
export type GivenModel = Pick<ModelStamp, 'id'> & Partial<ModelStamp>

/** Revisions of models that are not of a model folder. */
const REVISIONS: readonly string[] = ['unknown', 'semantic-scholar']

/** Whether vectors with this stamp were computed elsewhere, so that an embedder has to show that its own are the same. */
export const isGivenModel = ({ revision }: Pick<ModelStamp, 'revision'>) => REVISIONS.includes(revision)

/** Models by the names that sources of vectors give them. */
const KNOWN: readonly (readonly [name: RegExp, stamp: GivenModel])[] = [
  [
    /^specter_?v?2(?:@.*)?$/i,
    { id: 'allenai/specter2_base', revision: 'semantic-scholar', adapter: 'proximity', dimension: 768, metric: 'euclidean' },
  ],
  // Semantic Scholar says that these are not those of the published model allenai/specter.
  [
    /^specter(?:_?v?1)?(?:@.*)?$/i,
    { id: 'semantic-scholar/specter_v1', revision: 'semantic-scholar', adapter: 'base', dimension: 768, metric: 'euclidean' },
  ],
  [/^(?:intfloat\/)?multilingual-e5-small$/i, { id: 'intfloat/multilingual-e5-small', dimension: 384, metric: 'cosine' }],
  [
    /^(?:sentence-transformers\/)?all-MiniLM-L6-v2$/i,
    { id: 'sentence-transformers/all-MiniLM-L6-v2', dimension: 384, metric: 'cosine' },
  ],
]

/** Vectors that differ from length 1 by more are not normalized. */
const UNIT_TOLERANCE = 0.01

/**
 * The stamp of given vectors. What the caller does not say is `unknown`, so that they are never taken for those of another model.
 *
 * @param model By name or with what is known of it.
 * @param rows Some of the vectors.
 * @throws InvalidArgumentError if the dimension is another than the model's, or the metric cannot be told.
 */
export function givenStamp(model: string | GivenModel, dimension: number, rows: readonly ArrayLike<number>[]): ModelStamp {
  const said = typeof model === 'string' ? { id: model } : model
  if (typeof said?.id !== 'string' || said.id === '')
    throw new InvalidArgumentError('model', model, 'the name of the model that made the vectors, or { id, metric }')
  const known = KNOWN.find(([name]) => name.test(said.id))?.[1]
  const all = { revision: 'unknown', dtype: 'fp32' as const, adapter: 'base', ...known, ...said, ...(known && { id: known.id }) }
  if (all.dimension !== undefined && all.dimension !== dimension)
    throw new InvalidArgumentError('vectors.dimension', dimension, `${all.dimension}, the dimension of ${said.id}`)
  return { ...all, dimension, metric: all.metric ?? metricOf(rows) }
}

/** Of vectors of length 1, both metrics rank alike; of others, only the caller knows. */
function metricOf(rows: readonly ArrayLike<number>[]): Metric {
  if (rows.every((row) => Math.abs(norm(row) - 1) < UNIT_TOLERANCE)) return 'cosine'
  throw new InvalidArgumentError('model.metric', undefined, 'euclidean or cosine, since the vectors are not of length 1')
}

function norm(row: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < row.length; index++) sum += row[index]! ** 2
  return Math.sqrt(sum)
}
