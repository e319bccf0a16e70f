import { parseArgs } from 'node:util'
import { machine, printTable, type Row, writeRows } from '../src/cli/report.js'
import type { BenchOptions } from './bench-options.js'
import { convertSuite } from './convert-suite.js'
import { coresSuite } from './cores-suite.js'
import { duplicatesSuite } from './duplicates-suite.js'
import { embedSuite } from './embed-suite.js'
import { exactnessSuite } from './exactness-suite.js'
import { indexSuite } from './index-suite.js'
import { pageSuite } from './page-suite.js'
import { papersFieldsSuite } from './papers-fields.js'
import { papersFilesSuite } from './papers-files.js'
import { papersSuite, readAsChild } from './papers-suite.js'
import { quantizationSuite } from './quantization-suite.js'
import { searchSuite } from './search-suite.js'
import { startupSuite } from './startup-suite.js'

const suites: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = {
  embed: embedSuite,
  startup: startupSuite,
  convert: convertSuite,
  cores: coresSuite,
  quantization: quantizationSuite,
  search: searchSuite,
  exactness: exactnessSuite,
  index: indexSuite,
  page: pageSuite,
  read: papersSuite,
  'read-files': papersFilesSuite,
  'read-fields': papersFieldsSuite,
  duplicates: duplicatesSuite,
}

const usage = `npm run bench -- --suite ${Object.keys(suites).join('|')} [--data DIR] [--weights DIR] [--model DIR] [--papers N] [--rounds N] [--dtype LIST] [--json FILE]

  --data DIR      measuring data; the suites embed, cores, exactness, index and page read acl/ of it, embed scirepeval/ too,
                  quantization scifact/, read-files and read-fields bibliographies/
  --weights DIR   published all-MiniLM-L6-v2; default weights/all-MiniLM-L6-v2 beside the data
  --model DIR     a converted folder with q8 and q4 for the suite cores; default the package's own
  --dtype LIST    what the suite convert makes of published files of SPECTER2's size; default q8
  --papers N      how many the suites quantization (default 2000), duplicates (default 10,000 and 50,000), exactness,
                  index and page (default all) take
  --rounds N      rounds of alternating runs, of which the median counts; default 3`

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
printTable(rows)
if (values.json) await writeRows(values.json, `bench ${process.argv.slice(2).join(' ')}`, rows)
process.exit(0)
