/** What the fragments of the documentation take as given; e2e/snippets.spec.ts makes the same for their run. */
import type { Embedder, PaperIndex } from 'specter2-web'
import type { DuplicateResult, ReviewState } from 'specter2-web/duplicates'
import type { Paper } from 'specter2-web/papers'

declare global {
  const embedder: Embedder
  const index: PaperIndex
  /** A few papers with ids. */
  const papers: Paper[]
  /** Their vectors, [papers.length, dimension]. */
  const vectors: Float32Array<ArrayBuffer>
  const dimension: number
  /** A label for each of the papers, of two classes. */
  const labels: string[]
  /** Bibliography files. */
  const files: File[]
  /** An input element for files. */
  const input: HTMLInputElement
  const signal: AbortSignal
  const show: (value: unknown) => void
  const duplicates: DuplicateResult
  const review: ReviewState
}
