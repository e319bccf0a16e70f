import { InvalidArgumentError } from '../errors.js'
import type { PaperRecord } from './paper-record.js'

/**
 * Checks that a value is a paper and returns it.
 *
 * @param field Path of the value, for messages.
 * @throws InvalidArgumentError naming the field that is wrong.
 */
export function checkPaper(field: string, paper: unknown): PaperRecord {
  if (typeof paper !== 'object' || paper === null || Array.isArray(paper))
    throw new InvalidArgumentError(field, paper, 'a paper { id, title, abstract }')
  const { id, title, abstract } = paper as Partial<PaperRecord>
  if (typeof id !== 'string' || id === '') throw new InvalidArgumentError(`${field}.id`, id, 'a non-empty string')
  if (typeof title !== 'string') throw new InvalidArgumentError(`${field}.title`, title, 'a string ("" if unknown)')
  if (abstract !== undefined && abstract !== null && typeof abstract !== 'string')
    throw new InvalidArgumentError(`${field}.abstract`, abstract, 'a string, null or undefined')
  return paper as PaperRecord
}
