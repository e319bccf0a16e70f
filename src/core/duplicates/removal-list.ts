import type { MergedLibrary } from './merge-library.js'

/** By what a reader's own program knows a record: its key (citekey, accession or EndNote's record number), PMID, DOI or our id. */
export type RemovalKey = 'key' | 'pmid' | 'doi' | 'id'

/** Records to remove, for a program that knows them by their keys. */
export interface RemovalList {
  /** Keys of the records to remove, one a line. A key that a record to be kept has, too, is not among them. */
  text: string
  /** Ids of records to remove that have no such key, or one that would remove another: to be found by hand. */
  without: string[]
}

/** The records to remove, in the reader's own keys. */
export function removalList({ papers, removed }: MergedLibrary, by: RemovalKey = 'key'): RemovalList {
  const kept = new Set(papers.map((paper) => paper[by]))
  const keys: string[] = []
  const without: string[] = []
  for (const { paper } of removed) {
    const key = paper[by]
    if (key === undefined || key === '' || kept.has(key)) without.push(paper.id)
    else keys.push(key)
  }
  return { text: [...new Set(keys)].map((key) => `${key}\n`).join(''), without }
}
