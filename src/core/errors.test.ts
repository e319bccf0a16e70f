import { readFileSync } from 'node:fs'
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

test('the page on troubleshooting has every code, and no other', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const [union = ''] = /type ErrorCode =[^}]*?\n\n/.exec(read('./errors.ts')) ?? []
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code)
  expect(codes).toContain('UNKNOWN_FORMAT')
  const headings = [...read('../../docs/troubleshooting.md').matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code)
  expect(headings.toSorted()).toEqual([...codes, 'INVALID_ARGUMENT'].toSorted())
})
