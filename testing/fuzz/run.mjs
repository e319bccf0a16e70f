import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/** `npm run fuzz`: hostile input for each reader, for as many minutes as are given, with another seed each day. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
  },
})
const env = {
  ...process.env,
  FUZZ_MINUTES: values.minutes,
  FUZZ_SEED: values.seed,
  ...(values.target && { FUZZ_TARGET: values.target }),
}
const args = ['vitest', 'run', '--maxWorkers=1', '--disable-console-intercept', 'testing/fuzz']
process.exit(spawnSync('npx', args, { stdio: 'inherit', env }).status ?? 1)
