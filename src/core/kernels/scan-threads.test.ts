import { Worker } from 'node:worker_threads'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInt8Rows } from './create-int8-rows.js'
import type { StartThreads } from './scan-threads.js'

let script = ''
const workers: Worker[] = []

beforeAll(async () => {
  const entry = new URL('scan-threads.ts', import.meta.url).pathname
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, lib: { entry, formats: ['cjs'], fileName: 'scan' } },
  })
  const [{ output }] = built as unknown as [{ output: [{ code: string }] }]
  script = `${output[0].code}\nrequire('node:worker_threads').parentPort.once('message', exports.scanThread)`
})
afterAll(() => Promise.all(workers.map((worker) => worker.terminate())))

const starter =
  (threads: number, code = script): StartThreads =>
  (setup) => {
    for (let thread = 0; thread < threads; thread++) {
      const worker = new Worker(code, { eval: true })
      workers.push(worker)
      worker.postMessage(setup)
    }
  }

/** Places by which threads talk. */
const [NEXT, ALIVE] = [2, 4]
const DIMENSION = 48
const ROWS = 40_000

/** Rows of -127…127, the first column 127, so that they are their own codes. */
function vectorsOf(rows: number): Float32Array {
  let state = 7
  return Float32Array.from({ length: rows * DIMENSION }, (_, index) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return index % DIMENSION === 0 ? 127 : ((state >>> 8) % 255) - 127
  })
}
const coding = { center: new Float32Array(DIMENSION), unit: false }
const partsOf = (seed: number, rows: number) =>
  Array.from({ length: 5 }, (_, part) => ({
    first: (part * rows) / 5,
    count: rows / 5,
    query: Int16Array.from({ length: DIMENSION }, (_, column) => ((column + 1) * (seed + part)) % 301),
  }))

test('threads give the products that one gives, in every round, while the memory grows', async () => {
  const vectors = vectorsOf(ROWS)
  const alone = createInt8Rows(DIMENSION)
  const started: Int32Array[] = []
  const together = createInt8Rows(DIMENSION, 0, (setup) => {
    started.push(new Int32Array(setup.memory.buffer, 0, 16))
    starter(3)(setup)
  })
  let mostTaken = 0
  for (let rows = ROWS / 4; rows <= ROWS; rows += ROWS / 4) {
    const added = vectors.subarray((rows - ROWS / 4) * DIMENSION, rows * DIMENSION)
    alone.append(added, coding)
    together.append(added, coding)
    for (let seed = 0; seed < 200; seed++) {
      const [expected, products] = [alone.dots(partsOf(seed, rows)), together.dots(partsOf(seed, rows))]
      expect(products.every((product, row) => product === expected[row])).toBe(true)
      mostTaken = Math.max(mostTaken, started[0]?.[NEXT] ?? 0)
    }
    // Node's threads begin between two turns.
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  expect(started.length).toBe(1)
  expect(started[0]![ALIVE]).toBe(3)
  // A thread that finds no job left has incremented the counter once more, so threads besides this one took part.
  expect(mostTaken).toBeGreaterThan(5 * Math.ceil(ROWS / 5 / 1024) + 1)
})

test('threads that die at work are done without', async () => {
  const dying = `require('node:worker_threads').parentPort.once('message', ({ memory }) => {
    const control = new Int32Array(memory.buffer, 0, 16)
    Atomics.add(control, 4, 1)
    Atomics.wait(control, 0, Atomics.load(control, 0))
    Atomics.add(control, 3, 1)
    process.exit()
  })`
  const [alone, together] = [createInt8Rows(DIMENSION), createInt8Rows(DIMENSION, 0, starter(1, dying))]
  const vectors = vectorsOf(ROWS)
  for (const rows of [alone, together]) rows.append(vectors, coding)
  for (let seed = 0; seed < 20; seed++) {
    expect([...together.dots(partsOf(seed, ROWS))]).toEqual([...alone.dots(partsOf(seed, ROWS))])
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})
