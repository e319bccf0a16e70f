import type { PaperText } from '../types.js'

/** A paper of an index: an id, a text, and any other fields, which are stored as they are. */
export interface PaperRecord extends PaperText {
  /** Unique in its index, and not empty. */
  id: string
  [field: string]: unknown
}
