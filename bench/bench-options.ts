export interface BenchOptions {
  /** Folder of the benchmark data. */
  data: string | undefined
  /** Folder of the published all-MiniLM-L6-v2. */
  weights: string | undefined
  /** A converted model for the suite `cores`. */
  model: string | undefined
  rounds: number
  /** Number of papers; `undefined`: the suite's default. */
  papers: number | undefined
  /** What the suite `convert` converts to. */
  dtypes: readonly string[]
}
