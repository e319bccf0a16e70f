import { usefulCores } from '../../core/cores.js'
import { type ScanSetup, type StartThreads, scanThread } from '../../core/kernels/scan-threads.js'

const NAME = 'specter2-web scan'
/** A scan reads memory more than it computes: more threads than this wait for it. */
const MOST_THREADS = 4

/** Whether this worker was started to scan for another. */
export const isScanThread = () => self.name === NAME

export function beScanThread(): void {
  self.onmessage = ({ data }: MessageEvent<ScanSetup>) => {
    scanThread(data)
    self.close()
  }
}

/** Starts workers of this one's own script, which bundlers then need not know of; `undefined` where threads share no memory or there is one core. */
export function scanThreadStarter(): StartThreads | undefined {
  const threads = Math.min(MOST_THREADS, usefulCores(navigator.hardwareConcurrency)) - 1
  if (!self.crossOriginIsolated || threads < 1) return undefined
  return (setup) => {
    for (let thread = 0; thread < threads; thread++) {
      const worker = new Worker(self.location.href, { type: 'module', name: NAME })
      // One that does not start is not missed.
      worker.onerror = (event) => event.preventDefault()
      worker.postMessage(setup)
    }
  }
}
