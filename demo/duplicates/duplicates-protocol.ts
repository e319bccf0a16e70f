/** What crosses between the page and the worker that finds duplicates: types only. */
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
  /** Share of the stage, 0 … 1. */
  done: number
}

export interface DuplicatesWorker {
  find(task: DuplicatesTask, onProgress: (progress: DuplicatesProgress) => void): Promise<DuplicateResult>
  /** Groups the compared pairs with another preset or other decisions; compares nothing again. */
  result(preset: Preset, decisions: readonly PairDecision[]): DuplicateResult | Promise<DuplicateResult>
}
