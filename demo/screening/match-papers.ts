import type { PaperRecord } from '../../src/index.js'

/**
 * Which paper of this library each of another's is: the one with its id and the same title or DOI, otherwise the only one with its DOI,
 * otherwise the only one with its title and year.
 */
export function matchPapers(own: readonly PaperRecord[], other: readonly PaperRecord[]): Map<string, string> {
  const byId = new Map(own.map((paper) => [paper.id, paper]))
  const [byDoi, byTitle] = [unique(own, doiOf), unique(own, titleOf)]
  const matched = new Map<string, string>()
  for (const paper of other) {
    const there = byId.get(paper.id)
    const isSame = there && (wordsOf(there) === wordsOf(paper) || (doiOf(there) !== null && doiOf(there) === doiOf(paper)))
    const same = isSame ? paper.id : (byDoi.get(doiOf(paper) ?? '') ?? byTitle.get(titleOf(paper) ?? ''))
    if (same) matched.set(paper.id, same)
  }
  return matched
}

/** Papers by a key that no other has. */
function unique(papers: readonly PaperRecord[], keyOf: (paper: PaperRecord) => string | null): Map<string, string | null> {
  const found = new Map<string, string | null>()
  for (const paper of papers) {
    const key = keyOf(paper)
    if (key !== null) found.set(key, found.has(key) ? null : paper.id)
  }
  return found
}

const doiOf = ({ doi }: PaperRecord) => (typeof doi === 'string' && doi !== '' ? doi.toLowerCase() : null)

const wordsOf = ({ title }: PaperRecord) => (title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')

function titleOf(paper: PaperRecord): string | null {
  const words = wordsOf(paper)
  // A short title, such as "Editorial", says too little.
  return words.split(' ').length < 3 ? null : `${words} ${paper.year ?? ''}`
}
