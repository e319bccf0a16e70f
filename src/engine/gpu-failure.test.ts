import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchGpu } from './gpu-failure.js'

class OutOfMemory {
  readonly message = '4 GB buffer'
}

let lose: (info: { reason: string; message: string }) => void
let report: (event: { error: { message: string } }) => void
let failure: ReturnType<typeof watchGpu>

beforeEach(() => {
  vi.stubGlobal('GPUOutOfMemoryError', OutOfMemory)
  const device = {
    lost: new Promise((resolve) => {
      lose = resolve
    }),
    addEventListener: (_: string, listener: typeof report) => {
      report = listener
    },
  }
  failure = watchGpu(device as unknown as GPUDevice)
})
afterEach(() => vi.unstubAllGlobals())

test('a device without events has not failed', async () => {
  failure.throwIfFailed()
  expect(await failure.reason()).toBe(null)
})

test('a lost device rejects, and is the reason of a run that failed before the event', async () => {
  const reason = failure.reason()
  lose({ reason: 'unknown', message: 'driver reset' })
  expect((await reason)?.message).toContain('driver reset')
  await expect(failure.rejected).rejects.toBe(await reason)
  expect(() => failure.throwIfFailed()).toThrow('driver reset')
})

test('the first error of a device is the one that counts, and memory is named as such', async () => {
  report({ error: new OutOfMemory() })
  report({ error: { message: 'later' } })
  expect((await failure.reason())?.message).toMatch(/out of memory.*4 GB buffer/)
})
