/** The model that the reader chose, and how to run it. */
export interface ModelChoice {
  /** A known name, the URL of a folder, or the cache address of a model converted in this browser. */
  model: string
  /** Its published name, to be shown. */
  name: string
  /** Adapter for papers; `null`: the model's default. */
  adapter: string | null
  /** `null`: as suits the number of cores. */
  threads: number | null
}

/** A small general model, served with the page, that works within seconds. */
export const DEFAULT_CHOICE: ModelChoice = { model: 'minilm', name: 'all-MiniLM-L6-v2', adapter: null, threads: null }

export function isSameChoice(a: ModelChoice, b: ModelChoice): boolean {
  return a.model === b.model && a.adapter === b.adapter && a.threads === b.threads
}
