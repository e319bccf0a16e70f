import { afterEach, expect, test } from 'vitest'
import { runtimeFiles } from './runtime-files.js'

const suspending = Object.getOwnPropertyDescriptor(WebAssembly, 'Suspending')
afterEach(() => {
  if (suspending) Object.defineProperty(WebAssembly, 'Suspending', suspending)
  else Reflect.deleteProperty(WebAssembly, 'Suspending')
})

const folder = 'https://x.example/ort/'
const files = (build: string) => ({
  mjs: `${folder}ort-wasm-simd-threaded${build}.mjs`,
  wasm: `${folder}ort-wasm-simd-threaded${build}.wasm`,
})

test('WASM needs the small build', () => {
  expect(runtimeFiles('wasm', folder)).toEqual(files(''))
})

test('WebGPU takes the build with stack switching if the browser has it', () => {
  Object.defineProperty(WebAssembly, 'Suspending', { value: class {}, configurable: true })
  expect(runtimeFiles('webgpu', folder)).toEqual(files('.jspi'))
  Reflect.deleteProperty(WebAssembly, 'Suspending')
  expect(runtimeFiles('webgpu', folder)).toEqual(files('.asyncify'))
})

test('a path, as in Node, stays a folder', () => {
  expect(runtimeFiles('wasm', '/modules/ort/')).toBe('/modules/ort/')
})
