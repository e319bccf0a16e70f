import { expect, test } from 'vitest'
import { collect } from '../../../testing/collect.js'
import { never } from '../testing.js'
import { inOrder, slicesOf } from './in-order.js'

/** Promises that the test settles. */
function gates(count: number) {
  return Array.from({ length: count }, () => {
    let open = (_: number) => {}
    let fail = (_: Error) => {}
    const promise = new Promise<number>((resolve, reject) => {
      open = resolve
      fail = reject
    })
    return { promise, open, fail }
  })
}

async function* numbers(count: number, seen: number[] = [], error?: Error) {
  for (let index = 0; index < count; index++) {
    seen.push(index)
    yield index
  }
  if (error) throw error
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
const options = { most: 3, size: () => 1, maxSize: 100, signal: never }

test('results keep the order of their items, of which no more than the width are worked on', async () => {
  const work = gates(4)
  const started: number[] = []
  const results = inOrder(numbers(4), 2, (index) => {
    started.push(index)
    return work[index]!.promise
  })
  const all = collect(results)
  await settled()
  expect(started).toEqual([0, 1])
  work[1]!.open(11)
  await settled()
  expect(started).toEqual([0, 1])
  for (const index of [0, 2, 3]) work[index]!.open(10 + index)
  expect(await all).toEqual([10, 11, 12, 13])
})

test('an error of the items comes after the results before it, one of the work in its turn', async () => {
  const results = inOrder(numbers(2, [], new Error('line 3')), 3, async (index) => index)
  expect(await results.next()).toEqual({ value: 0, done: false })
  expect(await results.next()).toEqual({ value: 1, done: false })
  await expect(results.next()).rejects.toThrow('line 3')
  const failing = inOrder(numbers(3), 3, async (index) => {
    if (index === 1) throw new Error('item 1')
    return index
  })
  expect(await failing.next()).toEqual({ value: 0, done: false })
  await expect(failing.next()).rejects.toThrow('item 1')
})

test('a result that is there does not wait for the next item', async () => {
  const [gate] = gates(1)
  async function* slow() {
    yield 1
    await gate!.promise
  }
  const results = inOrder(slow(), 2, async (item) => item)
  expect(await results.next()).toEqual({ value: 1, done: false })
  gate!.open(0)
  expect(await results.next()).toEqual({ value: undefined, done: true })
})

test('slices hold what has arrived, and nothing is read beyond one slice', async () => {
  const seen: number[] = []
  const slices = slicesOf(numbers(8, seen), options)
  expect((await slices.next()).value).toEqual([0, 1, 2])
  await settled()
  expect(seen).toEqual([0, 1, 2, 3, 4, 5])
  expect(await collect(slices)).toEqual([
    [3, 4, 5],
    [6, 7],
  ])
  const large = await collect(slicesOf(numbers(3), { ...options, size: () => 60 }))
  expect(large).toEqual([[0, 1], [2]])
})

test('slices end with the error of their items, after the items before it, or at once with an abort', async () => {
  const failing = slicesOf(numbers(2, [], new Error('line 3')), options)
  expect((await failing.next()).value).toEqual([0, 1])
  await expect(failing.next()).rejects.toThrow('line 3')
  const abort = new AbortController()
  async function* silent(): AsyncGenerator<number> {
    await new Promise(() => {})
  }
  const waiting = slicesOf(silent(), { ...options, signal: abort.signal }).next()
  abort.abort(new Error('Interrupted.'))
  await expect(waiting).rejects.toThrow('Interrupted.')
})
