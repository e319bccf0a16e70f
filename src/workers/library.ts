import { expose } from 'comlink'
import { LibraryService } from '../library/library-service.js'
import type { LibraryWorker } from '../library-protocol.js'
import { holdLifeLock } from './life-lock.js'
import { beScanThread, isScanThread, scanThreadStarter } from './scan-thread.js'

if (isScanThread()) beScanThread()
else {
  const lifeLock = holdLifeLock()
  const worker: LibraryWorker = Object.assign(new LibraryService(scanThreadStarter()), { lifeLock: () => lifeLock })
  expose(worker)
}
