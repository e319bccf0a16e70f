import { macrotask } from '../../core/async/macrotask.js'

/** Work that gives way: a query waits for at most the one piece that is running. */
export interface Job {
  /** `query` goes before all `bulk` work, whatever came first. */
  priority: 'query' | 'bulk'
  /** Aborting drops the pieces that are not started; `run` rejects with the signal's reason. */
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

  /** Settles when the job's pieces are done, the first of them failed, or its signal is aborted. */
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
      // A run blocks the thread: only now can a query or a cancellation that was sent meanwhile come in.
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
