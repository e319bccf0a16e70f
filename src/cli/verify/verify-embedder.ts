import type { AdapterName, PaperText } from '../../core/types.js'

/** What a model is verified on: papers by its template or texts as they are, and queries. */
export interface VerifyTexts {
  papers: readonly (PaperText | string)[]
  queries: readonly string[]
}

/** Where vectors come from: one dtype at work. */
export interface VerifyEmbedder {
  /** Vectors of the papers, and after them of the queries. */
  embed(texts: VerifyTexts, adapter: AdapterName, signal: AbortSignal): Promise<ArrayLike<number>[]>
  dispose(): Promise<void>
}
