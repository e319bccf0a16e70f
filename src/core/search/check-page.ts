import { InvalidArgumentError } from '../errors.js'

/**
 * What part of all hits is asked for.
 *
 * @throws InvalidArgumentError where a number is no whole one of at least 0.
 */
export function checkPage(k: number, offset: number): void {
  for (const [field, value] of Object.entries({ k, offset }))
    if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError(field, value, 'a whole number of at least 0')
}
