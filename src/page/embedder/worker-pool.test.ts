import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PortWorker, startPortWorker } from '../../../testing/port-worker.js'
import { Specter2Error } from '../../core/errors.js'
import type { Manifest } from '../../core/model-folder/manifest.js'
import type { AdapterName } from '../../core/types.js'
import type { PackedEncoder } from '../../engine/encoder/pack-encoder.js'
import type { EmbedProtocol, LoadedInfo, WorkerLoadOptions } from '../../workers/embed/embed-protocol.js'
import type { Service } from '../../workers/rpc/protocol.js'
import type { LoadProgress } from './embedder-options.js'
import { LoadListener } from './load-progress.js'
import { chooseWorkers, WorkerPool, type WorkerPoolOptions } from './worker-pool.js'

/** SPECTER2 in q8: 480 MB a worker. */
const modelBytes = 110e6

test.each([
  [1, 8, 1],
  [2, 8, 2],
  [4, 8, 4],
  [6, 8, 3],
  [16, 32, 8],
  [64, 32, 8],
])('%d cores with %d GiB of memory get %d workers', (cores, memoryGiB, workers) => {
  expect(chooseWorkers({ cores, memoryGiB, modelBytes, copies: 3 })).toBe(workers)
})

test('memory limits the number of workers, and a browser that does not report it is assumed to have 4 GiB', () => {
  expect(chooseWorkers({ cores: 4, memoryGiB: 2, modelBytes, copies: 3 })).toBe(2)
  expect(chooseWorkers({ cores: 4, memoryGiB: 0.5, modelBytes, copies: 3 })).toBe(1)
  expect(chooseWorkers({ cores: 8, modelBytes: 440e6, copies: 3 })).toBe(1)
  expect(chooseWorkers({ cores: 8, memoryGiB: 8, modelBytes: 440e6, copies: 3 })).toBe(2)
})

/** A model as a worker reports it: on WASM without threads, stored, small. */
const loaded: LoadedInfo = {
  manifest: {} as Manifest,
  device: 'wasm',
  dtype: 'q8',
  threads: 1,
  engine: 'transformers',
  engineReason: 'its weights are in fp32',
  tier: null,
  deviceReason: null,
  from: 'cache',
  storage: { cached: true },
  bytes: 1000,
  bytesDownloaded: 0,
}

/** One worker of a pool, and what it was asked for. */
interface PoolWorker {
  worker: PortWorker
  loads: WorkerLoadOptions[]
  adapters: (AdapterName | null)[]
  embeds: number
}

type Methods = Partial<Service<EmbedProtocol>>

/** A pool of workers with a tiny service; `methods` replaces methods of the worker with this number. */
function startPool(methods: (number: number) => Methods = () => ({}), load: Partial<WorkerPoolOptions['load']> = {}) {
  const workers: PoolWorker[] = []
  const progress: LoadProgress[] = []
  const source = () => {
    const own = methods(workers.length)
    const service: Service<Pick<EmbedProtocol, 'load' | 'embed' | 'addAdapter' | 'share'>> = {
      share: (request, context) => own.share?.(request, context) ?? null,
      async load(options, context) {
        asked.loads.push(options)
        await context.report([{ path: 'model.onnx', loaded: 1, fromCache: 0, total: 1 }])
        return own.load ? own.load(options, context) : loaded
      },
      embed(request, context) {
        asked.embeds++
        return own.embed?.(request, context)
      },
      addAdapter(request, context) {
        asked.adapters.push(request.name)
        return own.addAdapter ? own.addAdapter(request, context) : (request.name ?? 'own-name')
      },
    }
    const worker = startPortWorker(service)
    const asked: PoolWorker = { worker, loads: [], adapters: [], embeds: 0 }
    workers.push(asked)
    return worker
  }
  const pool = new WorkerPool({
    source,
    load: {
      device: 'auto',
      dtype: 'auto',
      engine: 'auto',
      tier: undefined,
      threads: undefined,
      runtime: 'https://page/ort/',
      adapters: [],
      tested: false,
      ...load,
    },
    open: async () => ({ model: { url: 'https://page/model/' }, isNew: false }),
    listen: (demotion) => new LoadListener((value) => progress.push(value), demotion),
  })
  pools.push(pool)
  const embed = (signal?: AbortSignal) =>
    pool.call((client) => client.call('embed', { inputs: { query: 'a' }, adapter: null }, { signal }), signal)
  const devices = () => workers.map(({ loads }) => loads.map(({ device }) => device))
  return { pool, workers, progress, embed, devices }
}

