import { afterEach, describe, expect, test, vi } from 'vitest'
import { Specter2Error } from '../../core/errors.js'
import { startEmbedWorker } from './embed-worker.js'

afterEach(() => vi.unstubAllGlobals())

/** The error that starting a worker throws. */
function failure(source?: Parameters<typeof startEmbedWorker>[0]): Specter2Error {
  try {
    startEmbedWorker(source)
  } catch (error) {
    expect(error).toBeInstanceOf(Specter2Error)
    return error as Specter2Error
  }
  return expect.fail('A worker was started.')
}

/** Whose constructor refuses, as a browser's does. */
function stubWorker(name: string, origin: string): void {
  class Refused {
    constructor() {
      throw new DOMException('not here', name)
    }
  }
  vi.stubGlobal('Worker', Refused)
  vi.stubGlobal('origin', origin)
}

describe('where no worker can start', () => {
  test.each([
    ['undefined', undefined],
    ['a URL', '/embed.js'],
    ['a function', () => new Worker('/embed.js')],
  ])('for lack of Worker, as in a service worker, the error says so and is final; source: %s', (_, source) => {
    vi.stubGlobal('Worker', undefined)
    expect(failure(source)).toMatchObject({ code: 'WORKER_FAILED', retryable: false, details: { reason: 'no Worker' } })
  })

  test('in a sandboxed frame, the error says so and is final', () => {
    stubWorker('SecurityError', 'null')
    expect(failure()).toMatchObject({ code: 'WORKER_FAILED', retryable: false, details: { reason: 'sandboxed frame' } })
  })

  test.each([
    ['a script of another origin', 'SecurityError', 'https://app.test'],
    ['a wrong URL', 'SyntaxError', 'null'],
  ])('because of %s, calling again may help', (_, name, origin) => {
    stubWorker(name, origin)
    const error = failure()
    expect(error).toMatchObject({ code: 'WORKER_FAILED', retryable: true })
    expect(error.details.reason).toBeUndefined()
  })
})
