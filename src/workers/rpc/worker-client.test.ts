import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PortWorker, startPortWorker } from '../../../testing/port-worker.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { Report, Service } from './protocol.js'
import { transferred } from './transferred.js'
import { type CallOptions, type ClientKind, WorkerClient } from './worker-client.js'

/** One method, which each test writes. */
interface TestProtocol {
  run(request: unknown, report: Report<unknown>): unknown
}

type Run = Service<TestProtocol>['run']

const kind: ClientKind = {
  name: 'test',
  start: () => {
    throw new Error('The test has no script.')
  },
  instead: '',
  fatal: ['RUNTIME_FAILED'],
}

beforeEach(() => vi.stubGlobal('Worker', PortWorker))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function start(run: Run) {
  const worker = startPortWorker<TestProtocol>({ run })
  const client = new WorkerClient<TestProtocol>(worker, kind)
  // The types take `undefined` alone where a request may be left out.
  const call = (request?: unknown, options?: CallOptions<unknown>) => client.call('run', request as undefined, options)
  return { worker, client, call }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )

/** A promise to settle from outside. */
function gate<T = void>() {
  let open: (value: T) => void = () => {}
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** A method that answers when it is cancelled, and promises of its beginning and of its signal's abort. */
function patient() {
  const begun = gate()
  const aborted = gate()
  const run: Run = async (_, { signal }) => {
    begun.open()
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    aborted.open()
  }
  return { run, begun: begun.opened, aborted: aborted.opened }
}

describe('a call', () => {
  test('sends its request and resolves with the result', async () => {
    const { call } = start((request) => ({ got: request }))
    expect(await call({ papers: ['a', 'b'], when: new Date(5) })).toEqual({ got: { papers: ['a', 'b'], when: new Date(5) } })
  })

  test('may be made many times at once, and each gets its own answer', async () => {
    const { call } = start(async (request) => {
      if (request === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      return request
    })
    expect(await Promise.all([0, 1, 2].map((request) => call(request)))).toEqual([0, 1, 2])
  })

  test('to an unknown method fails as WORKER_FAILED and names the method', async () => {
    const client = new WorkerClient<{ missing(): void }>(startPortWorker({}), kind)
    await expect(client.call('missing')).rejects.toMatchObject({ code: 'WORKER_FAILED', details: { method: 'missing' } })
  })

  test('whose request cannot be cloned rejects with a DataCloneError, and the client lives on', async () => {
    const { call } = start((request) => request)
    await expect(call({ field: () => {} })).rejects.toMatchObject({ name: 'DataCloneError' })
    expect(await call(1)).toBe(1)
  })

  test('whose result cannot be cloned rejects', async () => {
    const { call } = start(() => ({ field: () => {} }))
    await expect(call()).rejects.toThrow()
  })
})

describe('reports', () => {
  test('arrive in order and before the answer, even if the method does not wait for them', async () => {
    const { call } = start((_, { report }) => {
      for (let value = 0; value < 50; value++) void report(value)
      return 'answer'
    })
    const log: unknown[] = []
    log.push(await call(undefined, { onReport: (value) => void log.push(value) }))
    expect(log).toEqual([...Array(50).keys(), 'answer'])
  })

  test('resolve when the caller has dealt with them', async () => {
    const log: string[] = []
    const { call } = start(async (_, { report }) => {
      await report(1)
      log.push('reported')
    })
    const onReport = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      log.push('dealt with')
    }
    await call(undefined, { onReport })
    expect(log).toEqual(['dealt with', 'reported'])
  })

  test('to a caller that does not listen resolve at once', async () => {
    const { call } = start(async (_, { report }) => {
      await report(1)
      return 'answer'
    })
    expect(await call()).toBe('answer')
  })

  test('do not reach a caller that has aborted', async () => {
    const first = gate()
    const late = gate<Promise<void>>()
    const { call } = start(async (_, { report, signal }) => {
      void report('early')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      late.open(report('late'))
    })
    const reports: unknown[] = []
    const controller = new AbortController()
    const onReport = (value: unknown) => {
      reports.push(value)
      first.open()
    }
    const calling = failure(call(undefined, { signal: controller.signal, onReport }))
    await first.opened
    controller.abort(new Error('enough'))
    await calling
    await await late.opened
    expect(reports).toEqual(['early'])
  })

  test('that fail at the caller fail the call, whether or not the method waits for them', async () => {
    const onReport = () => {
      throw new RangeError('no room')
    }
    for (const waits of [true, false]) {
      const { call } = start(async (_, { report }) => {
        const arrival = report(1)
        if (waits) await arrival
        return 'answer'
      })
      await expect(call(undefined, { onReport })).rejects.toMatchObject({
        code: 'RUNTIME_FAILED',
        details: { name: 'RangeError' },
      })
    }
  })

  test('that cannot be cloned fail the call', async () => {
    const { call } = start((_, { report }) => void report(() => {}))
    await expect(call(undefined, { onReport: () => {} })).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
      details: { name: 'DataCloneError' },
    })
  })
})