const pools: WorkerPool[] = []
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )
const until = (check: () => void) => vi.waitFor(check, { interval: 1 })
const never = () => new Promise<never>(() => {})

/** Starts all workers of the pool, and waits until each is loaded. */
async function startAll({ pool, workers }: Pick<ReturnType<typeof startPool>, 'pool' | 'workers'>): Promise<void> {
  await pool.load(undefined)
  pool.grow()
  await until(() => expect(workers.map(({ loads }) => loads.length)).toEqual(Array(pool.size).fill(1)))
}

const gpuFailure = (code: 'RUNTIME_FAILED' | 'SELF_TEST_FAILED') =>
  new Specter2Error(code, 'The GPU is lost.', { details: { device: 'webgpu' } })
const outOfMemory = () => new Specter2Error('RUNTIME_FAILED', 'No memory.', { details: { device: 'wasm', outOfMemory: true } })

beforeEach(() => {
  vi.stubGlobal('Worker', PortWorker)
  vi.stubGlobal('navigator', { hardwareConcurrency: 2, deviceMemory: 8 })
})
afterEach(() => {
  for (const pool of pools.splice(0)) pool.end(new Error('The test is over.'))
  vi.unstubAllGlobals()
})

describe('loading', () => {
  test('starts one worker, and grow() the others, which skip the self-test', async () => {
    const { pool, workers, progress, embed } = startPool()
    await pool.load(undefined)
    expect(workers).toHaveLength(1)
    expect(pool.size).toBe(2)
    expect(progress.map(({ stage }) => stage)).toEqual(['start', 'ready'])
    pool.grow()
    pool.grow()
    await until(() => expect(workers[1]?.loads).toHaveLength(1))
    expect(workers.map(({ loads }) => loads[0]!.tested)).toEqual([false, true])
    expect(progress).toHaveLength(2)
    await embed()
    expect(workers).toHaveLength(2)
  })

  test('a page that is cross-origin isolated has several workers on the own encoder, and one with threads on transformers.js', async () => {
    vi.stubGlobal('crossOriginIsolated', true)
    const own = startPool(() => ({ load: () => ({ ...loaded, engine: 'own', tier: 'simd' }) }))
    await own.pool.load(undefined)
    expect(own.pool.size).toBe(2)
    const transformers = startPool(() => ({ load: () => ({ ...loaded, threads: 2 }) }))
    await transformers.pool.load(undefined)
    expect(transformers.pool.size).toBe(1)
  })

  test('further workers run the engine that the first one ended up with', async () => {
    const { pool, workers } = startPool(() => ({ load: () => ({ ...loaded, engine: 'transformers' }) }))
    await startAll({ pool, workers })
    expect(workers.map(({ loads }) => loads[0]!.engine)).toEqual(['auto', 'transformers'])
  })

  test('further workers get the own encoder of the first one; if that has none to give, they load it themselves', async () => {
    const own = { load: () => ({ ...loaded, engine: 'own' as const, tier: 'simd' as const }) }
    const shared = startPool(() => ({ ...own, share: () => ({ packed: {} as PackedEncoder, memory: new ArrayBuffer(8) }) }))
    await startAll(shared)
    expect(shared.workers.map(({ loads }) => loads[0]!.share)).toEqual([null, { packed: {}, memory: new ArrayBuffer(8) }])
    const alone = startPool(() => ({ ...own, share: () => null }))
    await startAll(alone)
    expect(alone.workers[1]!.loads[0]!.share).toBeNull()
  })

  test('continues with fewer workers if another one fails to start', async () => {
    const { pool, workers, embed } = startPool((number) => (number === 1 ? { load: () => Promise.reject(outOfMemory()) } : {}))
    await pool.load(undefined)
    pool.grow()
    await until(() => expect(pool.size).toBe(1))
    await embed()
    expect(workers.map(({ embeds }) => embeds)).toEqual([1, 0])
  })
})

