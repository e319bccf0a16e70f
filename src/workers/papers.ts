import { expose } from 'comlink'
import type { PapersWorker } from './papers/papers-protocol.js'
import { PapersService } from './papers/papers-service.js'
import { holdLifeLock } from './rpc/life-lock.js'

const lifeLock = holdLifeLock()
const worker: PapersWorker = Object.assign(new PapersService(), { lifeLock: () => lifeLock })
expose(worker)
