import type { FormatName } from './formats.js'
import type { Paper } from './paper.js'

/** What can be read: a browser's `File` is one, and so is anything that gives its bytes in pieces. */
export interface PaperFile {
  /** With its folder where it has one: it stands in each paper's `source`. */
  name: string
  /** Bytes, where they are known: for progress. */
  size?: number
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
}

/** Why a record, or a whole file, was not read, or not as it stands. */
export interface PaperProblem {
  file: string
  /**
   * `lost`: the record, or without `record` and `line` the file, was not read. `noted`: it was, but something in it had to be
   * left out or guessed.
   */
  kind: 'lost' | 'noted'
  code: 'BAD_RECORD' | 'LIMIT_EXCEEDED' | 'UNREADABLE_FILE' | 'UNKNOWN_FORMAT' | 'READER_FAILED'
  reason: string
  /** Line in the file, from 1. */
  line?: number
  /** The text in question, cut after 4,000 characters. */
  raw: string
}

/** What became of one file, or of one file of an archive. */
export interface FileReport {
  file: string
  format: FormatName | 'unknown'
  /** How its bytes were read: `utf-8`, `utf-16le`, `windows-1252` … */
  encoding: string
  /** Papers that were read. */
  records: number
  /** Records that could not be read; each is among the problems. */
  reported: number
  /** Whether the reader itself failed: a fault of ours. */
  failed: boolean
  /** Whether there is nothing in it. */
  empty: boolean
  seconds: number
}

/** What a piece of a file gave, or, with `report`, the end of it. */
export interface PaperBatch {
  papers: Paper[]
  problems: PaperProblem[]
  report?: FileReport
}
