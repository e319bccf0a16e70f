import { afterEach, describe, expect, test, vi } from 'vitest'
import { acquireLock, heldLocks, Mutex, withLock } from './web-locks.js'

afterEach(() => vi.unstubAllGlobals())

/** The part of `navigator.locks` that is used: exclusive locks, granted in order. */
function stubLocks() {
  const queues = new Map<string, Promise<unknown>>()
  const held = new Set<string>()
  const request = (name: string, ...rest: unknown[]) => {
    const task = rest.at(-1) as () => Promise<unknown>
    const { signal } = (rest.length > 1 ? rest[0] : {}) as { signal?: AbortSignal }
    const granted = (queues.get(name) ?? Promise.resolve()).then(() => {
      signal?.throwIfAborted()
      held.add(name)
      return task().finally(() => held.delete(name))
    })
    queues.set(
      name,
      granted.catch(() => {}),
    )
    return granted
  }
  vi.stubGlobal('navigator', { locks: { request, query: async () => ({ held: [...held].map((name) => ({ name })) }) } })
}

/** Tasks that end on request, and a log of their runs. */
function tasks() {
  const log: string[] = []
  const ends = new Map<string, () => void>()
  const task = (name: string) => async () => {
    log.push(`${name} starts`)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    log.push(`${name} ends`)
    return name
  }
  return { log, task, end: (name: string) => ends.get(name)!() }
}

const settled = () => new Promise((resolve) => setTimeout(resolve))

describe.each([
  ['with Web Locks', stubLocks],
  ['without Web Locks', () => vi.stubGlobal('navigator', {})],
])('a mutex %s', (_, prepare) => {
  test('runs one task at a time, in order, and continues after a failure', async () => {
    prepare()
    const { log, task, end } = tasks()
    const mutex = new Mutex('name')
    const [first, failing, last] = [
      mutex.run(task('first')),
      mutex.run(() => Promise.reject(new Error('fails'))),
      mutex.run(task('last')),
    ]
    await settled()
    expect(log).toEqual(['first starts'])
    end('first')
    expect(await first).toBe('first')
    await expect(failing).rejects.toThrow('fails')
    await settled()
    end('last')
    expect(await last).toBe('last')
    expect(log).toEqual(['first starts', 'first ends', 'last starts', 'last ends'])
  })

  test('never starts a task that was aborted while it waited', async () => {
    prepare()
    const { log, task, end } = tasks()
    const mutex = new Mutex('name')
    const controller = new AbortController()
    const reason = new Error('stop')
    const [first, second] = [mutex.run(task('first')), mutex.run(task('second'), controller.signal)]
    controller.abort(reason)
    await settled()
    end('first')
    await expect(second).rejects.toBe(reason)
    expect(await first).toBe('first')
    expect(log).toEqual(['first starts', 'first ends'])
  })
})

test('two mutexes of one name exclude each other; without a name they do not', async () => {
  stubLocks()
  const { log, task, end } = tasks()
  void new Mutex('name').run(task('a'))
  void new Mutex('name').run(task('b'))
  void new Mutex(null).run(task('c'))
  await settled()
  expect(log).toEqual(['c starts', 'a starts'])
  end('a')
  await settled()
  expect(log).toEqual(['c starts', 'a starts', 'a ends', 'b starts'])
})

test('a lock is listed while it is held, and the next one waits for its release', async () => {
  stubLocks()
  const release = await acquireLock('name')
  expect([...(await heldLocks())]).toEqual(['name'])
  let ran = false
  const waiting = withLock('name', async () => {
    ran = true
  })
  await settled()
  expect(ran).toBe(false)
  release!()
  await waiting
  expect(ran).toBe(true)
  expect([...(await heldLocks())]).toEqual([])
})

test('a task that resolves with nothing runs once', async () => {
  stubLocks()
  let runs = 0
  await withLock('name', async () => void runs++)
  expect(runs).toBe(1)
})

test('without Web Locks, as in Node, nothing is held and nothing waits', async () => {
  vi.stubGlobal('navigator', undefined)
  expect(await acquireLock('name')).toBe(null)
  expect(await heldLocks()).toEqual(new Set())
  expect(await withLock('name', async () => 'done')).toBe('done')
})
