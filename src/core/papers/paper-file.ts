import type { FormatName } from './formats.js'
import type { Paper } from './paper.js'

/** What can be read: a browser's `File` is one, and so is anything that gives its bytes in pieces. */
export interface PaperFile {
  /** With its folder where it has one: it stands in each paper's `source`. */
  name: string
  /** Bytes, where they are known: for progress. */
  size?: number
  /** Opens the file's bytes from the start. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
}

/** Why a record, or a whole file, was not read, or not as it stands. */
export interface PaperProblem {
  /** Name of the file, inside an archive with its path there. */
  file: string
  /**
   * `lost`: the record, or without `record` and `line` the file, was not read. `noted`: it was, but something in it had to be
   * left out or guessed.
   */
  kind: 'lost' | 'noted'
  /** What went wrong, to switch on. */
  code: 'BAD_RECORD' | 'LIMIT_EXCEEDED' | 'UNREADABLE_FILE' | 'UNKNOWN_FORMAT' | 'READER_FAILED'
  /** What went wrong, as a sentence for the reader. */
  reason: string
  /** Line in the file, from 1. */
  line?: number
  /** The text in question, cut after 4,000 characters. */
  raw: string
}

/** What became of one file, or of one file of an archive. */
export interface FileReport {
  /** Name of the file, inside an archive with its path there. */
  file: string
  /** The format that was detected. */
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
  /** Time that reading took, in seconds. */
  seconds: number
}

/** What a piece of a file gave, or, with `report`, the end of it. */
export interface PaperBatch {
  /** Papers that this piece completed, in the order of the file. */
  papers: Paper[]
  /** Problems found in this piece. */
  problems: PaperProblem[]
  /** Only in the last batch of a file. */
  report?: FileReport
}
