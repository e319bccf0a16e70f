/** A paper as the map knows it. */
export interface MapPaper {
  id: string
  title: string
  authors: string
  year: number | null
  venue: string | null
  labels: readonly string[]
  /** Title and abstract, from whose words clusters are named. */
  terms: string
}

/** What is drawn as a map. */
export interface MapSource {
  papers: readonly MapPaper[]
  /** [papers, dimension], row-major; borrowed. */
  vectors: Float32Array
  dimension: number
  metric: 'cosine' | 'euclidean'
}

/** What the reader does on the map. */
export interface MapEvents {
  /** Other papers are selected; none: the selection is given up. */
  onSelect(ids: readonly string[]): void
  onOpen(id: string): void
}
