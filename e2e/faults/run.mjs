import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** `npm run faults`: runs the fault tests with more rounds, and prints a table. */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, json: { type: 'string' } },
})
const env = {
  ...process.env,
  FAULT_ROUNDS: values.rounds,
  FAULT_SEED: values.seed,
  ...(values.json && { FAULTS_JSON: resolve(values.json) }),
}
const args = ['playwright', 'test', 'e2e/faults', '--reporter=./e2e/faults/table-reporter.ts']
process.exit(spawnSync('npx', args, { stdio: 'inherit', env }).status ?? 1)
