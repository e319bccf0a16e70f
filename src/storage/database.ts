import { within } from '../core/async/waiting.js'
import { Specter2Error } from '../core/errors.js'

/** What is stored, as error messages name it. */
export type Stored = 'models' | 'indexes'

const BLOCKED = 'The browser blocks storage for this site. Leave the private window, or allow site data in its settings.'
const ADVICE: Readonly<Record<string, (stored: Stored) => string>> = {
  QuotaExceededError: (stored) =>
    `The space for this site is used up. Delete ${stored} that you do not need, or free space on the disk.`,
  SecurityError: () => BLOCKED,
  InvalidStateError: () => BLOCKED,
  ReferenceError: () => 'IndexedDB is not available here.',
  TimeoutError: () => "The database does not answer. Close this site's other tabs and reload.",
}

/**
 * Runs an IndexedDB operation with a time limit: one that never ends, as browsers have been seen to lose them, fails as a
 * `TimeoutError`.
 *
 * @throws Specter2Error `STORAGE_FAILED`, with the name of the exception as `details.reason`.
 */
export async function databaseOperation<T>(stored: Stored, limitMs: number, operation: () => Promise<T>): Promise<T> {
  const onLimit = () => {
    throw new DOMException('The database does not answer.', 'TimeoutError')
  }
  try {
    return await within(operation(), { limitMs, onLimit })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.name : 'UnknownError'
    const advice = ADVICE[reason]?.(stored) ?? `${cause instanceof Error ? cause.message : cause} Reload the page and try again.`
    throw new Specter2Error('STORAGE_FAILED', `The browser's storage of ${stored} failed (${reason}). ${advice}`, {
      retryable: reason === 'TimeoutError' || !(reason in ADVICE),
      details: { reason },
      cause,
    })
  }
}

interface ClosableDatabase {
  addEventListener(type: 'versionchange' | 'close', listener: () => void): void
  close(): void
}

/** Closes a database when another tab or the user deletes it, which an open connection would block; then calls `onClosed`. */
export function closeWhenDeleted(database: ClosableDatabase, onClosed: () => void): void {
  const close = () => {
    database.close()
    onClosed()
  }
  database.addEventListener('versionchange', close)
  database.addEventListener('close', close)
}
