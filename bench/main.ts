import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { machine, printTable, type Row, writeRows } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { convertSuite } from './convert-suite.js'
import { duplicatesSuite } from './duplicates-suite.js'
import { duplicatesWorker } from './duplicates-worker.js'
import { embedSuite } from './embed-suite.js'
import { startupSuite } from './startup-suite.js'

const suites: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = {
  embed: embedSuite,
  startup: startupSuite,
  convert: convertSuite,
  duplicates: duplicatesSuite,
}

if (!isMainThread) await duplicatesWorker()

const usage = `npm run bench -- --suite ${Object.keys(suites).join('|')} [--data DIR] [--weights DIR] [--rounds N] [--dtype LIST] [--json FILE]

  --data DIR      measuring data; the suite embed reads acl/ and scirepeval/ of it
  --weights DIR   published all-MiniLM-L6-v2; default weights/all-MiniLM-L6-v2 beside the data
  --dtype LIST    what the suite convert makes of published files of SPECTER2's size; default q8
  --papers N      of the suite duplicates; default 10,000 and 50,000
  --rounds N      rounds of alternating runs, of which the median counts; default 3`

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: '' },
    data: { type: 'string' },
    weights: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    dtype: { type: 'string', default: 'q8' },
    papers: { type: 'string' },
    json: { type: 'string' },
  },
})
const suite = Object.hasOwn(suites, values.suite) ? suites[values.suite] : undefined
const rounds = Number(values.rounds)
if (!suite || !Number.isInteger(rounds) || rounds < 1) {
  console.error(usage)
  process.exit(2)
}
console.log(machine())
const papers = values.papers === undefined ? undefined : Number(values.papers)
const rows = await suite({ papers, data: values.data, weights: values.weights, rounds, dtypes: values.dtype.split(',') })
printTable(rows)
if (values.json) await writeRows(values.json, `bench ${process.argv.slice(2).join(' ')}`, rows)
process.exit(0)
