import { expose } from 'comlink'
import { LibraryService } from '../library/library-service.js'
import type { LibraryWorker } from '../library-protocol.js'
import { holdLifeLock } from './life-lock.js'

const lifeLock = holdLifeLock()
const worker: LibraryWorker = Object.assign(new LibraryService(), { lifeLock: () => lifeLock })
expose(worker)
