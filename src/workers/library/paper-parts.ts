import type { PaperRecord } from '../../core/papers/paper-record.js'

/** Splits a paper into what filters and lists read, and its abstract if it has one. */
export function splitPaper(paper: PaperRecord): { light: PaperRecord; abstract: string | null } {
  const { abstract, ...light } = paper
  return typeof abstract === 'string' && abstract !== ''
    ? { light: light as PaperRecord, abstract }
    : { light: paper, abstract: null }
}

/** The inverse of {@link splitPaper}. */
export function joinPaper(light: PaperRecord, abstract: string | null | undefined): PaperRecord {
  return abstract === undefined || abstract === null ? light : { ...light, abstract }
}

export function isSamePaper(a: PaperRecord, b: PaperRecord): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Bytes of a paper as JSON. */
export function paperBytes(paper: PaperRecord): number {
  return new TextEncoder().encode(JSON.stringify(paper)).length
}
