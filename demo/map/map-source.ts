/** A paper as the map knows it. */
export interface MapPaper {
  id: string
  title: string
  authors: string
  year: number | null
  venue: string | null
  labels: readonly string[]
  /** Title and abstract; their words name the clusters. */
  terms: string
}

/** What the map draws. */
export interface MapSource {
  papers: readonly MapPaper[]
  /** [papers, dimension], row-major; borrowed. */
  vectors: Float32Array
  dimension: number
  metric: 'cosine' | 'euclidean'
  /** Papers of the library that are still to be embedded, and are not on the map. Default 0. */
  waiting?: number
}
