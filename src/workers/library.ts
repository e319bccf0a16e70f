import { expose } from 'comlink'
import type { LibraryWorker } from './library/library-protocol.js'
import { LibraryService } from './library/library-service.js'
import { beScanThread, isScanThread, scanThreadStarter } from './library/scan-thread.js'
import { holdLifeLock } from './rpc/life-lock.js'

if (isScanThread()) beScanThread()
else {
  const lifeLock = holdLifeLock()
  const worker: LibraryWorker = Object.assign(new LibraryService(scanThreadStarter()), { lifeLock: () => lifeLock })
  expose(worker)
}
