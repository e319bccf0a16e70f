import { instantiate, type SharedKernels, type WasmKernels } from './wasm-kernels.js'

/** Addresses of some rows, of the query they are multiplied by, and of where the products go. */
export interface ScanJob {
  rows: number
  count: number
  query: number
  out: number
}

/** What a thread is handed: {@link scanThread} runs on it. */
export interface ScanSetup {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
}
/** Starts threads that each call {@link scanThread} with the setup, and end when it returns. */
export type StartThreads = (setup: ScanSetup) => void

// Places in the memory's first bytes, as int32.
/** Grows with every call that threads may join. */
const ROUND = 0
/** 1 while there may be jobs that nobody has taken. */
const OPEN = 1
/** The next job that nobody has taken. */
const NEXT = 2
/** How many threads may be at a job. */
const BUSY = 3
/** How many threads wait for a round or are in one. */
const ALIVE = 4
const JOBS = 5
const STRIDE = 6
/** Where the jobs are, [jobs, 4] uint32: near the memory's start, since a thread may not see at once how far it has grown. */
const TABLE = 64
const JOB_VALUES = 4
const MOST_JOBS = 4096
/** Bytes at the memory's start that threads talk by. */
export const SCAN_BYTES = TABLE + 4 * JOB_VALUES * MOST_JOBS

/** Fewer jobs are done before another thread would be awake. */
const LEAST_JOBS = 8
/** A thread that has had nothing to do for so long ends, and lets go of the memory. */
const IDLE_MS = 30_000
/** Threads that have not begun by then never will. */
const START_MS = 10_000
/** No job takes so long: the threads are dead. */
const DEAD_MS = 2_000

/** Multiplies rows together with other threads that share the memory, while the calling thread, which must not be a page's, waits. */
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
    // They stay valid when the memory grows: what is shared is never moved.
    this.#control = controlOf(kernels.memory)
    this.#table = tableOf(kernels.memory)
  }

  /** Whether a thread was lost in the middle of a job: it may still write into this memory, which is to be left. */
  get areDead(): boolean {
    return this.#areDead
  }

  /** @returns Whether the jobs are done; if not, they are the caller's. */
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

  /** Whether there are threads; if not, they are started for the next time. */
  #haveBegun(): boolean {
    if (Atomics.load(this.#control, ALIVE) > 0) return true
    if (performance.now() - this.#startedAt > START_MS) {
      this.#startedAt = performance.now()
      this.#start({ module: this.#kernels.module, memory: this.#kernels.memory })
    }
    return false
  }
}

/** What a thread does: joins the rounds of the {@link ScanThreads} that started it, until there have been none for a while. */
export function scanThread({ module, memory }: ScanSetup): void {
  const kernels = instantiate(module, memory)
  const control = controlOf(memory)
  const table = tableOf(memory)
  let round = Atomics.load(control, ROUND)
  Atomics.add(control, ALIVE, 1)
  while (Atomics.wait(control, ROUND, round, IDLE_MS) !== 'timed-out') {
    round = Atomics.load(control, ROUND)
    // First busy, then a look whether the round is still open: who closes it waits for all that saw it open.
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
