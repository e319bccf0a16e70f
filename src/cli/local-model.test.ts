import { expect, test } from 'vitest'
import { Engine } from '../engine/engine.js'
import { runtimeFolder } from '../node/paths.js'
import { loadEngine, openLocalModel } from './local-model.js'
import { never } from './testing.js'

const TEXT = 'Soil moisture and floods'

test('the own encoder runs by default; another engine takes it as it is, without reading weights, and gives the same bits', async () => {
  const folder = await openLocalModel('minilm')
  const first = await loadEngine(folder, { dtype: 'q8', threads: 1, signal: never })
  expect(first.runsOn.engine).toBe('own')
  const weightless = {
    manifest: folder.manifest,
    file: (path: string) => (path.startsWith('onnx/') ? expect.unreachable(path) : folder.file(path)),
  }
  const transformers = () => expect.unreachable()
  const loading = { dtype: 'q8', device: 'wasm', threads: 1, runtime: runtimeFolder(), transformers } as const
  const second = await Engine.load(weightless, { ...loading, share: first.share() })
  expect(second.runsOn).toEqual(first.runsOn)
  for (const adapter of ['base', 'adhoc_query']) {
    const vectors = await Promise.all([first, second].map((engine) => engine.embed(engine.tokenizePaper(TEXT), adapter)))
    expect(vectors[1]).toEqual(vectors[0])
  }
  const several = await first.embedBatch(
    [TEXT, 'B', TEXT].map((text) => first.tokenizePaper(text)),
    'base',
  )
  expect(several[2]).toEqual(await first.embed(first.tokenizePaper(TEXT), 'base'))
})

test('transformers.js has no encoder to share', async () => {
  const engine = await loadEngine(await openLocalModel('minilm'), {
    dtype: 'q8',
    threads: 1,
    signal: never,
    engine: 'transformers',
  })
  expect(engine.runsOn.engine).toBe('transformers')
  expect(engine.share()).toBeNull()
  await engine.dispose()
})
