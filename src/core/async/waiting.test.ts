import { expect, test } from 'vitest'
import { Specter2Error } from '../errors.js'
import { retrying, sleep, within } from './waiting.js'

const never = new Promise<string>(() => {})
const failed = (details = {}) => new Specter2Error('DOWNLOAD_FAILED', 'failed', { retryable: true, details })

test('a promise that settles in time gives its result or its error', async () => {
  const options = { limitMs: 60_000, onLimit: () => 'late' }
  expect(await within(Promise.resolve('done'), options)).toBe('done')
  await expect(within(Promise.reject(new Error('broken')), options)).rejects.toThrow('broken')
})

test('after the limit, onLimit returns the result or throws', async () => {
  expect(await within(never, { limitMs: 1, onLimit: () => 'late' })).toBe('late')
  const onLimit = () => {
    throw new Error('too late')
  }
  await expect(within(never, { limitMs: 1, onLimit })).rejects.toThrow('too late')
})

test('an abort rejects with its reason, before and while waiting', async () => {
  const reason = new Error('stop')
  await expect(within(never, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const controller = new AbortController()
  const waiting = sleep(3_600_000, controller.signal)
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})

/** Runs `retrying` over `outcomes`, one for each try, with a clock that notes how long it was asked to wait. */
async function tries(outcomes: (Error | string)[], progress?: () => number) {
  const waits: number[] = []
  let next = 0
  const attempt = async () => {
    const outcome = outcomes[next++]!
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const sleep = async (ms: number) => {
    waits.push(ms)
  }
  const result = await retrying(attempt, { sleep, ...(progress && { progress }) }).catch((error) => error)
  return { result, waits }
}

test('waits grow, and the fifth failure in a row ends the retries', async () => {
  const last = failed()
  const { result, waits } = await tries([failed(), failed(), failed(), failed(), last])
  expect(result).toBe(last)
  expect(waits).toEqual([500, 1000, 2000, 4000])
})

test('after progress, failures are counted from 1 again', async () => {
  let progress = 0
  const { result, waits } = await tries([...Array.from({ length: 8 }, () => failed()), 'done'], () => progress++)
  expect(result).toBe('done')
  expect(waits).toEqual(Array(8).fill(500))
})

test('the wait is as long as the server asks, but at most a minute', async () => {
  const { waits } = await tries([failed({ retryAfterMs: 7000 }), failed({ retryAfterMs: 3_600_000 }), 'done'])
  expect(waits).toEqual([7000, 60_000])
})

test('a permanent failure and a programming error end at once', async () => {
  const permanent = new Specter2Error('MODEL_NOT_FOUND', 'missing')
  expect(await tries([permanent, 'done'])).toEqual({ result: permanent, waits: [] })
  const bug = new TypeError('bug')
  expect(await tries([bug, 'done'])).toEqual({ result: bug, waits: [] })
})
