import { transfer } from 'comlink'

const buffersOf = new WeakMap<object, readonly ArrayBuffer[]>()

/**
 * Marks the buffers of a request, a report or a result as transferred: they cross the boundary without a copy, and the sender
 * loses them.
 */
export function transferred<T extends object>(value: T, buffers: ArrayBuffer[]): T {
  buffersOf.set(value, buffers)
  return transfer(value, buffers)
}

/** An object that holds `value`, with the same buffers transferred: comlink looks at the outermost object only. */
export function wrapTransferred(value: unknown): { value: unknown } {
  const buffers = typeof value === 'object' && value !== null ? buffersOf.get(value) : undefined
  return buffers ? transfer({ value }, [...buffers]) : { value }
}
