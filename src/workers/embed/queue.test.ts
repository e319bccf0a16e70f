import { describe, expect, test } from 'vitest'
import { Queue } from './queue.js'

const never = () => new AbortController().signal
const later = () => new Promise((resolve) => setTimeout(resolve, 2))

/** Pieces that log when they begin and end. */
function pieces(log: string[], name: string, count: number): (() => Promise<void>)[] {
  return Array.from({ length: count }, (_, index) => async () => {
    log.push(`${name}${index}`)
    await later()
    log.push('.')
  })
}

describe('Queue', () => {
  test('runs pieces one at a time, and jobs in the order in which they came', async () => {
    const log: string[] = []
    const queue = new Queue()
    await Promise.all(['a', 'b'].map((name) => queue.run({ priority: 'bulk', signal: never(), pieces: pieces(log, name, 3) })))
    expect(log.join('')).toBe('a0.a1.a2.b0.b1.b2.')
  })

  test('lets a query wait for at most one piece', async () => {
    const log: string[] = []
    const queue = new Queue()
    const bulk = queue.run({ priority: 'bulk', signal: never(), pieces: pieces(log, 'a', 4) })
    while (log.at(-1) !== 'a1') await new Promise((resolve) => setTimeout(resolve))
    await queue.run({ priority: 'query', signal: never(), pieces: pieces(log, 'q', 1) })
    expect(log.join('')).toBe('a0.a1.q0.')
    await bulk
    expect(log.join('')).toBe('a0.a1.q0.a2.a3.')
  })

  test('receives a query that is sent while a piece blocks the thread', async () => {
    const log: string[] = []
    const queue = new Queue()
    const { port1, port2 } = new MessageChannel()
    const query = new Promise<void>((resolve) => {
      port1.onmessage = () => resolve(queue.run({ priority: 'query', signal: never(), pieces: pieces(log, 'q', 1) }))
    })
    const blocking = (name: string) => async () => {
      log.push(name)
      if (name === 'a') port2.postMessage(null)
      // Synchronous, like the runtime on WASM.
      for (const until = performance.now() + 5; performance.now() < until; );
    }
    const bulk = queue.run({ priority: 'bulk', signal: never(), pieces: ['a', 'b', 'c', 'd', 'e'].map(blocking) })
    await Promise.all([query, bulk])
    port1.close()
    // Node may deliver the two messages in either order, but never all five pieces before the query.
    expect(log.indexOf('q0')).toBeLessThanOrEqual(2)
  })

  test('drops the pieces of an aborted job that have not started, and continues with the next job', async () => {
    const log: string[] = []
    const queue = new Queue()
    const controller = new AbortController()
    const reason = new Error('enough')
    const first = queue.run({ priority: 'bulk', signal: controller.signal, pieces: pieces(log, 'a', 3) })
    const second = queue.run({ priority: 'bulk', signal: never(), pieces: pieces(log, 'b', 1) })
    while (log.at(-1) !== 'a0') await new Promise((resolve) => setTimeout(resolve))
    controller.abort(reason)
    await expect(first).rejects.toBe(reason)
    await second
    expect(log.join('')).toBe('a0.b0.')
  })

  test('rejects at once if the signal is already aborted, and runs nothing', async () => {
    const log: string[] = []
    const reason = new Error('before')
    const work = new Queue().run({ priority: 'query', signal: AbortSignal.abort(reason), pieces: pieces(log, 'a', 1) })
    await expect(work).rejects.toBe(reason)
    await later()
    expect(log).toEqual([])
  })

  test('rejects with the error of a piece, and drops only the rest of that job', async () => {
    const log: string[] = []
    const queue = new Queue()
    const error = new Error('piece')
    const broken = queue.run({
      priority: 'bulk',
      signal: never(),
      pieces: [...pieces(log, 'a', 1), () => Promise.reject(error), ...pieces(log, 'never', 1)],
    })
    const sound = queue.run({ priority: 'bulk', signal: never(), pieces: pieces(log, 'b', 1) })
    await expect(broken).rejects.toBe(error)
    await sound
    expect(log.join('')).toBe('a0.b0.')
  })

  test('ends a job without pieces, and runs jobs after being idle', async () => {
    const log: string[] = []
    const queue = new Queue()
    await queue.run({ priority: 'bulk', signal: never(), pieces: [] })
    await later()
    await queue.run({ priority: 'bulk', signal: never(), pieces: pieces(log, 'a', 1) })
    expect(log.join('')).toBe('a0.')
  })
})
