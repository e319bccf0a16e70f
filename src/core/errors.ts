/** Every reason why a call fails, other than a wrong argument or an abort. */
export type ErrorCode =
  | 'MODEL_NOT_FOUND'
  | 'INVALID_MODEL'
  | 'UNSUPPORTED'
  | 'UNKNOWN_ADAPTER'
  | 'DOWNLOAD_FAILED'
  | 'DOWNLOAD_TRUNCATED'
  | 'HASH_MISMATCH'
  | 'DAMAGED_FILE'
  | 'STORAGE_FAILED'
  | 'INDEX_STALE'
  | 'INVALID_INDEX'
  | 'WORKER_FAILED'
  | 'RUNTIME_FAILED'
  | 'ASSETS_OUTDATED'
  | 'SELF_TEST_FAILED'
  | 'DISPOSED'
  | 'LIMIT_EXCEEDED'
  | 'UNREADABLE_FILE'
  | 'UNKNOWN_FORMAT'
  | 'SERVICE_FAILED'

/** Plain data about an error; it survives being sent from a worker to the page. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** What a {@link Specter2Error} has beyond its code and message. */
export interface Specter2ErrorOptions {
  /** Whether the same call may succeed if it is repeated. Default `false`. */
  retryable?: boolean
  /** What was found and what was expected: `url`, `file`, `expected`, `actual` … Default: none. */
  details?: ErrorDetails
  /** The error that led to this one. */
  cause?: unknown
}

/**
 * The error of this library: a `code` to switch on, and a message that says what to do next.
 *
 * @example
 * try {
 *   await createEmbedder({ model: '/models/not-here/' })
 * } catch (error) {
 *   if (error instanceof Specter2Error && error.code === 'MODEL_NOT_FOUND') show(error.details.url)
 * }
 */
export class Specter2Error extends Error {
  /** Always `Specter2Error`. */
  override readonly name = 'Specter2Error'
  /** Why the call failed. */
  readonly code: ErrorCode
  /** Whether the same call may succeed if it is repeated. */
  readonly retryable: boolean
  /** What was found and what was expected; `{}` if there is nothing to add. */
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, options: Specter2ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
  }

  /**
   * By name: the runtime that a worker loads has a copy of this class.
   *
   * @internal
   */
  static override [Symbol.hasInstance](value: unknown): value is Specter2Error {
    return value instanceof Error && value.name === 'Specter2Error'
  }
}

/**
 * A wrong argument. The message names the field, the value and what was expected.
 *
 * @example
 * try {
 *   await embedder.embed([{ title: 'A title' }], { adapter: '' })
 * } catch (error) {
 *   if (error instanceof InvalidArgumentError) show(error.field) // options.adapter
 * }
 */
export class InvalidArgumentError extends TypeError {
  /** Always `InvalidArgumentError`. */
  override readonly name = 'InvalidArgumentError'
  /** Always `INVALID_ARGUMENT`. */
  readonly code = 'INVALID_ARGUMENT'
  /** Path of the argument, such as `papers[3].title`. */
  readonly field: string

  /** @param expected What the value must be, as it continues `field must be …`. */
  constructor(field: string, value: unknown, expected: string) {
    super(`${field} must be ${expected}, but is ${show(value)}.`)
    this.field = field
  }
}

/** A value as an error message shows it: short, even if the value is a megabyte. */
export function show(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string')
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}… (${value.length} characters)` : JSON.stringify(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' ? `an object (${value.constructor?.name ?? 'no prototype'})` : `a ${typeof value}`
}
