import { expose } from 'comlink'
import type { PapersWorker } from '../papers-protocol.js'
import { PapersService } from '../papers-service.js'
import { holdLifeLock } from './life-lock.js'

const lifeLock = holdLifeLock()
const worker: PapersWorker = Object.assign(new PapersService(), { lifeLock: () => lifeLock })
expose(worker)
