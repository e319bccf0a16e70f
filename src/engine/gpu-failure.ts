import { sleep } from '../core/async/waiting.js'

/** After a run that failed, the device gets so long to say why: its event may come after the run's error. */
const REASON_WITHIN_MS = 200

/** Whether a GPU device can still be trusted. */
export interface GpuFailure {
  /** Rejects when it no longer can; never resolves. */
  readonly rejected: Promise<never>
  throwIfFailed(): void
  /** Why a run failed, where it was for the device; `null` where it was not. */
  reason(): Promise<Error | null>
}

/**
 * Watches for what WebGPU tells by events alone: a lost device, and errors of calls that seemed to succeed, such as a
 * buffer for which there was no memory or a shader that did not compile. What was computed with these is wrong.
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
