import { sleep } from '../core/async/waiting.js'

/** How long to wait for the reason of a failed run: the event of the device may come after the error of the run. */
const REASON_WITHIN_MS = 200

/** Tells whether a GPU device still gives correct results. */
export interface GpuFailure {
  /** Rejects when the device fails; never resolves. */
  readonly rejected: Promise<never>
  throwIfFailed(): void
  /** Why a run failed, if the device was the cause; otherwise `null`. */
  reason(): Promise<Error | null>
}

/**
 * Watches for failures that WebGPU only reports by events: a lost device, and errors of calls that seemed to succeed, such as a
 * buffer for which there was no memory or a shader that did not compile. Results computed with these are wrong.
 */
export function watchGpu(device: GPUDevice): GpuFailure {
  let failure: Error | null = null
  let reject: (error: Error) => void
  const rejected = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise
  })
  rejected.catch(() => {})
  const fail = (found: string) => {
    failure ??= new Error(found)
    reject(failure)
  }
  void device.lost.then(({ reason, message }) => fail(`the GPU device was lost (${reason}): ${message}`))
  device.addEventListener('uncapturederror', ({ error }) => {
    const kind = error instanceof GPUOutOfMemoryError ? 'the GPU is out of memory' : 'the GPU reported an error'
    fail(`${kind}: ${error.message}`)
  })
  return {
    rejected,
    throwIfFailed() {
      if (failure) throw failure
    },
    async reason() {
      await Promise.race([rejected.catch(() => {}), sleep(REASON_WITHIN_MS)])
      return failure
    },
  }
}
