import { macrotask } from '../../core/async/macrotask.js'

/** Work in pieces, so that a query waits for at most the piece that is running. */
export interface Job {
  /** `query` runs before all `bulk` work, whichever came first. */
  priority: 'query' | 'bulk'
  /** Aborting drops the pieces that have not started; `run` rejects with the signal's reason. */
  signal: AbortSignal
  /** Pieces, run in order, one at a time and never at the same time as another job's. */
  pieces: readonly (() => Promise<void>)[]
}

interface QueuedJob extends Job {
  next: number
  resolve: () => void
  reject: (reason: unknown) => void
  onAbort: () => void
}

/** Runs the pieces of all jobs one after another: the model computes one thing at a time. */
export class Queue {
  readonly #jobs: QueuedJob[] = []
  #running = false

  /** Settles when all of the job's pieces are done, one has failed, or its signal is aborted. */
  run(job: Job): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = job
      if (signal.aborted) return reject(signal.reason)
      const onAbort = () => this.#end(queued, () => reject(signal.reason))
      const queued: QueuedJob = { ...job, next: 0, resolve, reject, onAbort }
      signal.addEventListener('abort', onAbort)
      this.#jobs.push(queued)
      void this.#work()
    })
  }

  #end(job: QueuedJob, settle: () => void): void {
    const index = this.#jobs.indexOf(job)
    if (index >= 0) this.#jobs.splice(index, 1)
    job.signal.removeEventListener('abort', job.onAbort)
    settle()
  }

  async #work(): Promise<void> {
    if (this.#running) return
    this.#running = true
    for (;;) {
      // A piece blocks the thread: only now can a query or an abort that was sent meanwhile arrive.
      await macrotask()
      const job = this.#jobs.find(({ priority }) => priority === 'query') ?? this.#jobs[0]
      if (!job) break
      const piece = job.pieces[job.next++]
      try {
        await piece?.()
        if (job.next >= job.pieces.length) this.#end(job, job.resolve)
      } catch (error) {
        this.#end(job, () => job.reject(error))
      }
    }
    this.#running = false
  }
}
