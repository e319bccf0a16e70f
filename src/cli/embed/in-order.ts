import { setImmediate } from 'node:timers/promises'

/**
 * Items in slices of what has arrived, as soon as there is one: a slow input waits for nothing, and a fast one is not read further
 * ahead than one slice.
 *
 * @param most Items in a slice.
 * @param size Of an item; a slice is not filled beyond `maxSize`.
 * @throws what `items` throws, after the slices before; the signal's reason at once.
 */
export async function* slicesOf<T>(
  items: AsyncIterable<T>,
  { most, size, maxSize, signal }: { most: number; size: (item: T) => number; maxSize: number; signal: AbortSignal },
): AsyncGenerator<T[], void, void> {
  let slice: T[] = []
  let total = 0
  let end: { error?: unknown } | null = null
  let wake = () => {}
  let resume = () => {}
  const finish = (how: { error?: unknown }) => {
    end ??= how
    wake()
  }
  const onAbort = () => {
    slice = []
    finish({ error: signal.reason })
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort)
  const read = async () => {
    for await (const item of items) {
      slice.push(item)
      total += size(item)
      wake()
      while (!end && (slice.length >= most || total >= maxSize))
        await new Promise<void>((resolve) => {
          resume = resolve
        })
      if (end) return
    }
  }
  read().then(
    () => finish({}),
    (error) => finish({ error }),
  )
  try {
    for (;;) {
      while (slice.length === 0 && !end)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      // What has arrived together is embedded together.
      await setImmediate()
      const taken = slice
      slice = []
      total = 0
      resume()
      if (taken.length > 0) yield taken
      else if (end) break
    }
    const { error } = end as { error?: unknown }
    if (error !== undefined) throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    finish({})
    resume()
  }
}

/**
 * Works on `width` items at once, and yields the results in the items' order, each as soon as it and those before it are there.
 *
 * @throws what `work` throws; what `items` throws, after the results of the items before.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const iterator = items[Symbol.asyncIterator]()
  type Next = { item: T } | { error: unknown } | null
  const take = (): Promise<Next> =>
    iterator.next().then(
      ({ done, value }) => (done ? null : { item: value }),
      (error: unknown) => ({ error }),
    )
  const running: Promise<R>[] = []
  let next: Promise<Next> | null = take()
  let failure: { error: unknown } | null = null
  try {
    while (next || running.length > 0) {
      const [first] = running
      const isFirst = first?.then(() => true)
      const isNext = next && running.length < width ? next.then(() => false) : undefined
      if (await Promise.race([isFirst, isNext].filter((promise) => promise !== undefined))) {
        yield await running.shift()!
        continue
      }
      const found: Next = await next!
      if (found && 'item' in found) {
        const result = work(found.item)
        // Thrown when its turn comes.
        result.catch(() => {})
        running.push(result)
        next = take()
      } else {
        failure = found
        next = null
      }
    }
    if (failure) throw failure.error
  } finally {
    // Not awaited, since `items` may be waiting for input.
    iterator.return?.().catch(() => {})
  }
}
