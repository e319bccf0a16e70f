import type { FormatName } from './formats.js'
import type { Paper } from './paper.js'
import type { PaperVectors } from './vectors/paper-vectors.js'

/** A file to read: a browser's `File`, or anything else that streams its bytes. */
export interface PaperFile {
  /** With its folder, if any; becomes `source.file` of each paper. */
  name: string
  /** In bytes, if known; used for progress. */
  size?: number
  /** Streams the bytes from the start. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
}

/** Why a record or a whole file could not be read, or not exactly as written. */
export interface PaperProblem {
  /** Name of the file, as in `source.file`. */
  file: string
  /**
   * `lost`: the record, or the file if there is no `line`, was not read. `noted`: it was read, but something in it had to be
   * left out or guessed.
   */
  kind: 'lost' | 'noted'
  /** What kind of problem it is. */
  code: 'BAD_RECORD' | 'LIMIT_EXCEEDED' | 'UNREADABLE_FILE' | 'UNKNOWN_FORMAT' | 'READER_FAILED'
  /** The problem in words. */
  reason: string
  /** Line in the file, from 1. */
  line?: number
  /** The text in question, at most 4,000 characters. */
  raw: string
}

/** The outcome of reading one file, or one file of an archive. */
export interface FileReport {
  /** Name of the file, as in `source.file`. */
  file: string
  /** The format that was detected. */
  format: FormatName | 'unknown'
  /** `utf-8`, `utf-16le`, `windows-1252` … */
  encoding: string
  /** Whether the encoding was guessed; if names look wrong, read the file again with the option `encoding`. */
  encodingGuessed: boolean
  /** Number of papers read. */
  records: number
  /** Number of `lost` problems. */
  reported: number
  /** Whether the reader itself failed, which is a bug in this library. */
  failed: boolean
  /** Whether the file contains nothing. */
  empty: boolean
  /** Time spent on the file. */
  seconds: number
}

/** What was read from a piece of a file. */
export interface PaperBatch {
  /** Papers read since the last batch. */
  papers: Paper[]
  /** Problems found since the last batch. */
  problems: PaperProblem[]
  /** Vectors found since the last batch, also of papers of earlier ones. Absent if there are none. */
  vectors?: PaperVectors[]
  /** Only in the last batch of a file. */
  report?: FileReport
}
