import { parseArgs } from 'node:util'
import { formatTable, machine, type Row, writeRows } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { convertSuite } from './convert-suite.js'
import { coresSuite } from './cores-suite.js'
import { duplicatesSuite } from './duplicates-suite.js'
import { embedSuite } from './embed-suite.js'
import { exactnessSuite } from './exactness-suite.js'
import { headsSuite } from './heads-suite.js'
import { indexSuite } from './index-suite.js'
import { nodeSuite } from './node-suite.js'
import { pageSuite } from './page-suite.js'
import { quantizationSuite } from './quantization-suite.js'
import { readCasesSuite } from './read-cases-suite.js'
import { readFieldsSuite } from './read-fields-suite.js'
import { readFilesSuite } from './read-files-suite.js'
import { readAsChild, readSuite } from './read-suite.js'
import { searchSuite } from './search-suite.js'
import { serveSuite } from './serve-suite.js'
import { startupSuite } from './startup-suite.js'

const suites: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = {
  embed: embedSuite,
  node: nodeSuite,
  startup: startupSuite,
  convert: convertSuite,
  cores: coresSuite,
  quantization: quantizationSuite,
  search: searchSuite,
  exactness: exactnessSuite,
  index: indexSuite,
  page: pageSuite,
  read: readSuite,
  'read-files': readFilesSuite,
  'read-fields': readFieldsSuite,
  'read-cases': readCasesSuite,
  duplicates: duplicatesSuite,
  heads: headsSuite,
  serve: serveSuite,
}

const usage = `npm run bench -- --suite ${Object.keys(suites).join('|')} [--data DIR] [--weights DIR] [--model DIR] [--papers N] [--rounds N] [--dtype LIST] [--json FILE]

  --data DIR      benchmark data: acl/ for the suites embed, cores, exactness, index and page, scirepeval/ for embed,
                  scifact/ for quantization and node, bibliographies/ for read-files and read-fields; for read-cases a
                  folder of inputs, each with its NAME.expected.json
                  scifact/ for quantization, bibliographies/ for read-files and read-fields; for read-cases a
                  folder of inputs, each with its NAME.expected.json; for serve the folder of its table
  --weights DIR   published all-MiniLM-L6-v2; default weights/all-MiniLM-L6-v2 beside the data
  --model DIR     for cores: a converted model with q8 and q4; for startup and node: one with q8; default the package's own
  --dtype LIST    for convert: the dtypes to convert to; default q8
  --papers N      number of papers: embed (default 400, and 100 for SPECTER2's size), search (default 10,000, 100,000 and
                  300,000), quantization (default 2000), heads (default 10,000), duplicates (default 10,000 and 50,000), exactness, index and page
                  (default all)
  --rounds N      rounds of alternating runs, whose median counts; default 3`

// The suite `read` starts this program again for each reader.
if (await readAsChild()) process.exit(0)

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: '' },
    data: { type: 'string' },
    weights: { type: 'string' },
    model: { type: 'string' },
    papers: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    dtype: { type: 'string', default: 'q8' },
    json: { type: 'string' },
  },
})
const suite = Object.hasOwn(suites, values.suite) ? suites[values.suite] : undefined
const [rounds, papers] = [Number(values.rounds), values.papers === undefined ? undefined : Number(values.papers)]
if (!suite || ![rounds, papers ?? 1].every((count) => Number.isInteger(count) && count >= 1)) {
  console.error(usage)
  process.exit(2)
}
console.log(machine())
const rows = await suite({
  data: values.data,
  weights: values.weights,
  model: values.model,
  papers,
  rounds,
  dtypes: values.dtype.split(','),
})
console.log(formatTable(rows))
await writeRows(values.json, `bench ${process.argv.slice(2).join(' ')}`, rows)
process.exit(0)
