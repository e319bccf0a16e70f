import { afterEach, expect, test, vi } from 'vitest'
import { sha256Hex } from './sha256.js'

afterEach(() => vi.unstubAllGlobals())

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' // FIPS 180-4, example B.1
const part = new TextEncoder().encode('xabcx').subarray(1, 4)

test('the hash is the published one, also for a view into a larger buffer', async () => {
  expect(await sha256Hex(part)).toBe(ABC)
})

test('without crypto.subtle, as on plain http, the hash is the same', async () => {
  vi.stubGlobal('crypto', {})
  expect(await sha256Hex(part)).toBe(ABC)
})
