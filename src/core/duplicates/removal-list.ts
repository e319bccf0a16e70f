import type { MergedLibrary } from './merge-library.js'

/** How another program identifies a record: by its key (citekey, accession or EndNote record number), PMID, DOI or our id. */
export type RemovalKey = 'key' | 'pmid' | 'doi' | 'id'

/** The records to remove. */
export interface RemovalList {
  /** Keys of the records to remove, one per line, without keys that a kept record shares. */
  text: string
  /** Ids of the records that must be removed by hand, because they have no such key or a kept record shares it. */
  without: string[]
}

/**
 * Lists the records to remove by the keys of another program.
 *
 * @example
 * const { text, without } = removalList(mergeLibrary(papers, duplicates.groups), 'doi')
 * console.log(text, 'to remove by hand:', without)
 */
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
