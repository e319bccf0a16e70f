import { type ParseArgsConfig, parseArgs } from 'node:util'
import { InvalidArgumentError } from '../core/errors.js'
import type { Manifest } from '../core/model-folder/manifest.js'
import type { Dtype, EngineChoice } from '../core/types.js'
import { nodeThreads } from '../node/paths.js'

/** What `--engine` may name. */
export const ENGINES = ['auto', 'own', 'portable', 'native', 'transformers'] as const satisfies readonly EngineChoice[]

/** Options by name, and the arguments that belong to none. */
export function parseCommand<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
  return parseArgs({ args: [...args], allowPositionals: true, options })
}

/** @throws InvalidArgumentError unless there is exactly one positional argument. */
export function onlyArgument(field: string, positionals: readonly string[], expected: string): string {
  const [argument, ...rest] = positionals
  if (argument && rest.length === 0) return argument
  throw new InvalidArgumentError(field, positionals.join(' '), expected)
}

/** @throws InvalidArgumentError if the value is not one of `allowed`. */
export function oneOf<T extends string>(field: string, value: string, allowed: readonly T[]): T
export function oneOf<T extends string>(field: string, value: string | undefined, allowed: readonly T[]): T | undefined
export function oneOf<T extends string>(field: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || (allowed as readonly string[]).includes(value)) return value as T | undefined
  throw new InvalidArgumentError(field, value, `one of ${allowed.join(', ')}`)
}

/** A list separated by commas, without repetitions. */
export function listOf<T extends string>(field: string, value: string, allowed: readonly T[]): T[] {
  return [...new Set(value.split(',').map((item) => oneOf(field, item, allowed)))]
}

/** @throws InvalidArgumentError if the value is not a whole number of at least `least`. */
export function wholeNumber(field: string, value: string, least: number): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < least)
    throw new InvalidArgumentError(field, value, `a whole number of at least ${least}`)
  return number
}

/** The value of `--threads`, by default {@link nodeThreads}. */
export function threadCount(value: string | undefined): number {
  return value === undefined ? nodeThreads() : wholeNumber('--threads', value, 1)
}

/** The value of `--dtype`, a list of dtypes that the model has; by default q8, or the model's first if it has no q8. */
export function modelDtypes(value: string | undefined, { dtypes }: Manifest): Dtype[] {
  const available = Object.keys(dtypes) as Dtype[]
  if (value !== undefined) return listOf('--dtype', value, available)
  return available.includes('q8') ? ['q8'] : available.slice(0, 1)
}
