import { InvalidArgumentError } from '../errors.js'

/**
 * Checks which part of all hits is requested.
 *
 * @throws InvalidArgumentError if a number is not a whole number of at least 0.
 */
export function checkPage(k: number, offset: number): void {
  for (const [field, value] of Object.entries({ k, offset }))
    if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError(field, value, 'a whole number of at least 0')
}
