import { Specter2Error } from '../../../core/errors.js'

/**
 * The error for data that fits neither in storage nor in memory.
 *
 * @param bytes How many were needed.
 * @param storage Why they are not stored; `null` if they were meant to be in memory.
 */
export function outOfMemory(bytes: number, storage: Error | null, cause: unknown): Specter2Error {
  const where = storage ? `memory or in storage: ${storage.message}` : 'memory.'
  const message = `A conversion needs ${bytes} bytes at once, which do not fit in ${where} Close other tabs, free space, or convert the model with \`specter2-web convert\`.`
  return new Specter2Error('STORAGE_FAILED', message, { details: { bytes }, cause })
}
