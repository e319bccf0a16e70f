import type { Row } from '../../report.js'
import { mean } from './rank-candidates.js'
import { TASKS, type TaskGroup } from './tasks.js'

/** Values of one model: of each published task that counts on its own. */
function taskValues(rows: readonly Row[], group: TaskGroup): number[] {
  return TASKS.filter((task) => task.group === group).flatMap(({ name, metrics, fewShot }) => {
    const of = (metric: string) => rows.filter((row) => row.set === name && row.metric === metric).map((row) => Number(row.score))
    if (fewShot) return of(`${metrics[0]}, mean of all`)
    const values = metrics.flatMap(of)
    return group === 'SciDocs' || values.length === 0 ? values : [mean(values)]
  })
}

/**
 * Means as the published tables have them, for each model: of the tasks in the training data, of the others, of SciDocs, and of all
 * values.
 */
export function groupMeans(rows: readonly Row[]): Row[] {
  const models = new Map(rows.map(({ model, dtype }) => [`${model} ${dtype}`, { model: model!, dtype: dtype! }]))
  return [...models.values()].flatMap(({ model, dtype }) => {
    // BM25 has no row for tasks with labels: a mean of the rest would be compared with what it is not.
    if (model === 'BM25') return []
    const own = rows.filter((row) => row.model === model && row.dtype === dtype)
    const groups = (['In-Train', 'Out-of-Train', 'SciDocs'] as const).map((group) => [group, taskValues(own, group)] as const)
    return [...groups, ['Average', groups.flatMap(([, values]) => values)] as const].flatMap(([group, values]) =>
      values.length === 0
        ? []
        : [{ set: group, format: '', model, dtype, adapter: '', metric: `mean of ${values.length}`, score: mean(values) }],
    )
  })
}
