import type { ReadPapersResult } from './collect-papers.js'
import type { PaperFile } from './paper-file.js'
import { type ReadPapersOptions, readPapers } from './read-papers.js'

/** A file of text or bytes that streams in pieces of `pieceBytes`. */
export function fileOf(content: string | Uint8Array, name = 'file.txt', pieceBytes = 65_536): PaperFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return {
    name,
    size: bytes.length,
    async *stream() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    },
  }
}

/** Reads one file. */
export function read(content: string | Uint8Array, name?: string, options?: ReadPapersOptions): Promise<ReadPapersResult> {
  return readPapers([fileOf(content, name)], options)
}
