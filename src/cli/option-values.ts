import { InvalidArgumentError } from '../core/errors.js'
import { DTYPES } from '../core/model-folder/dtypes.js'
import type { Dtype } from '../core/types.js'

/** @throws InvalidArgumentError where a value is given and is none of `allowed`. */
export function oneOf<T extends string>(field: string, value: string, allowed: readonly T[]): T
export function oneOf<T extends string>(field: string, value: string | undefined, allowed: readonly T[]): T | undefined
export function oneOf<T extends string>(field: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || (allowed as readonly string[]).includes(value)) return value as T | undefined
  throw new InvalidArgumentError(field, value, `one of ${allowed.join(', ')}`)
}

/** @throws InvalidArgumentError where the value is no whole number from `least` on. */
export function wholeNumber(field: string, value: string, least: number): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < least)
    throw new InvalidArgumentError(field, value, `a whole number of at least ${least}`)
  return number
}

/** Dtypes between commas, each once. */
export function dtypeList(field: string, value: string): Dtype[] {
  return [...new Set(value.split(',').map((dtype) => oneOf(field, dtype, DTYPES)))]
}
