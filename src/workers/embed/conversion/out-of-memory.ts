import { Specter2Error } from '../../../core/errors.js'

/**
 * What storage does not take is held in memory, and that has an end too.
 *
 * @param bytes How many were needed.
 * @param storage Why they are not stored; `null` where they are to be in memory anyway.
 */
export function outOfMemory(bytes: number, storage: Error | null, cause: unknown): Specter2Error {
  const where = storage ? `memory, nor in storage: ${storage.message}` : 'memory.'
  const message = `A conversion needs ${bytes} bytes at once, which do not fit in ${where} Close other tabs, free space, or convert the model with \`specter2-web convert\`.`
  return new Specter2Error('STORAGE_FAILED', message, { details: { bytes }, cause })
}
