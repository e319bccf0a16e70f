import type { Paper } from './paper.js'

/** A record as its file says it; `readPapers` gives it its id and its source. */
export type PaperDraft = Omit<Paper, 'id' | 'source'> & {
  id?: string
  /** Whose names `fields` has, where it is not the file's own format. */
  format?: string
}

/** A record that was read. */
export interface FoundRecord {
  draft: PaperDraft
  /** Line on which it begins, from 1. */
  line?: number
  /** Its place among the records of the file, from 1, where it is not given in the file's order. */
  record?: number
}

/** What is wrong with a record, or with text between records. */
export interface FoundProblem {
  reason: string
  /** `lost`: a record that could not be read. `noted`: it was read, but something in it had to be left out or guessed. */
  kind: 'lost' | 'noted'
  line?: number
  /** The text in question. */
  raw: string
  /** The limit that was broken, where that is the reason. */
  limit?: string
}

export type Found = FoundRecord | FoundProblem

/** Reads the records of one file from pieces of its text, cut anywhere. */
export interface RecordReader {
  /** @returns What the text so far has completed. */
  push(text: string): Found[]
  /** @returns What is left when the file ends. */
  end(): Found[]
}

export function isProblem(found: Found): found is FoundProblem {
  return 'reason' in found
}

/** Raw text in a report: enough to find the place, never a dump of megabytes. */
const RAW_CHARACTERS = 4_000

export function rawExcerpt(text: string): string {
  return text.length > RAW_CHARACTERS ? `${text.slice(0, RAW_CHARACTERS)}… (${text.length} characters)` : text
}
