import { join } from 'node:path'
import { InvalidArgumentError } from '../../core/errors.js'
import { TIERS } from '../../core/kernels/encoder-tiers.js'
import type { EngineChoice } from '../../core/types.js'
import { listOf, modelDtypes, oneOf, parseCommand, threadCount, wholeNumber } from '../arguments.js'
import { requireParentFolder, writeWholeFile } from '../files.js'
import { openLocalModel } from '../local-model.js'
import type { Output } from '../output.js'
import { formatTable, machine, type Row, writeRows } from '../report.js'
import { readBeirFolder } from './beir-folder.js'
import { SET_FIELDS, type SetField } from './duplicate-set.js'
import { evaluateClassification } from './evaluate-classification.js'
import { evaluateDuplicates } from './evaluate-duplicates.js'
import { evaluatePairs } from './evaluate-pairs.js'
import { evaluateScreening, readQuestions, type ScreeningStart } from './evaluate-screening.js'
import { evaluateLexical, evaluateVectors, type SearchMode } from './evaluate-search.js'
import { evaluateSciRepEval } from './scirepeval/evaluate-scirepeval.js'
import { resultsPage } from './scirepeval/results-page.js'

const TASKS = ['search', 'scirepeval', 'classification', 'duplicates', 'pairs', 'screening'] as const
const ENGINES = ['auto', 'own', 'portable', 'transformers'] as const satisfies EngineChoice[]
const STARTS = ['priors', 'question', 'random'] as const satisfies ScreeningStart[]
const MODES = ['lexical', 'semantic', 'hybrid'] as const satisfies SearchMode[]

export const evaluateUsage = `specter2-web evaluate --task ${TASKS.join('|')} --data <folder> [options]

Evaluates one of:
  search           a collection with relevance judgements: nDCG@10, MAP and recall@100 of exact rankings of the whole corpus
  scirepeval       the tasks of SciRepEval, MDCR, and files of queries with judged candidates, by the published protocol; in percent
  classification   macro F1 and accuracy of linear classifiers on vectors, in five folds
  duplicates       sensitivity, specificity, F1 and false positives, counted in removable records, by each preset, without
                   vectors and with
  pairs            pairs that are the same paper or not: F1, precision and recall
  screening        reviews, screened by a simulated reviewer: work saved over sampling at 95 % recall, recall when 10 % are read,
                   ASReview's loss, seconds of a simulation; means over the seeds

  --data DIR       a BEIR folder: corpus.jsonl, queries*.jsonl, qrels*.tsv or qrels/*.tsv; for scirepeval a folder with scirepeval
                   and scirepeval_test as published, mdcr_test.json, or *.jsonl and *.json with query and candidates; for
                   classification a folder of *.jsonl with title, abstract and a label; for duplicates a folder of *.jsonl
                   with the true group as cluster, or the flag duplicate; for pairs a folder of *.valid.txt or *.test.txt as DeepMatcher has them;
                   for screening a folder of *.jsonl with included
  --label FIELD    of a classification; default included
  --out DIR        of scirepeval: keeps results and vectors there, goes on after an interruption, and writes index.html, a page of
                   the results beside the published figures
  --vectors no     duplicates or screening without vectors only
  --seeds N        simulations of each review, by the seeds 0, 1 …; default 10
  --start LIST     screening from ${STARTS.join(', ')}: one included and one excluded paper (those of ASReview's simulation
                   for the seed), the review's question, or nothing; default priors, and question if there are any
  --questions FILE questions of reviews, {"set": "question", …}
  --without LIST   duplicates without these fields: ${Object.keys(SET_FIELDS).join(', ')}
  --split NAME     which of several qrels; default test
  --model FOLDER   a converted model; default minilm, the package's own
  --dtype LIST     a row for each; default q8 if the model has it
  --engine NAME    auto, own, portable or transformers; default auto
  --tier LIST      a row for each of ${TIERS.join(', ')}: how the own encoder multiplies; default the fastest of this CPU
  --mode LIST      a row for each of ${MODES.join(', ')}; default all
  --cache DIR      stores vectors, so that the next evaluation of the same texts is fast
  --threads N      default: all cores up to 8
  --json FILE      also writes the rows as JSON`

