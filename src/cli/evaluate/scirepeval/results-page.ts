import type { Row } from '../../report.js'
import { PUBLISHED, TASKS } from './tasks.js'

/** How many values the published means have: S2AND, which is evaluated apart, is one of those outside of the training data. */
const PUBLISHED_COUNTS = 'In-Train 7, Out-of-Train 11, SciDocs 10, Average 28'

/** A page with all results, a column for each model, and the published figures. */
export function resultsPage(rows: readonly Row[], command: string): string {
  const models = [...new Set(rows.map(nameOf))]
  const lines = [...new Set(rows.map(({ set, metric }) => JSON.stringify([set, metric])))].map(
    (key) => JSON.parse(key) as [string, string],
  )
  const score = (set: string, metric: string, model: string) =>
    rows.find((row) => row.set === set && row.metric === metric && nameOf(row) === model)?.score
  const body = lines.map(([set, metric]) => [set, metric, ...models.map((model) => shown(score(set, metric, model)))])
  const missing = TASKS.filter(({ name }) => !rows.some((row) => row.set === name)).map(({ name }) => name)
  const names = ['model', 'inTrain', 'outOfTrain', 'average', 'mdcrMap', 'mdcrRecallAt5']
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>SciRepEval and MDCR</title>
<style>body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}th,td{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ddd}td:nth-child(n+3){text-align:right}</style>
<h1>SciRepEval and MDCR</h1>
<p>In percent. Printed by <code>${escapeHtml(command)}</code>.</p>
${table(['set', 'metric', ...models], body)}
<h2>Published figures</h2>
${table(
  ['model', 'In-Train', 'Out-of-Train', 'Average', 'MDCR MAP', 'MDCR recall@5'],
  PUBLISHED.map((row) => names.map((name) => (name === 'model' ? String(row[name]) : shown(row[name])))),
)}
<p>The published means have these numbers of values: ${PUBLISHED_COUNTS}. A mean of fewer is no mean to compare. S2AND is not evaluated here.
${missing.length > 0 ? `Not found in the data: ${escapeHtml(missing.join(', '))}.` : 'All other tasks were found.'}</p>
</html>
`
}

const nameOf = ({ model, dtype }: Row) => (dtype === '' ? String(model) : `${model} ${dtype}`)
const shown = (value: Row[string] | undefined) => (typeof value === 'number' ? value.toFixed(2) : '')
const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  return `<table>${line(names, 'th')}\n${rows.map((row) => line(row, 'td')).join('\n')}\n</table>`
}
