import { expect, test, vi } from 'vitest'
import { macrotask } from './macrotask.js'
import { pauses } from './pauses.js'

/** Calls `work` with a clock that only this test moves. */
async function withClock(work: (advance: (ms: number) => void) => Promise<void>): Promise<void> {
  let now = 1000
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  try {
    await work((ms) => {
      now += ms
    })
  } finally {
    clock.mockRestore()
  }
}

test('a pause is due after 40 ms of work, and again 40 ms after the last one', () =>
  withClock(async (advance) => {
    const pause = pauses(undefined)
    expect(pause()).toBe(undefined)
    advance(39)
    expect(pause()).toBe(undefined)
    advance(1)
    const due = pause()
    expect(due).toBeInstanceOf(Promise)
    await due
    expect(pause()).toBe(undefined)
    advance(40)
    await expect(pause()).resolves.toBe(undefined)
  }))

test('an abort before the work or during a pause rejects with its reason', () =>
  withClock(async (advance) => {
    const reason = new Error('stop')
    expect(() => pauses(AbortSignal.abort(reason))).toThrow(reason)
    const controller = new AbortController()
    const pause = pauses(controller.signal)
    advance(40)
    setTimeout(() => controller.abort(reason))
    await expect(pause()).rejects.toBe(reason)
  }))

test('a macrotask ends after the pending microtasks', async () => {
  let ran = false
  queueMicrotask(() => {
    ran = true
  })
  await macrotask()
  expect(ran).toBe(true)
})
