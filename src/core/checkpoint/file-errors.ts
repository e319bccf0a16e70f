import { type ErrorDetails, Specter2Error } from '../errors.js'

/** An error for a file whose bytes are not what its format promises; `found` is a clause that follows the file's name. */
export function damagedFile(file: string, found: string, details: ErrorDetails = {}): Specter2Error {
  return new Specter2Error('DAMAGED_FILE', `${file} ${found}. Fetch the file again.`, { details: { file, ...details } })
}

/** An error for a sound file of a kind that is not read; `found` follows the file's name, `next` says what would work. */
export function unsupportedFile(file: string, found: string, next: string, details: ErrorDetails = {}): Specter2Error {
  return new Specter2Error('UNSUPPORTED', `${file} ${found}. ${next}`, { details: { file, ...details } })
}
