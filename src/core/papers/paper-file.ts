import type { FormatName } from './formats.js'
import type { Paper } from './paper.js'

/** A file to read: a browser's `File`, or anything else that streams its bytes. */
export interface PaperFile {
  /** With its folder, if any; becomes `source.file` of each paper. */
  name: string
  /** In bytes, if known; used for progress. */
  size?: number
  /** Opens the file's bytes from the start. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
}

/** Why a record or a whole file could not be read, or not exactly as written. */
export interface PaperProblem {
  /** Name of the file, inside an archive with its path there. */
  file: string
  /**
   * `lost`: the record, or the file if there is no `line`, was not read. `noted`: it was read, but something in it had to be
   * left out or guessed.
   */
  kind: 'lost' | 'noted'
  /** What went wrong, to switch on. */
  code: 'BAD_RECORD' | 'LIMIT_EXCEEDED' | 'UNREADABLE_FILE' | 'UNKNOWN_FORMAT' | 'READER_FAILED'
  /** What went wrong, as a sentence for the reader. */
  reason: string
  /** Line in the file, from 1. */
  line?: number
  /** The text in question, at most 4,000 characters. */
  raw: string
}

/** The outcome of reading one file, or one file of an archive. */
export interface FileReport {
  /** Name of the file, inside an archive with its path there. */
  file: string
  /** The format that was detected. */
  format: FormatName | 'unknown'
  /** `utf-8`, `utf-16le`, `windows-1252` … */
  encoding: string
  /** Number of papers read. */
  records: number
  /** Number of `lost` problems. */
  reported: number
  /** Whether the reader itself failed, which is a bug in this library. */
  failed: boolean
  /** Whether the file contains nothing. */
  empty: boolean
  /** Time that reading took, in seconds. */
  seconds: number
}

/** What was read from a piece of a file; the last batch of a file has its `report`. */
export interface PaperBatch {
  /** Papers that this piece completed, in the order of the file. */
  papers: Paper[]
  /** Problems found in this piece. */
  problems: PaperProblem[]
  /** Only in the last batch of a file. */
  report?: FileReport
}