export async function evaluateCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<void> {
  const { values } = parseCommand(args, {
    task: { type: 'string' },
    data: { type: 'string' },
    split: { type: 'string' },
    model: { type: 'string', default: 'minilm' },
    dtype: { type: 'string' },
    engine: { type: 'string', default: 'auto' },
    tier: { type: 'string' },
    mode: { type: 'string', default: MODES.join(',') },
    cache: { type: 'string' },
    threads: { type: 'string' },
    json: { type: 'string' },
    vectors: { type: 'string', default: 'yes' },
    without: { type: 'string' },
    label: { type: 'string', default: 'included' },
    out: { type: 'string' },
    seeds: { type: 'string', default: '10' },
    start: { type: 'string', default: 'priors,question' },
    questions: { type: 'string' },
  })
  const task = oneOf('--task', values.task ?? '', TASKS)
  const modes = listOf('--mode', values.mode, MODES)
  const engine = oneOf('--engine', values.engine, ENGINES)
  const tiers = values.tier === undefined ? [undefined] : listOf('--tier', values.tier, TIERS)
  const withVectors = oneOf('--vectors', values.vectors, ['yes', 'no']) === 'yes'
  const without = values.without === undefined ? [] : listOf('--without', values.without, Object.keys(SET_FIELDS) as SetField[])
  const { data, cache: cacheFolder } = values
  if (data === undefined) throw new InvalidArgumentError('--data', data, task === 'search' ? 'a BEIR folder' : 'a folder')
  const seeds = wholeNumber('--seeds', values.seeds, 1)
  const starts = listOf('--start', values.start, STARTS)
  const threads = threadCount(values.threads)
  await requireParentFolder('--json', values.json)

  const needsModel =
    ['search', 'scirepeval', 'classification'].includes(task) || (['duplicates', 'screening'].includes(task) && withVectors)
  const folder = needsModel ? await openLocalModel(values.model) : null
  const models = folder
    ? modelDtypes(values.dtype, folder.manifest).flatMap((dtype) =>
        tiers.map((tier) => ({ folder, dtype, engine, tier, threads, cacheFolder, output, signal })),
      )
    : []

  const rows: Row[] = []
  if (task === 'classification') rows.push(...(await evaluateClassification(data, values.label, models)))
  else if (task === 'scirepeval') {
    output.print(machine())
    rows.push(...(await evaluateSciRepEval(data, models, { out: values.out, output, signal })))
    const page = resultsPage(rows, `specter2-web evaluate ${args.join(' ')}`)
    if (values.out !== undefined) await writeWholeFile(join(values.out, 'index.html'), [page])
  } else if (task === 'pairs') rows.push(...(await evaluatePairs(data, signal)))
  else if (task === 'duplicates') {
    output.print(machine())
    rows.push(...(await evaluateDuplicates(data, without, models[0], { output, signal })))
  } else if (task === 'screening') {
    const questions = values.questions === undefined ? new Map() : await readQuestions(values.questions)
    output.print(machine())
    for (const model of withVectors ? models : [undefined])
      rows.push(...(await evaluateScreening(data, model, { starts, seeds, questions, output, signal })))
  } else {
    const collection = await readBeirFolder(data, values.split)
    if (collection.missing > 0)
      output.warn(`${collection.missing} judged documents are not in the corpus; they count as not found.`)
    output.print(machine())
    if (modes.includes('lexical')) rows.push(await evaluateLexical(collection, signal))
    const byVectors = modes.filter((mode) => mode !== 'lexical')
    if (byVectors.length > 0) for (const model of models) rows.push(...(await evaluateVectors(collection, byVectors, model)))
  }
  output.print(formatTable(rows))
  await writeRows(values.json, `evaluate ${args.join(' ')}`, rows)
}
