import { pauses } from '../async/pauses.js'

/** Runs a solver to its end at once: for small problems, such as the papers that a reader has labelled. */
export function runSteps<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/**
 * Runs a solver with a pause every 40 ms.
 *
 * @throws the signal's reason.
 */
export async function runStepsWithPauses<T>(steps: Generator<void, T, void>, signal: AbortSignal | undefined): Promise<T> {
  const pause = pauses(signal)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await pause()
  }
}
