/** What crosses between the page and the worker that ranks papers: types only. */
import type { ScreeningOrder, ScreeningPaper, ScreeningStep, StoppingStatement } from '../../src/core/screening/index.js'

export interface RankedReview {
  /** [papers, dimension], in the order in which the papers were added, zeros where there is none; `null`: by words alone. Transferred. */
  vectors: Float32Array | null
  question: string
  questionVector: Float32Array | null
  seed: number
}

export interface RankRequest {
  steps: readonly ScreeningStep[]
  order: ScreeningOrder
}

export interface RankAnswer {
  /** The next paper, and the one after it. */
  ids: string[]
  stopping: StoppingStatement
}

export interface ScreeningWorker {
  /** Adds papers of the review that is to begin. */
  add(papers: readonly ScreeningPaper[]): void
  begin(review: RankedReview): void
  rank(request: RankRequest): RankAnswer
}