describe('an abort', () => {
  test("rejects with the signal's reason at once and aborts the method's signal", async () => {
    const { run, begun, aborted } = patient()
    const { call } = start(run)
    const controller = new AbortController()
    const reason = new Error('enough')
    let isAborted = false
    void aborted.then(() => {
      isAborted = true
    })
    const calling = failure(call(undefined, { signal: controller.signal }))
    await begun
    controller.abort(reason)
    expect(await calling).toBe(reason)
    expect(isAborted).toBe(false)
    await aborted
  })

  test('before the call keeps the request on the page', async () => {
    const run = vi.fn<Run>()
    const { call } = start(run)
    const reason = new Error('enough')
    expect(await failure(call(1, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    await call(2)
    expect(run.mock.calls.map(([request]) => request)).toEqual([2])
  })

  test('before the worker has started rejects at once, and the method never runs', async () => {
    const run = vi.fn<Run>()
    const { call } = start(run)
    const controller = new AbortController()
    const reason = new Error('enough')
    const calling = failure(call(1, { signal: controller.signal }))
    controller.abort(reason)
    expect(await calling).toBe(reason)
    await call(2)
    expect(run.mock.calls.map(([request]) => request)).toEqual([2])
  })

  test('of one call leaves the others alone', async () => {
    const { call } = start(async (request, { signal }) => {
      if (request === 'other') await new Promise((resolve) => setTimeout(resolve, 5))
      else await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return signal.aborted
    })
    const controller = new AbortController()
    const calling = failure(call('aborted', { signal: controller.signal }))
    const other = call('other')
    controller.abort()
    await calling
    expect(await other).toBe(false)
  })

  test('after the answer does nothing', async () => {
    const { call } = start((_, { signal }) => signal.aborted)
    const controller = new AbortController()
    expect(await call(undefined, { signal: controller.signal })).toBe(false)
    controller.abort()
    expect(await call()).toBe(false)
  })
})

describe('an error of the method', () => {
  test('keeps the code, message, retryable, details and stack of a Specter2Error', async () => {
    const thrown = new Specter2Error('STORAGE_FAILED', 'The disk is full.', {
      retryable: true,
      details: { reason: 'Quota', bytes: 5 },
    })
    const { call } = start(() => {
      throw thrown
    })
    const error = await failure(call())
    expect(error).toBeInstanceOf(Specter2Error)
    const { code, message, retryable, details, stack } = thrown
    expect(error).toMatchObject({ code, message, retryable, details, stack })
  })

  test('keeps the field and message of an InvalidArgumentError', async () => {
    const thrown = new InvalidArgumentError('vectors.length', 3, '4')
    const { call } = start(() => Promise.reject(thrown))
    const error = await failure(call())
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toMatchObject({ field: 'vectors.length', message: thrown.message })
  })

  test.each([
    ['TypeError', new TypeError('x is undefined')],
    ['AbortError', new DOMException('aborted', 'AbortError')],
    ['Error', 'a string'],
  ])('that is not ours becomes RUNTIME_FAILED with its name in the details: %s', async (name, thrown) => {
    const { call } = start(() => Promise.reject(thrown))
    await expect(call()).rejects.toMatchObject({ code: 'RUNTIME_FAILED', details: { name } })
  })

  test('comes after the reports that were made before it', async () => {
    const { call } = start((_, { report }) => {
      for (let value = 0; value < 20; value++) void report(value)
      throw new Specter2Error('STORAGE_FAILED', 'The disk is full.')
    })
    const log: unknown[] = []
    await failure(call(undefined, { onReport: (value) => void log.push(value) }))
    expect(log).toHaveLength(20)
  })
})

describe('transferred buffers', () => {
  test('of a request are detached on the page', async () => {
    const { call } = start((request) => (request as { vectors: Float32Array }).vectors)
    const vectors = Float32Array.of(1, 2)
    expect(await call(transferred({ vectors }, [vectors.buffer]))).toEqual(Float32Array.of(1, 2))
    expect(vectors.buffer.byteLength).toBe(0)
  })

  test('of a report and of a result are detached in the worker', async () => {
    const part = Float32Array.of(1, 2)
    const whole = Float32Array.of(3, 4, 5)
    const { call } = start((_, { report }) => {
      void report(transferred({ part }, [part.buffer]))
      return transferred({ whole }, [whole.buffer])
    })
    const reports: unknown[] = []
    expect(await call(undefined, { onReport: (value) => void reports.push(value) })).toEqual({ whole: Float32Array.of(3, 4, 5) })
    expect(reports).toEqual([{ part: Float32Array.of(1, 2) }])
    expect([part.buffer.byteLength, whole.buffer.byteLength]).toEqual([0, 0])
  })

  test('are those that are marked, and no others', async () => {
    const buffer = new ArrayBuffer(8)
    const { call } = start(() => ({ buffer }))
    await call({ buffer })
    expect(buffer.byteLength).toBe(8)
  })
})

describe('the end of a client', () => {
  test('rejects pending and later calls with its reason and terminates the worker', async () => {
    const { run, begun } = patient()
    const { client, worker, call } = start(run)
    const calls = [failure(call()), failure(call())]
    await begun
    expect(client.failure).toBeNull()
    const reason = new Error('closed')
    client.end(reason)
    client.end(new Error('again'))
    for (const calling of [...calls, failure(call())]) expect(await calling).toBe(reason)
    expect(client.failure).toBe(reason)
    expect(worker.isTerminated).toBe(true)
  })

  test('before the worker has started rejects the calls that wait for it', async () => {
    const client = new WorkerClient<TestProtocol>(startPortWorker(null), kind)
    const calling = failure(client.call('run'))
    const reason = new Error('closed')
    client.end(reason)
    expect(await calling).toBe(reason)
  })

  test('right before an abort decides, and so does an abort right before the end', async () => {
    for (const endsFirst of [true, false]) {
      const { run, begun } = patient()
      const { client, call } = start(run)
      const controller = new AbortController()
      const [end, abort] = [new Error('closed'), new Error('enough')]
      const calling = failure(call(undefined, { signal: controller.signal }))
      await begun
      const steps = [() => client.end(end), () => controller.abort(abort)]
      for (const step of endsFirst ? steps : steps.reverse()) step()
      expect(await calling).toBe(endsFirst ? end : abort)
    }
  })

  test('follows an error with a fatal code: other calls reject with the same error', async () => {
    const { client, worker, call } = start((request, { signal }) => {
      if (request === 'fail') throw new Specter2Error('RUNTIME_FAILED', 'The run failed.', { details: { device: 'webgpu' } })
      return new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    const other = failure(call('wait'))
    const error = await failure(call('fail'))
    expect(error).toMatchObject({ code: 'RUNTIME_FAILED', details: { device: 'webgpu' } })
    expect(await other).toBe(error)
    expect(await failure(call('later'))).toBe(error)
    expect(client.failure).toBe(error)
    expect(worker.isTerminated).toBe(true)
  })

  test('does not follow an error with another code', async () => {
    const { client, call } = start((request) => {
      if (request === 'fail') throw new Specter2Error('UNKNOWN_ADAPTER', 'There is none.')
      return request
    })
    await failure(call('fail'))
    expect(client.failure).toBeNull()
    expect(await call(1)).toBe(1)
  })

  test('follows a crash of the worker: pending and later calls reject with WORKER_FAILED', async () => {
    const { run, begun } = patient()
    const { client, worker, call } = start(run)
    const calling = failure(call())
    await begun
    worker.crash('out of memory')
    const error = await calling
    expect(error).toMatchObject({ code: 'WORKER_FAILED', retryable: true, details: { message: 'out of memory' } })
    expect(await failure(call())).toBe(error)
    expect(client.failure).toBe(error)
  })

  test('follows a message that cannot be read', async () => {
    const { worker, call } = start(patient().run)
    const calling = failure(call())
    worker.dispatchEvent(new Event('messageerror'))
    expect(await calling).toMatchObject({ code: 'WORKER_FAILED' })
  })

  test('follows 30 seconds without an answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const worker = startPortWorker(null)
    const calling = failure(new WorkerClient<TestProtocol>(worker, kind).call('run'))
    await vi.advanceTimersByTimeAsync(29_999)
    expect(worker.isTerminated).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await calling).toMatchObject({ code: 'WORKER_FAILED', retryable: true })
    expect(worker.isTerminated).toBe(true)
  })
})

describe('the source of a worker', () => {
  test('may be a function that makes it', async () => {
    const client = new WorkerClient<TestProtocol>(() => startPortWorker<TestProtocol>({ run: () => 1 }), kind)
    expect(await client.call('run')).toBe(1)
  })

  test('is the own script of the kind by default; one that does not start fails as WORKER_FAILED', () => {
    const start = vi.spyOn(kind, 'start')
    expect(() => new WorkerClient<TestProtocol>(undefined, kind)).toThrow(
      expect.objectContaining({ code: 'WORKER_FAILED', retryable: true, cause: expect.any(Error) }),
    )
    expect(start).toHaveBeenCalledOnce()
  })
})
