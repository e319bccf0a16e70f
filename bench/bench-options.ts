export interface BenchOptions {
  /** Folder of the measuring data. */
  data: string | undefined
  /** Published all-MiniLM-L6-v2. */
  weights: string | undefined
  /** A converted folder for the suite cores. */
  model: string | undefined
  rounds: number
  /** Papers of a suite; undefined: its own default. */
  papers: number | undefined
  /** What the suite convert converts to. */
  dtypes: readonly string[]
}
