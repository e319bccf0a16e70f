import { instantiate, type SharedKernels, type WasmKernels } from './wasm-kernels.js'

/** Addresses of some rows, of the query to multiply them by, and of the products to write. */
export interface ScanJob {
  rows: number
  count: number
  query: number
  out: number
}

/** The argument of {@link scanThread}, which each thread receives. */
export interface ScanSetup {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
}
/** Starts threads that each call {@link scanThread} with the setup and end when it returns. */
export type StartThreads = (setup: ScanSetup) => void

// Indexes of int32 values at the beginning of the memory.
/** Number of the current round; grows with every call that threads may join. */
const ROUND = 0
/** 1 while there may be jobs that no thread has taken. */
const OPEN = 1
/** The next job that no thread has taken. */
const NEXT = 2
/** How many threads may be working on a job. */
const BUSY = 3
/** How many threads wait for a round or take part in one. */
const ALIVE = 4
const JOBS = 5
const STRIDE = 6
/**
 * Address of the jobs, [jobs, 4] uint32: near the beginning of the memory, since a thread may not see at once that it has grown.
 */
const TABLE = 64
const JOB_VALUES = 4
const MOST_JOBS = 4096
/** Bytes at the beginning of the memory that coordinate the threads. */
export const SCAN_BYTES = TABLE + 4 * JOB_VALUES * MOST_JOBS

/** With fewer jobs, the calling thread is done before another one wakes up. */
const LEAST_JOBS = 8
/** A thread that is idle for so long ends and releases the memory. */
const IDLE_MS = 30_000
/** Threads that have not started after this time never will. */
const START_MS = 10_000
/** No job takes so long: after this time the threads are considered dead. */
const DEAD_MS = 2_000

/**
 * Multiplies rows with the help of other threads that share the memory. The calling thread waits for them, so it must not be the
 * main thread of a page.
 */
export class ScanThreads {
  readonly #kernels: SharedKernels
  readonly #start: StartThreads
  readonly #control: Int32Array
  readonly #table: Uint32Array
  #startedAt = Number.NEGATIVE_INFINITY
  #areDead = false

  constructor(kernels: SharedKernels, start: StartThreads) {
    this.#kernels = kernels
    this.#start = start
    // These views stay valid when the memory grows: shared memory never moves.
    this.#control = controlOf(kernels.memory)
    this.#table = tableOf(kernels.memory)
  }

  /**
   * Whether a thread was lost in the middle of a job. It may still write into this memory, which the caller must then abandon.
   */
  get areDead(): boolean {
    return this.#areDead
  }

  /** @returns Whether the jobs are done; if not, the caller must do them. */
  run(jobs: readonly ScanJob[], stride: number): boolean {
    if (jobs.length < LEAST_JOBS || !this.#haveBegun()) return false
    for (let first = 0; first < jobs.length && !this.#areDead; first += MOST_JOBS)
      this.#round(jobs.slice(first, first + MOST_JOBS), stride)
    return !this.#areDead
  }

  #round(jobs: readonly ScanJob[], stride: number): void {
    for (const [index, { rows, count, query, out }] of jobs.entries())
      this.#table.set([rows, count, query, out], JOB_VALUES * index)
    const control = this.#control
    control[JOBS] = jobs.length
    control[STRIDE] = stride
    Atomics.store(control, NEXT, 0)
    Atomics.store(control, OPEN, 1)
    Atomics.add(control, ROUND, 1)
    Atomics.notify(control, ROUND)
    work(this.#kernels, control, this.#table)
    Atomics.store(control, OPEN, 0)
    for (let busy = Atomics.load(control, BUSY); busy > 0 && !this.#areDead; busy = Atomics.load(control, BUSY))
      this.#areDead = Atomics.wait(control, BUSY, busy, DEAD_MS) === 'timed-out'
  }

  /** Whether threads are running; if not, starts them for the next time. */
  #haveBegun(): boolean {
    if (Atomics.load(this.#control, ALIVE) > 0) return true
    if (performance.now() - this.#startedAt > START_MS) {
      this.#startedAt = performance.now()
      this.#start({ module: this.#kernels.module, memory: this.#kernels.memory })
    }
    return false
  }
}

/** Runs in each thread: joins the rounds of the {@link ScanThreads} that started it, until none has come for a while. */
export function scanThread({ module, memory }: ScanSetup): void {
  const kernels = instantiate(module, memory)
  const control = controlOf(memory)
  const table = tableOf(memory)
  let round = Atomics.load(control, ROUND)
  Atomics.add(control, ALIVE, 1)
  while (Atomics.wait(control, ROUND, round, IDLE_MS) !== 'timed-out') {
    round = Atomics.load(control, ROUND)
    // Count as busy before checking that the round is open: whoever closes it waits for all threads that saw it open.
    Atomics.add(control, BUSY, 1)
    if (Atomics.load(control, OPEN) === 1) work(kernels, control, table)
    Atomics.sub(control, BUSY, 1)
    Atomics.notify(control, BUSY)
  }
  Atomics.sub(control, ALIVE, 1)
}

/** Takes jobs until none is left. */
function work({ int8Dots }: WasmKernels, control: Int32Array, table: Uint32Array): void {
  const [jobs, stride] = [control[JOBS]!, control[STRIDE]!]
  for (let job = Atomics.add(control, NEXT, 1); job < jobs; job = Atomics.add(control, NEXT, 1)) {
    const at = JOB_VALUES * job
    int8Dots(table[at]!, table[at + 1]!, stride, table[at + 2]!, table[at + 3]!)
  }
}

const controlOf = ({ buffer }: WebAssembly.Memory) => new Int32Array(buffer, 0, TABLE / 4)
const tableOf = ({ buffer }: WebAssembly.Memory) => new Uint32Array(buffer, TABLE, JOB_VALUES * MOST_JOBS)
