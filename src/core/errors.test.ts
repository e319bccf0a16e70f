import { expect, test, vi } from 'vitest'
import { InvalidArgumentError, Specter2Error } from './errors.js'

test('an error of another copy of this module is one, too; other errors are not', async () => {
  vi.resetModules()
  const other = await import('./errors.js')
  expect(other.Specter2Error).not.toBe(Specter2Error)
  expect(new other.Specter2Error('RUNTIME_FAILED', 'No memory.')).toBeInstanceOf(Specter2Error)
  for (const value of [new Error('No memory.'), new InvalidArgumentError('a', 1, 'b'), { name: 'Specter2Error' }, null])
    expect(value instanceof Specter2Error).toBe(false)
})
