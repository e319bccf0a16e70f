export interface BenchOptions {
  /** Folder of the measuring data. */
  data: string | undefined
  /** Published all-MiniLM-L6-v2. */
  weights: string | undefined
  rounds: number
  /** What the suite convert converts to. */
  dtypes: readonly string[]
}
