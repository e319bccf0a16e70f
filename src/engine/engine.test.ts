import { beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../../testing/checkpoints.js'
import {
  largestDifference,
  MemorySink,
  memoryFolder,
  publishedAdapter,
  publishedFiles,
  smallShape,
} from '../../testing/models.js'
import { readAdapterFolder } from '../core/checkpoint/published-folder.js'
import { convertModel } from '../core/converter/convert.js'
import { parseManifest } from '../core/model-folder/manifest.js'
import type { Dtype } from '../core/types.js'
import { runtimeFolder } from '../node/paths.js'
import { Engine } from './engine.js'
import { createGraphRuntime } from './graph-runtime.js'
import { loadModel } from './load-model.js'

const withAdapters = new MemorySink()
const withoutAdapters = new MemorySink()
const adapters = new Map(
  ['proximity', 'mine'].map((name, index) => [name, memoryFolder(name, publishedAdapter(smallShape, 4, 10 + index))]),
)

beforeAll(async () => {
  const base = memoryFolder('small', publishedFiles())
  const runtime = createGraphRuntime({ runtime: runtimeFolder(), threads: 1 })
  await convertModel({ base, adapters, sink: withAdapters, runtime })
  await convertModel({
    base,
    adapters: new Map(),
    pooling: 'mean',
    normalized: true,
    dtypes: ['q8'],
    sink: withoutAdapters,
    runtime,
  })
})

/** @param fail Files whose first reading fails. */
function load(sink: MemorySink, dtype: Dtype, fail: string[] = []): Promise<Engine> {
  const manifest = parseManifest(new TextDecoder().decode(sink.files.get('manifest.json')), 'https://models.test/manifest.json')
  const file = async (path: string) => {
    const index = fail.indexOf(path)
    if (index >= 0) throw new Error(`lost: ${fail.splice(index, 1)}`)
    return sink.read(path)
  }
  return Engine.load(
    { manifest, file },
    { dtype, device: 'wasm', threads: 1, runtime: runtimeFolder(), transformers: async () => ({ loadModel }) },
  )
}

const embed = (engine: Engine, text: string, adapter: string) => engine.embed(engine.tokenizePaper(text), adapter)

describe('Engine', () => {
  test('refuses a dtype that the folder lacks, and lists those that it has', async () => {
    const error = await failure(load(withoutAdapters, 'fp32'), 'UNSUPPORTED')
    expect(error.details).toEqual({ dtype: 'fp32', has: ['q8'] })
  })

  test.each(['classification', 'constructor', '__proto__', ''])(
    'refuses the unknown adapter %j, and lists the known ones',
    async (name) => {
      const engine = await load(withAdapters, 'q8')
      const error = await failure(embed(engine, 'ba ca', name), 'UNKNOWN_ADAPTER')
      expect(error.details).toMatchObject({ adapter: name, has: ['base', 'proximity', 'mine'] })
      expect(engine.adapters).toEqual(['base', 'proximity', 'mine'])
    },
  )

  test.each(['fp32', 'q8'] as const)(
    'gives the same bits in %s whatever was embedded before, in a buffer of its own',
    async (dtype) => {
      const engine = await load(withAdapters, dtype)
      const first = await embed(engine, 'ba ca da', 'proximity')
      const kept = first.slice()
      const other = await embed(engine, 'ea fa ga ha ia ja ka la', 'mine')
      const base = await embed(engine, 'ba ca da', 'base')
      expect(await embed(engine, 'ba ca da', 'proximity')).toEqual(kept)
      expect(first).toEqual(kept)
      for (const vector of [first, other, base]) {
        expect(vector).toHaveLength(32)
        expect(vector.buffer.byteLength).toBe(32 * 4)
      }
      expect(largestDifference(first, base)).toBeGreaterThan(0.01)
    },
  )

  test('returns vectors of length 1 if, and only if, the model is normalised', async () => {
    const normalized = await embed(await load(withoutAdapters, 'q8'), 'ba ca', 'base')
    expect(Math.hypot(...normalized)).toBeCloseTo(1, 6)
    expect(Math.hypot(...(await embed(await load(withAdapters, 'q8'), 'ba ca', 'base')))).toBeGreaterThan(2)
  })

  test('adds an adapter under a new name, or replaces one of the folder', async () => {
    const engine = await load(withAdapters, 'fp32')
    const mine = await embed(engine, 'ba ca', 'mine')
    const weights = await readAdapterFolder(adapters.get('proximity')!, engine.adapterBase)
    engine.addAdapter('elsewhere', weights)
    expect(engine.adapters).toEqual(['base', 'proximity', 'mine', 'elsewhere'])
    const expected = await embed(engine, 'ba ca', 'proximity')
    expect(await embed(engine, 'ba ca', 'elsewhere')).toEqual(expected)
    engine.addAdapter('mine', weights)
    expect(await embed(engine, 'ba ca', 'mine')).toEqual(expected)
    expect(largestDifference(mine, expected)).toBeGreaterThan(0.01)
  })

  test('refuses an adapter if the graph has no adapter inputs', async () => {
    const engine = await load(withoutAdapters, 'q8')
    const weights = await readAdapterFolder(adapters.get('mine')!, engine.adapterBase)
    const error = await failure(() => engine.addAdapter('mine', weights), 'UNSUPPORTED')
    expect(error.details).toEqual({ model: 'small' })
    expect(engine.adapters).toEqual(['base'])
  })

  test('retries an adapter whose file could not be read, and then reads it once', async () => {
    const file = 'adapters/mine.f16.safetensors'
    const fail = [file]
    const engine = await load(withAdapters, 'q8', fail)
    await expect(embed(engine, 'ba', 'mine')).rejects.toThrow(`lost: ${file}`)
    const vector = await embed(engine, 'ba', 'mine')
    // From now on every reading would fail again.
    fail.push(file)
    expect(await embed(engine, 'ba', 'mine')).toEqual(vector)
  })
})
