import { InvalidArgumentError } from '../errors.js'

/**
 * For measures of two lists that belong together.
 *
 * @param name Of the second list, in the error.
 * @throws InvalidArgumentError if the lists are empty or their lengths differ.
 */
export function checkLengths(first: ArrayLike<unknown>, second: ArrayLike<unknown>, name: string, firstName: string): void {
  if (first.length === 0) throw new InvalidArgumentError(`${firstName}.length`, 0, 'at least 1')
  if (first.length !== second.length)
    throw new InvalidArgumentError(`${name}.length`, second.length, `${first.length}, the length of ${firstName}`)
}

/** @throws InvalidArgumentError if a number is not finite. */
export function checkFinite(values: ArrayLike<number>, name: string): void {
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at])) throw new InvalidArgumentError(`${name}[${at}]`, values[at], 'a finite number')
}
