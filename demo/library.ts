import type { PaperText } from '../src/index.js'
import sample from './sample-papers.json' with { type: 'json' }

/** A paper as the page shows it; the model reads title and abstract. */
export interface Paper extends PaperText {
  id: string
  abstract: string
  authors: readonly string[]
  year: number | null
  venue: string | null
  field: string | null
  doi: string | null
  origin: 'sample' | 'pasted'
}

/** A paper and its vector, once it is embedded. */
export interface Entry {
  readonly paper: Paper
  vector: Float32Array | null
}

/** The sample, oldest first. Its summaries are in our own words. */
export const samplePapers: readonly Paper[] = sample
  .map((paper): Paper => ({ ...paper, doi: paper.doi ?? null, origin: 'sample' }))
  .sort((a, b) => a.year! - b.year!)

/** The papers of the page. */
export class Library {
  #entries: readonly Entry[] = []

  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** Papers without a vector. */
  get missing(): Entry[] {
    return this.#entries.filter(({ vector }) => vector === null)
  }

  get embeddedCount(): number {
    return this.#entries.length - this.missing.length
  }

  entry(id: string): Entry | undefined {
    return this.#entries.find(({ paper }) => paper.id === id)
  }

  /** Puts papers before those that are here, without losing a vector. */
  add(papers: readonly Paper[]): void {
    this.#entries = [...papers.map(unread), ...this.#entries]
  }

  replace(papers: readonly Paper[]): void {
    this.#entries = papers.map(unread)
  }

  /** For another model or adapter. Entries are new, so that work which is still under way writes to none of them. */
  forgetVectors(): void {
    this.#entries = this.#entries.map(({ paper }) => unread(paper))
  }
}

function unread(paper: Paper): Entry {
  return { paper, vector: null }
}
