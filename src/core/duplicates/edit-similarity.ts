import { distance } from 'fastest-levenshtein'

/** 1 minus the edits (Levenshtein 1966) per character of the longer text: 1 for equal texts, 0 for texts with nothing in common. */
export function editSimilarity(a: string, b: string): number {
  if (a === b) return 1
  const longer = Math.max(a.length, b.length)
  return longer === 0 ? 1 : 1 - distance(a, b) / longer
}
