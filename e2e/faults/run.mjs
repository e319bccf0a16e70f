import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** `npm run faults`: runs every fault, and more rounds than the tests, and prints a table. `--soak` runs hours of work instead. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    soak: { type: 'boolean' },
    grep: { type: 'string' },
  },
})
const env = {
  ...process.env,
  FAULT_ROUNDS: values.rounds,
  FAULT_SEED: values.seed,
  ...(values.soak && { SOAK: '1' }),
  ...(values.json && { FAULTS_JSON: resolve(values.json) }),
}
const args = [
  'playwright',
  'test',
  `e2e/faults/${values.soak ? 'soak' : ''}`,
  '--reporter=./e2e/faults/table-reporter.ts',
  ...(values.grep ? ['--grep', values.grep] : []),
]
process.exit(spawnSync('npx', args, { stdio: 'inherit', env }).status ?? 1)
