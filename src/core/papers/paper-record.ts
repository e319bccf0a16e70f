import type { PaperText } from '../types.js'

/** A paper of an index: a text under an id, and any other fields, which are kept as they are. */
export interface PaperRecord extends PaperText {
  /** Unique in its index, and not empty. */
  id: string
  [field: string]: unknown
}
