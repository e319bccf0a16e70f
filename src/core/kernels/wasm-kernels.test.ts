import { afterEach, expect, test, vi } from 'vitest'
import { compileKernels } from '../../../build/compile-kernels.mjs'
import { RELAXED_SIMD, SHARED_RELAXED_SIMD, SHARED_SIMD, SIMD } from './wasm-bytes.js'
import { reserve, wasmKernels } from './wasm-kernels.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test.each([
  ['SIMD', { relaxed: false, shared: false }, SIMD],
  ['relaxed SIMD', { relaxed: true, shared: false }, RELAXED_SIMD],
  ['SIMD for threads', { relaxed: false, shared: true }, SHARED_SIMD],
  ['relaxed SIMD for threads', { relaxed: true, shared: true }, SHARED_RELAXED_SIMD],
])('the committed kernels with %s are those of their source', async (_, options, committed) => {
  expect(Buffer.from(await compileKernels(options)).toString('base64')).toBe(committed)
})

test('each instance has a memory of its own', () => {
  const [a, b] = [wasmKernels()!, wasmKernels()!]
  reserve(a.memory, 200_000)
  expect(a.memory.buffer.byteLength).toBeGreaterThanOrEqual(200_000)
  expect(b.memory.buffer.byteLength).toBe(65_536)
})

test('a memory that cannot grow is said by its code', () => {
  expect(() => reserve(wasmKernels()!.memory, 2 ** 33)).toThrow(expect.objectContaining({ code: 'RUNTIME_FAILED' }))
})

test('plain code is used if a policy forbids WASM', async () => {
  vi.stubGlobal('WebAssembly', {
    Module: class {
      constructor() {
        throw new Error('Refused to compile or instantiate WebAssembly module')
      }
    },
  })
  vi.resetModules()
  const fresh = await import('./create-int8-rows.js')
  const { PlainInt8Rows } = await import('./plain-int8-rows.js')
  expect(fresh.createInt8Rows(3)).toBeInstanceOf(PlainInt8Rows)
})
