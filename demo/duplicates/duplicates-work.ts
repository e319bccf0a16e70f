/** What crosses between the page and the duplicates' worker: types only. */
import type { DuplicateResult, PairDecision, Preset, Vectors } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'

export interface DuplicatesTask {
  papers: readonly Paper[]
  vectors: Vectors | null
  preset: Preset
  decisions: readonly PairDecision[]
}

export interface DuplicatesProgress {
  stage: 'prepare' | 'neighbours' | 'compare'
  done: number
}

export interface DuplicatesWorker {
  find(task: DuplicatesTask, onProgress: (progress: DuplicatesProgress) => void): Promise<DuplicateResult>
  /** What was found, by another preset or with other decisions; nothing is compared anew. */
  result(preset: Preset, decisions: readonly PairDecision[]): DuplicateResult | Promise<DuplicateResult>
}
