/**
 * Divides the steps of one text among threads that share an encoder's memory. All of them run the same list of steps; each step is
 * some independent jobs, which threads take until none is left. The thread that leads opens a step and waits for the jobs taken in
 * it, so that a helper may come late, or not at all.
 */
import { Specter2Error } from '../../core/errors.js'
import type { PackedAdapter } from './pack-encoder.js'

/** Runs `job` for all numbers below `count`, perhaps some of them elsewhere; ends when all have been run. */
export type Share = (count: number, job: (index: number) => void) => void

export const alone: Share = (count, job) => {
  for (let index = 0; index < count; index++) job(index)
}

/** Texts on their way through the layers: the work of one team of threads. */
export interface TeamCall {
  /** Tokens of each text; their ids lie in the memory. */
  lengths: readonly number[]
  adapter: PackedAdapter | null
  threads: number
  /** Number of the first step. */
  step: number
}

/** Threads that help with single texts. */
export interface Helpers {
  /** How many there are. */
  count: number
  /** Sends a call to each, for `WasmEncoder.help`. */
  call(call: TeamCall): void
}

// Indexes of int32 values of a team.
/** The step that is open and its next job: step · 256 + job. */
const STATE = 0
/** Jobs done in this step. */
const DONE = 1
export const TEAM_BYTES = 8

/** With more jobs in a step, the leader runs them all. */
const MOST_JOBS = 255
/** Looks at a value before the thread sleeps: some 20 µs, as long as waking it takes. */
const LOOKS = 2_000
/** A helper that waits longer for the next step has been left behind. */
const LEFT_MS = 1_000
/** No job takes so long: after this time the helper is considered dead. */
const DEAD_MS = 10_000

const stepOf = (state: number) => state >>> 8
/** How many steps a comes after b, though numbers start again after 2^24. */
const stepsAfter = (a: number, b: number) => ((a - b) << 8) >> 8
const nextStep = (step: number) => (step + 1) & 0xffffff

/** The side of the thread that leads. */
export class TeamLeader {
  readonly #team: Int32Array

  constructor(memory: WebAssembly.Memory, address: number) {
    this.#team = teamOf(memory, address)
  }

  /** The number of the next step. */
  get step(): number {
    return nextStep(stepOf(this.#team[STATE]!))
  }

  /** @throws Specter2Error `RUNTIME_FAILED` if a helper has died in a job: it may still write into the memory, which must be abandoned. */
  readonly share: Share = (count, job) => {
    if (count > MOST_JOBS) return alone(count, job)
    const team = this.#team
    const { step } = this
    Atomics.store(team, DONE, 0)
    Atomics.store(team, STATE, step << 8)
    Atomics.notify(team, STATE)
    takeJobs(team, step, count, job)
    for (let looks = 0; ; looks++) {
      const done = Atomics.load(team, DONE)
      if (done === count) return
      if (looks > LOOKS && Atomics.wait(team, DONE, done, DEAD_MS) === 'timed-out')
        throw new Specter2Error('RUNTIME_FAILED', 'A thread of the encoder has ended in the middle of a text.', {
          retryable: true,
          details: { device: 'wasm' },
        })
    }
  }
}

/** A helper's share of the steps of one text. @param step The first of them. */
export function helpersShare(memory: WebAssembly.Memory, address: number, step: number): Share {
  const team = teamOf(memory, address)
  let next = step
  let isLeft = false
  return (count, job) => {
    if (count > MOST_JOBS) return
    const own = next
    next = nextStep(next)
    for (let looks = 0; !isLeft; looks++) {
      const state = Atomics.load(team, STATE)
      const ahead = stepsAfter(stepOf(state), own)
      if (ahead >= 0) return ahead > 0 ? undefined : takeJobs(team, own, count, job)
      if (looks > LOOKS) isLeft = Atomics.wait(team, STATE, state, LEFT_MS) === 'timed-out'
    }
  }
}

function takeJobs(team: Int32Array, step: number, count: number, job: (index: number) => void): void {
  for (let state = Atomics.load(team, STATE); stepOf(state) === step && (state & 255) < count; ) {
    const found = Atomics.compareExchange(team, STATE, state, state + 1)
    if (found === state) {
      job(state & 255)
      Atomics.add(team, DONE, 1)
      Atomics.notify(team, DONE)
      state = Atomics.load(team, STATE)
    } else state = found
  }
}

const teamOf = ({ buffer }: WebAssembly.Memory, address: number) => new Int32Array(buffer, address, TEAM_BYTES / 4)
