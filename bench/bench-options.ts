export interface BenchOptions {
  /** Folder of the measuring data. */
  data: string | undefined
  /** Published all-MiniLM-L6-v2. */
  weights: string | undefined
  /** A converted folder for the suite cores. */
  model: string | undefined
  /** How many papers the suite quantization embeds. */
  papers: number
  rounds: number
  /** What the suite convert converts to. */
  dtypes: readonly string[]
}
