import type { PaperRecord } from '../../core/papers/paper-record.js'

/** A paper in two: what filters and lists read, and its abstract, where that is a text. */
export function splitPaper(paper: PaperRecord): { light: PaperRecord; abstract: string | null } {
  const { abstract, ...light } = paper
  return typeof abstract === 'string' ? { light: light as PaperRecord, abstract } : { light: paper, abstract: null }
}

/** What {@link splitPaper} parted. */
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
