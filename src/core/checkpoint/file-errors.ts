import { type ErrorDetails, Specter2Error } from '../errors.js'

/** The error for a file whose bytes break its format; `found` is a clause that follows the file's name. */
export function damagedFile(file: string, found: string, details: ErrorDetails = {}): Specter2Error {
  return new Specter2Error('DAMAGED_FILE', `${file} ${found}. Fetch the file again.`, { details: { file, ...details } })
}

/** The error for an intact file of an unsupported kind; `found` follows the file's name, `next` says what would work. */
export function unsupportedFile(file: string, found: string, next: string, details: ErrorDetails = {}): Specter2Error {
  return new Specter2Error('UNSUPPORTED', `${file} ${found}. ${next}`, { details: { file, ...details } })
}
