import type { PaperRecord } from '../papers/paper-record.js'

/** A paper of an index with its vector [dimension]; `null` while it has none. */
export interface IndexedPaper {
  paper: PaperRecord
  vector: Float32Array | null
}
