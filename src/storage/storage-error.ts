import { Specter2Error } from '../core/errors.js'

/**
 * What IndexedDB threw, as `STORAGE_FAILED` with the exception's name as `details.reason`.
 *
 * @param what What is stored there, in the plural.
 */
export function storageError(what: string, cause: unknown): Specter2Error {
  const name = cause instanceof Error ? cause.name : 'UnknownError'
  const advice: Record<string, string> = {
    QuotaExceededError: `The space for this site is used up. Delete ${what} that are not needed, or free space on the disk.`,
    SecurityError: 'The browser blocks storage for this site. Leave the private window, or allow site data in its settings.',
    InvalidStateError: 'The browser blocks storage for this site. Leave the private window, or allow site data in its settings.',
    ReferenceError: 'There is no IndexedDB here.',
    TimeoutError: "The database does not answer. Close this site's other tabs and reload.",
  }
  const reason = advice[name] ?? `${cause instanceof Error ? cause.message : cause} Reload the page and try again.`
  return new Specter2Error('STORAGE_FAILED', `The browser's storage of ${what} failed (${name}). ${reason}`, {
    retryable: name === 'TimeoutError' || !(name in advice),
    details: { reason: name },
    cause,
  })
}
