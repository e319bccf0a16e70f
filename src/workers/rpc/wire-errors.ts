import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { Settled, WireError } from './rpc-protocol.js'

/**
 * Errors keep class, code and data on their way from the worker: comlink alone carries name, message and stack. Values
 * rather than throws, so that a page's other uses of comlink are left as they are.
 */
export function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error) => ({ error: toWireError(error) }),
  )
}

/** The value, or throws the error. */
export function unwrap<T>(settled: Settled<T>): T {
  if ('error' in settled) throw fromWireError(settled.error)
  return settled.value
}

export function toWireError(value: unknown): WireError {
  const error = value instanceof Error ? value : new Error(String(value))
  const { name, message, stack } = error
  if (error instanceof Specter2Error)
    return { name, message, stack, code: error.code, retryable: error.retryable, details: error.details, field: null }
  const field = error instanceof InvalidArgumentError ? error.field : null
  return { name, message, stack, code: null, retryable: false, details: {}, field }
}

export function fromWireError({ name, message, stack, code, retryable, details, field }: WireError): Error {
  const error =
    code !== null
      ? new Specter2Error(code, message, { retryable, details })
      : field !== null
        ? Object.assign(new InvalidArgumentError(field, null, ''), { message })
        : // Nothing foreseen: a fault of ours or of the runtime.
          new Specter2Error('RUNTIME_FAILED', `The worker failed: ${name}: ${message}`, { details: { name } })
  if (stack !== undefined) error.stack = stack
  return error
}
