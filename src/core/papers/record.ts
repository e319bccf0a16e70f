import type { Paper } from './paper.js'
import type { RecordVector } from './vectors/paper-vectors.js'

/** A record as read from its file; `readPapers` adds a unique id and the source. */
export type PaperDraft = Omit<Paper, 'id' | 'source'> & {
  id?: string
  /** The format whose names `fields` uses, if it is not the file's own. */
  format?: string
}

/** A record that could be read. */
export interface FoundRecord {
  draft: PaperDraft
  /** Line on which the record begins, from 1. */
  line?: number
  /** Number of the record in the file, from 1, if records are not found in the file's order. */
  record?: number
  /** Vectors that the record has. */
  vectors?: readonly RecordVector[]
  /** For a record of a vector alone: what it calls the paper, which is elsewhere. */
  vectorOf?: string
}

/** A problem with a record, or with text between records. */
export interface FoundProblem {
  reason: string
  /** `lost`: a record could not be read. `noted`: it was read, but something in it had to be left out or guessed. */
  kind: 'lost' | 'noted'
  line?: number
  /** The text in question. */
  raw: string
  /** The limit that was exceeded, if that is the reason. */
  limit?: string
}

export type Found = FoundRecord | FoundProblem

/** Reads the records of one file from pieces of its text, which may be cut anywhere. */
export interface RecordReader {
  /** @returns What is complete with this piece. */
  push(text: string): Found[]
  /** Call when the file ends. @returns What remains. */
  end(): Found[]
}

export function isProblem(found: Found): found is FoundProblem {
  return 'reason' in found
}

/** Enough raw text to find the place in the file. */
const RAW_CHARACTERS = 4_000

/** Raw text for a problem report, cut if it is long. */
export function rawExcerpt(text: string): string {
  return text.length > RAW_CHARACTERS ? `${text.slice(0, RAW_CHARACTERS)}… (${text.length} characters)` : text
}
