import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { BenchOptions } from './bench-options.js'
import { embedSuite } from './embed-suite.js'
import { startupSuite } from './startup-suite.js'
import { printTable, type Row } from './table.js'

const suites: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = { embed: embedSuite, startup: startupSuite }

const usage = `npm run bench -- --suite ${Object.keys(suites).join('|')} [--data DIR] [--weights DIR] [--rounds N] [--json FILE]

  --data DIR      measuring data; the suite embed reads acl/ and scirepeval/ of it
  --weights DIR   published all-MiniLM-L6-v2; default weights/all-MiniLM-L6-v2 beside the data
  --rounds N      rounds of alternating runs, of which the median counts; default 3`

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: '' },
    data: { type: 'string' },
    weights: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
})
const suite = Object.hasOwn(suites, values.suite) ? suites[values.suite] : undefined
const rounds = Number(values.rounds)
if (!suite || !Number.isInteger(rounds) || rounds < 1) {
  console.error(usage)
  process.exit(2)
}
const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`
console.log(machine)
const rows = await suite({ data: values.data, weights: values.weights, rounds })
printTable(rows)
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ command: process.argv.slice(2).join(' '), machine, rows }, null, 2)}\n`)
process.exit(0)
