import { parseArgs } from 'node:util'
import { InvalidArgumentError } from '../../core/errors.js'
import type { Dtype } from '../../core/types.js'
import { openLocalModel } from '../local-model.js'
import { dtypeList, oneOf, wholeNumber } from '../option-values.js'
import { ProgressLine } from '../progress-line.js'
import { checkReportFile, machine, printTable, type Row, writeRows } from '../report.js'
import { readBeirFolder } from './beir-folder.js'
import { evaluateDuplicates } from './evaluate-duplicates.js'
import { evaluatePairs } from './evaluate-pairs.js'
import { evaluateLexical, evaluateVectors, type SearchMode } from './evaluate-search.js'

const TASKS = ['search', 'duplicates', 'pairs'] as const
const MODES = ['lexical', 'semantic', 'hybrid'] as const satisfies SearchMode[]

export const evaluateUsage = `specter2-web evaluate --task ${TASKS.join('|')} --data <folder> [options]

Measures a search on a collection with judgements: nDCG@10, MAP and recall@100 over the whole corpus, ranked exactly. Or
duplicates: sensitivity, specificity, F1 and false positives, counted in removable records, by each preset, without vectors
and with. Or pairs that are the same or not: F1, precision and recall.

  --data DIR       a BEIR folder: corpus.jsonl, queries*.jsonl, qrels*.tsv or qrels/*.tsv; for duplicates a folder of *.jsonl
                   with the true group as cluster, for pairs of *.valid.txt or *.test.txt as of DeepMatcher
  --vectors no     duplicates without vectors only
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
      vectors: { type: 'string', default: 'yes' },
    },
  })
  if (!TASKS.some((task) => task === values.task)) throw new InvalidArgumentError('--task', values.task, TASKS.join(', '))
  const modes = [...new Set(values.mode.split(',').map((mode) => oneOf('--mode', mode, MODES)))]
  const byVectors = modes.filter((mode) => mode !== 'lexical')
  oneOf('--vectors', values.vectors, ['yes', 'no'])
  if (values.data === undefined)
    throw new InvalidArgumentError('--data', values.data, values.task === 'search' ? 'a BEIR folder' : 'a folder')
  const given = values.dtype === undefined ? undefined : dtypeList('--dtype', values.dtype)
  const threads = values.threads === undefined ? undefined : wholeNumber('--threads', values.threads, 1)
  await checkReportFile(values.json)
  const line = new ProgressLine()
  const finish = async (rows: readonly Row[]) => {
    printTable(rows)
    if (values.json) await writeRows(values.json, `evaluate ${args.join(' ')}`, rows)
  }
  if (values.task === 'pairs') return finish(await evaluatePairs(values.data, signal))
  if (values.task === 'duplicates') {
    console.log(machine())
    const folder = values.vectors === 'no' ? null : await openLocalModel(values.model)
    const dtype = given?.[0] ?? (folder && !folder.manifest.dtypes.q8 ? (Object.keys(folder.manifest.dtypes)[0] as Dtype) : 'q8')
    return finish(
      await evaluateDuplicates({ data: values.data, folder, dtype, threads, cacheFolder: values.cache, line, signal }),
    )
  }

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
  await finish(rows)
}
