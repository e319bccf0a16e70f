/** A model and how it is run, as the reader chose it. */
export interface ModelChoice {
  /** A known name, a folder's URL, or the address of a model that was converted here. */
  model: string
  /** Its published name, for people. */
  name: string
  /** Adapter for papers; `null`: the model's own. */
  adapter: string | null
  /** `null`: by the number of cores. */
  threads: number | null
}

/** Works within seconds: a small general model that is served with the page. */
export const DEFAULT_CHOICE: ModelChoice = { model: 'minilm', name: 'all-MiniLM-L6-v2', adapter: null, threads: null }

export function isSameChoice(a: ModelChoice, b: ModelChoice): boolean {
  return a.model === b.model && a.adapter === b.adapter && a.threads === b.threads
}