describe('a crash', () => {
  test('of one worker makes its call again in another', async () => {
    const { pool, workers, embed } = startPool((number) => (number === 0 ? { embed: never } : {}))
    await startAll({ pool, workers })
    const calling = embed()
    await until(() => expect(workers[0]!.embeds).toBe(1))
    workers[0]!.worker.crash('out of memory')
    await calling
    expect(workers.map(({ embeds }) => embeds)).toEqual([1, 1])
  })

  test('of a second worker under the same call rejects', async () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 4, deviceMemory: 8 })
    const { pool, workers, embed } = startPool(() => ({ embed: never }))
    await startAll({ pool, workers })
    const calling = failure(embed())
    for (const place of [0, 1]) {
      await until(() => expect(workers[place]!.embeds).toBe(1))
      workers[place]!.worker.crash('out of memory')
    }
    expect(await calling).toMatchObject({ code: 'WORKER_FAILED', retryable: true })
  })

  test('of the only worker rejects, and the next call starts a new one', async () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 1, deviceMemory: 8 })
    const { pool, workers, embed } = startPool((number) => (number === 0 ? { embed: never } : {}))
    await pool.load(undefined)
    const calling = failure(embed())
    await until(() => expect(workers[0]!.embeds).toBe(1))
    workers[0]!.worker.crash('out of memory')
    expect(await calling).toMatchObject({ code: 'WORKER_FAILED' })
    await Promise.all([embed(), embed()])
    expect(workers.map(({ embeds }) => embeds)).toEqual([1, 2])
  })
})

describe('a failure of WebGPU', () => {
  const onGpu = (options: WorkerLoadOptions): LoadedInfo => ({ ...loaded, device: options.device === 'wasm' ? 'wasm' : 'webgpu' })
  const demoted = { from: 'webgpu', reason: 'The GPU is lost.' }

  test('during a run moves the pool to WASM, repeats all calls there and notifies the listener', async () => {
    const { pool, workers, progress, embed, devices } = startPool((number) => ({
      load: onGpu,
      embed: ({ inputs: _ }, { signal }) => {
        if (number > 0) return
        if (workers[0]!.embeds === 2) throw gpuFailure('RUNTIME_FAILED')
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      },
    }))
    await pool.load(undefined)
    expect(pool.info?.device).toBe('webgpu')
    await Promise.all([embed(), embed()])
    expect(devices()).toEqual([['auto'], ['wasm']])
    expect(workers.map(({ embeds }) => embeds)).toEqual([2, 2])
    expect(workers[0]!.worker.isTerminated).toBe(true)
    expect(pool.demotion).toEqual(demoted)
    expect(pool.info?.device).toBe('wasm')
    expect(progress.map(({ stage, demoted }) => [stage, demoted])).toEqual([
      ['start', undefined],
      ['ready', undefined],
      ['start', demoted],
      ['ready', demoted],
    ])
  })

  test('in the self-test of a loading is loaded on WASM instead', async () => {
    const { pool, progress, devices } = startPool(() => ({
      load: (options) => (options.device === 'wasm' ? loaded : Promise.reject(gpuFailure('SELF_TEST_FAILED'))),
    }))
    await pool.load(undefined)
    expect(devices()).toEqual([['auto'], ['wasm']])
    expect(pool.demotion).toEqual(demoted)
    expect(progress.at(-1)).toMatchObject({ stage: 'ready', demoted })
  })

  test('rejects if the caller asked for WebGPU by name', async () => {
    const { pool, workers, embed } = startPool(
      () => ({ load: onGpu, embed: () => Promise.reject(gpuFailure('RUNTIME_FAILED')) }),
      { device: 'webgpu' },
    )
    await pool.load(undefined)
    await expect(embed()).rejects.toMatchObject({ code: 'RUNTIME_FAILED', details: { device: 'webgpu' } })
    expect(pool.demotion).toBeNull()
    expect(workers).toHaveLength(1)
  })
})

