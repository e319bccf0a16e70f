import { expose } from 'comlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WorkerTask } from './worker-task.js'

/** One end of a channel as a worker; what the other end does is the test's. */
class FakeWorker extends EventTarget {
  readonly #channel = new MessageChannel()
  readonly other = this.#channel.port2
  isTerminated = false

  constructor() {
    super()
    this.#channel.port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }))
  }

  postMessage(data: unknown): void {
    this.#channel.port1.postMessage(data)
  }

  terminate(): void {
    this.isTerminated = true
    this.#channel.port1.close()
  }
}

interface Service {
  double(value: number): Promise<number>
  wait(): Promise<never>
}

let worker: FakeWorker
const start = (signal?: AbortSignal) => new WorkerTask<Service>(worker as unknown as Worker, signal)

beforeEach(() => {
  worker = new FakeWorker()
  expose({ double: (value: number) => value * 2, wait: () => new Promise(() => {}) }, worker.other)
})

afterEach(() => worker.terminate())

test('a call resolves with the answer, and more calls can follow until the task ends', async () => {
  const task = start()
  expect(await task.run((service) => service.double(2))).toBe(4)
  expect(await task.run((service) => service.double(4))).toBe(8)
  task.end()
  expect(worker.isTerminated).toBe(true)
  await expect(task.run((service) => service.double(2))).rejects.toMatchObject({ name: 'AbortError' })
})

test('a call rejects when the task ends, when the signal aborts, and when the worker fails', async () => {
  const ended = start()
  const waiting = ended.run((service) => service.wait())
  ended.end(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')

  const abort = new AbortController()
  const aborted = start(abort.signal).run((service) => service.wait())
  abort.abort(new Error('no longer needed'))
  await expect(aborted).rejects.toThrow('no longer needed')

  const failed = start().run((service) => service.wait())
  worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }))
  await expect(failed).rejects.toThrow('out of memory')
  expect(worker.isTerminated).toBe(true)
})

test('a signal that is aborted already ends the task at once', async () => {
  await expect(start(AbortSignal.abort(new Error('late'))).run((service) => service.double(1))).rejects.toThrow('late')
  expect(worker.isTerminated).toBe(true)
})
