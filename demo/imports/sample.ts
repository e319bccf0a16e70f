import type { PaperRecord } from '../../src/index.js'
import sample from './sample-papers.json' with { type: 'json' }

/** Landmark papers with their bibliographic facts, oldest first. Their summaries are in our own words. */
export const samplePapers: readonly PaperRecord[] = sample
  .map(({ field, doi, ...paper }) => ({
    ...paper,
    ...(doi !== undefined && { doi }),
    type: 'article',
    labels: [field],
    source: { file: 'Sample library', record: 1 },
  }))
  .sort((a, b) => a.year - b.year)