describe('running out of memory', () => {
  test('in a loading shrinks the pool to one worker of one thread', async () => {
    const { pool, workers } = startPool((number) => (number === 0 ? { load: () => Promise.reject(outOfMemory()) } : {}))
    await pool.load(undefined)
    pool.grow()
    expect(workers.map(({ loads }) => loads[0]!.threads)).toEqual([undefined, 1])
    expect(pool.size).toBe(1)
  })

  test('in a run ends the other workers too, and the call is made again in one of one thread', async () => {
    const { pool, workers, embed } = startPool((number) => (number < 2 ? { embed: () => Promise.reject(outOfMemory()) } : {}))
    await startAll({ pool, workers })
    await embed()
    expect(workers.map(({ worker }) => worker.isTerminated)).toEqual([true, true, false])
    expect(workers[2]!.loads[0]!.threads).toBe(1)
    expect(pool.size).toBe(1)
    expect(pool.demotion).toBeNull()
  })

  test('once more rejects', async () => {
    const { pool, workers } = startPool(() => ({ load: () => Promise.reject(outOfMemory()) }))
    await expect(pool.load(undefined)).rejects.toMatchObject({ code: 'RUNTIME_FAILED', details: { outOfMemory: true } })
    expect(workers.map(({ worker }) => worker.isTerminated)).toEqual([true, true])
  })
})

describe('addAdapter()', () => {
  const address = { url: 'https://page/adapter/' }

  test('reaches every worker, also those that start later, under the name that the first gave it', async () => {
    const { pool, workers } = startPool()
    await pool.load(undefined)
    expect(await pool.addAdapter(address, null, undefined)).toBe('own-name')
    pool.grow()
    await until(() => expect(workers[1]?.adapters).toEqual(['own-name']))
    await pool.addAdapter(address, 'second', undefined)
    expect(workers.map(({ adapters }) => adapters)).toEqual([
      [null, 'second'],
      ['own-name', 'second'],
    ])
    expect([...pool.addedAdapters]).toEqual(['own-name', 'second'])
  })

  test('that fails in a further worker ends that worker alone', async () => {
    const broken = { addAdapter: () => Promise.reject(new Specter2Error('DOWNLOAD_FAILED', 'Offline.')) }
    const { pool, workers } = startPool((number) => (number === 1 ? broken : {}))
    await startAll({ pool, workers })
    await pool.addAdapter(address, 'other', undefined)
    expect(workers.map(({ worker }) => worker.isTerminated)).toEqual([false, true])
    pool.grow()
    await until(() => expect(workers[2]?.adapters).toEqual(['other']))
  })

  test('that fails in the first worker rejects and adds nothing', async () => {
    const { pool } = startPool(() => ({ addAdapter: () => Promise.reject(new Specter2Error('DOWNLOAD_FAILED', 'Offline.')) }))
    await pool.load(undefined)
    await expect(pool.addAdapter(address, 'other', undefined)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' })
    expect([...pool.addedAdapters]).toEqual([])
  })
})

describe('end()', () => {
  test('rejects pending and later calls with its reason and terminates all workers', async () => {
    const { pool, workers, embed } = startPool(() => ({ embed: never }))
    await startAll({ pool, workers })
    const calls = [failure(embed()), failure(embed())]
    await until(() => expect(workers.reduce((sum, { embeds }) => sum + embeds, 0)).toBe(2))
    const reason = new Specter2Error('DISPOSED', 'Disposed.')
    pool.end(reason)
    pool.end(new Error('again'))
    for (const calling of [...calls, failure(embed())]) expect(await calling).toBe(reason)
    expect(workers.map(({ worker }) => worker.isTerminated)).toEqual([true, true])
  })

  test('while the model loads rejects the loading', async () => {
    const { pool, workers } = startPool(() => ({ load: never }))
    const loading = failure(pool.load(undefined))
    await until(() => expect(workers[0]?.loads).toHaveLength(1))
    const reason = new Specter2Error('DISPOSED', 'Disposed.')
    pool.end(reason)
    expect(await loading).toBe(reason)
    expect(workers).toHaveLength(1)
  })
})
