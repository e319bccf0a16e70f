import { InvalidArgumentError } from '../errors.js'
import type { PaperRecord } from './paper-record.js'

/**
 * The paper, if it is one.
 *
 * @param field Where it stands, as messages name it.
 * @throws InvalidArgumentError naming the field.
 */
export function checkPaper(field: string, paper: unknown): PaperRecord {
  if (typeof paper !== 'object' || paper === null || Array.isArray(paper))
    throw new InvalidArgumentError(field, paper, 'a paper { id, title, abstract }')
  const { id, title, abstract } = paper as Partial<PaperRecord>
  if (typeof id !== 'string' || id === '') throw new InvalidArgumentError(`${field}.id`, id, 'a string that is not empty')
  if (typeof title !== 'string') throw new InvalidArgumentError(`${field}.title`, title, 'a string (an unknown title is "")')
  if (abstract !== undefined && abstract !== null && typeof abstract !== 'string')
    throw new InvalidArgumentError(`${field}.abstract`, abstract, 'a string, null or left out')
  return paper as PaperRecord
}
