import { expose } from 'comlink'
import { DuplicateFinder } from '../../src/core/duplicates/index.js'
import { throttled } from '../ui/throttled.js'
import type { DuplicatesWorker } from './duplicates-protocol.js'

let finder = new DuplicateFinder()

const worker: DuplicatesWorker = {
  async find({ papers, vectors, preset, decisions }, onProgress) {
    finder = new DuplicateFinder({ preset })
    await finder.add(papers, { vectors: vectors ?? undefined, onProgress: throttled(onProgress) })
    return finder.resultInSlices({ decisions })
  },
  result: (preset, decisions) => finder.resultInSlices({ preset, decisions }),
}
expose(worker)
