import { parseArgs } from 'node:util'
import { InvalidArgumentError } from '../errors.js'
import type { Dtype } from '../types.js'
import { readBeirFolder } from './beir-folder.js'
import { evaluateLexical, evaluateVectors, type SearchMode } from './evaluate-search.js'
import { openLocalModel } from './local-model.js'
import { dtypeList, oneOf, wholeNumber } from './option-values.js'
import { ProgressLine } from './progress-line.js'
import { checkReportFile, machine, printTable, type Row, writeRows } from './report.js'

const TASKS = ['search'] as const
const MODES = ['lexical', 'semantic', 'hybrid'] as const satisfies SearchMode[]
/** Planned, so that a call for one gets a better answer than a list. */
const LATER: readonly string[] = ['duplicates', 'pairs']

export const evaluateUsage = `specter2-web evaluate --task ${TASKS.join('|')} --data <folder> [options]

Measures a search on a collection with judgements: nDCG@10, MAP and recall@100 over the whole corpus, ranked exactly.

  --data DIR       a BEIR folder: corpus.jsonl, queries*.jsonl, qrels*.tsv or qrels/*.tsv
  --split NAME     which of several qrels; default test
  --model FOLDER   a converted model; default minilm, the package's own
  --dtype LIST     a row for each; default q8 where the folder has it
  --mode LIST      a row for each of ${MODES.join(', ')}; default all
  --cache DIR      keeps vectors, so that the next evaluation of the same texts is quick
  --threads N      default: all cores up to 8
  --json FILE      writes the rows there, too`

export async function evaluateCommand(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      task: { type: 'string' },
      data: { type: 'string' },
      split: { type: 'string' },
      model: { type: 'string', default: 'minilm' },
      dtype: { type: 'string' },
      mode: { type: 'string', default: MODES.join(',') },
      cache: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'string' },
    },
  })
  oneOfToday('--task', values.task, TASKS)
  const modes = [...new Set(values.mode.split(',').map((mode) => oneOf('--mode', mode, MODES)))]
  const byVectors = modes.filter((mode) => mode !== 'lexical')
  if (values.data === undefined) throw new InvalidArgumentError('--data', values.data, 'a BEIR folder')
  const given = values.dtype === undefined ? undefined : dtypeList('--dtype', values.dtype)
  const threads = values.threads === undefined ? undefined : wholeNumber('--threads', values.threads, 1)
  await checkReportFile(values.json)

  const collection = await readBeirFolder(values.data, values.split)
  if (collection.missing > 0)
    console.error(`${collection.missing} judged documents are not in the corpus; they count as not found.`)
  const folder = await openLocalModel(values.model)
  const has = Object.keys(folder.manifest.dtypes) as Dtype[]
  const dtypes = given ?? [has.includes('q8') ? 'q8' : has[0]!]
  const lacking = dtypes.find((dtype) => !has.includes(dtype))
  if (lacking) oneOf('--dtype', lacking, has)

  console.log(machine())
  const rows: Row[] = []
  const line = new ProgressLine()
  try {
    if (modes.includes('lexical')) rows.push(await evaluateLexical(collection, signal))
    if (byVectors.length > 0)
      for (const dtype of dtypes) {
        const options = { collection, folder, dtype, modes: byVectors, threads, cacheFolder: values.cache, line, signal }
        rows.push(...(await evaluateVectors(options)))
      }
  } finally {
    line.end()
  }
  printTable(rows)
  if (values.json) await writeRows(values.json, `evaluate ${args.join(' ')}`, rows)
}

function oneOfToday(field: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && allowed.includes(value)) return
  const later = value !== undefined && LATER.includes(value)
  throw new InvalidArgumentError(field, value, `${allowed.join(', ')}${later ? ' in this version' : ''}`)
}
