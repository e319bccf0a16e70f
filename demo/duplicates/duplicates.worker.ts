import { expose } from 'comlink'
import { DuplicateFinder } from '../../src/core/duplicates/index.js'
import type { DuplicatesProgress, DuplicatesWorker } from './duplicates-work.js'

let finder = new DuplicateFinder()

const worker: DuplicatesWorker = {
  async find({ papers, vectors, preset, decisions }, onProgress) {
    finder = new DuplicateFinder({ preset })
    let last = 0
    const now = (progress: DuplicatesProgress) => {
      if (performance.now() - last < 100) return
      last = performance.now()
      onProgress(progress)
    }
    await finder.add(papers, { vectors: vectors ?? undefined, onProgress: now })
    return finder.result({ decisions })
  },
  result: (preset, decisions) => finder.result({ preset, decisions }),
}
expose(worker)
