import { expect, test } from 'vitest'
import { failure } from '../../testing/checkpoints.js'
import { loadEngine, openLocalModel } from '../cli/local-model.js'
import { never } from '../cli/testing.js'
import { Engine, type EngineOptions, type NativeRuntime } from '../engine/engine.js'
import { nativeRuntime } from './native-model.js'

const folder = await openLocalModel('minilm')

const load = (options: Partial<EngineOptions>) =>
  Engine.load(folder, {
    dtype: 'q8',
    device: 'wasm',
    threads: 1,
    runtime: '',
    transformers: () => import('../engine/transformers-runtime.js'),
    ...options,
  })

const papers = ['Soil moisture and floods', 'A', `Graph networks ${'of roads and rivers '.repeat(40)}`].map((title) => ({
  title,
}))

test('onnxruntime-node has the vectors of the own encoder, within the accuracy of the dtype, with each adapter', async () => {
  const options = { dtype: 'q8', threads: 1, signal: never } as const
  const native = await loadEngine(folder, { ...options, native: true })
  const own = await loadEngine(folder, options)
  expect([native.runsOn.engine, native.runsOn.tier, own.runsOn.engine]).toEqual(['native', null, 'own'])
  for (const adapter of native.adapters) {
    await native.test(adapter, 'wasm')
    const [found, expected] = await Promise.all(
      [native, own].map((engine) =>
        engine.embedBatch(
          papers.map((paper) => engine.tokenizePaper(paper)),
          adapter,
        ),
      ),
    )
    const cosines = found!.map((vector, row) => vector.reduce((sum, value, at) => sum + value * expected![row]![at]!, 0))
    for (const cosine of cosines) expect(cosine).toBeGreaterThan(0.995)
    // The same text on its own: nothing is padded.
    expect(await native.embed(native.tokenizePaper(papers[0]!), adapter)).toEqual(found![0])
  }
  await native.dispose()
})

test('another engine runs the model if native code is missing, fails or was wrong, and says why', async () => {
  const reasonOf = async (options: Partial<EngineOptions>) => (await load(options)).runsOn
  const broken: NativeRuntime = { load: () => Promise.reject(new Error('no such instruction')) }
  expect(await reasonOf({ native: { missing: 'not installed' } })).toMatchObject({
    engine: 'own',
    engineReason: expect.stringMatching(/; not installed$/),
  })
  expect(await reasonOf({ native: broken })).toMatchObject({
    engine: 'own',
    engineReason: expect.stringMatching(/; onnxruntime-node failed: no such instruction$/),
  })
  expect(await reasonOf({ native: nativeRuntime({ threads: 1 }), failed: new Map([['native', 'cosine .1']]) })).toMatchObject({
    engine: 'own',
    engineReason: expect.stringMatching(/; onnxruntime-node failed: cosine \.1$/),
  })
})

test('asked for by name, it runs the model or says why it cannot', async () => {
  expect((await load({ engine: 'native', native: nativeRuntime({ threads: 1 }) })).runsOn.engine).toBe('native')
  const { details } = await failure(load({ engine: 'native' }), 'UNSUPPORTED')
  expect(details).toMatchObject({ engine: 'native', dtype: 'q8', device: 'wasm' })
  await failure(load({ engine: 'native', native: { missing: 'not installed' } }), 'UNSUPPORTED')
})
