import fc from 'fast-check'
import { test } from 'vitest'
import { TARGETS } from './targets.js'

/** `npm run fuzz` sets these. */
const { FUZZ_MINUTES, FUZZ_TARGET, FUZZ_SEED } = process.env
const minutes = Number(FUZZ_MINUTES ?? 0)
const targets = Object.entries(TARGETS).filter(([name]) =>
  FUZZ_TARGET === undefined ? minutes > 0 || TARGETS[name]!.runs > 0 : name === FUZZ_TARGET,
)

test.each(targets)(
  '%s: hostile input ends in a result or a typed error',
  { timeout: (minutes + 1) * 60_000 },
  async (name, { runs, create }) => {
    const limits = minutes > 0 ? { numRuns: 1e9, interruptAfterTimeLimit: minutes * 60_000 } : { numRuns: runs }
    const details = await fc.check(await create(), { seed: Number(FUZZ_SEED ?? 1), ...limits })
    if (minutes > 0) console.log(`fuzz ${name} ${details.numRuns}`)
    const { failed, interrupted, errorInstance, counterexample, counterexamplePath } = details
    if (!failed || interrupted) return
    throw new Error(`${JSON.stringify(counterexample)?.slice(0, 3000)} at ${counterexamplePath}`, { cause: errorInstance })
  },
)
