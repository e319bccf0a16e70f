import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { WireError } from './protocol.js'

/** Keeps an error's class, code and data across the boundary: comlink alone carries name, message and stack. */
export function toWireError(value: unknown): WireError {
  const error = value instanceof Error ? value : new Error(String(value))
  const { name, message, stack } = error
  const wire = { name, message, stack, code: null, retryable: false, details: {}, field: null }
  if (error instanceof Specter2Error) return { ...wire, code: error.code, retryable: error.retryable, details: error.details }
  return error instanceof InvalidArgumentError ? { ...wire, field: error.field } : wire
}

/** The error that {@link toWireError} was given; any other than ours becomes `RUNTIME_FAILED`, a fault of ours or of the runtime. */
export function fromWireError({ name, message, stack, code, retryable, details, field }: WireError): Error {
  let error: Error
  if (code !== null) error = new Specter2Error(code, message, { retryable, details })
  else if (field !== null) error = Object.assign(new InvalidArgumentError(field, null, ''), { message })
  else error = new Specter2Error('RUNTIME_FAILED', `The worker failed: ${name}: ${message}`, { details: { name } })
  if (stack !== undefined) error.stack = stack
  return error
}
