import type { Paper } from './paper.js'

/** A piece of a written file. */
export type WrittenPiece = string | Uint8Array<ArrayBuffer>

/** Writes papers in one format, one after the other. */
export interface PaperWriter<Piece extends WrittenPiece = WrittenPiece> {
  /** Called with each paper before the first is written, if what comes before them depends on all. */
  scan?(paper: Paper): void
  /** What comes before the papers. */
  begin(): Piece[]
  write(paper: Paper): Piece[]
  /** What comes after the papers. */
  end(): Piece[]
}
