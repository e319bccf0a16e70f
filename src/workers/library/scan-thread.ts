import { usefulCores } from '../../core/cores.js'
import { type ScanSetup, type StartThreads, scanThread } from '../../core/kernels/scan-threads.js'

const NAME = 'specter2-web scan'
/** A scan is bound by memory bandwidth: more threads than this only wait. */
const MAX_THREADS = 4

/** Whether another worker started this one as a scan thread. */
export const isScanThread = () => self.name === NAME

export function runScanThread(): void {
  self.onmessage = ({ data }: MessageEvent<ScanSetup>) => {
    scanThread(data)
    self.close()
  }
}

/** Starts workers from this worker's script, so bundlers need no entry; `undefined` without shared memory or with one core. */
export function scanThreadStarter(): StartThreads | undefined {
  const threads = Math.min(MAX_THREADS, usefulCores(navigator.hardwareConcurrency)) - 1
  if (!self.crossOriginIsolated || threads < 1) return undefined
  return (setup) => {
    for (let thread = 0; thread < threads; thread++) {
      const worker = new Worker(self.location.href, { type: 'module', name: NAME })
      // The scan works without it.
      worker.onerror = (event) => event.preventDefault()
      worker.postMessage(setup)
    }
  }
}
