import type { PaperText } from '../types.js'

/** A paper of any kind with an id: a `Paper` of a bibliography, a {@link PaperRecord}, or an app's own type. */
export interface AnyPaper extends PaperText {
  /** Unique in its library, and not empty. */
  id: string
}

/** A paper of an index: an id, a text, and any other fields, which are stored as they are. */
export interface PaperRecord extends PaperText {
  /** Unique in its index, and not empty. */
  id: string
  [field: string]: unknown
}
