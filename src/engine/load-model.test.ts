import { expect, test, vi } from 'vitest'
import { failure } from '../checkpoint/testing.js'
import { runtimeFolder } from '../cli/paths.js'
import { buildEncoderGraph } from '../convert/encoder-graph.js'
import { q8Form } from '../convert/linear-forms.js'
import { configOf, encoderWeights, onnxBytes, randomTensors, smallShape } from '../convert/testing.js'
import { loadModel } from './load-model.js'

const options = { config: configOf(smallShape), dtype: 'q8', device: 'wasm', threads: 1, runtime: runtimeFolder } as const

const graph = () =>
  onnxBytes(
    buildEncoderGraph({
      shape: smallShape,
      weights: encoderWeights(randomTensors(smallShape, 1)),
      form: q8Form,
      pooling: 'cls',
      adapters: false,
    }),
  )

test('runs texts of equal length at once, each alone in its row', async () => {
  const model = await loadModel({ ...options, graph: await graph() })
  const texts = [
    [2, 7, 3],
    [2, 30, 3],
  ]
  const together = await model.run(texts, {})
  expect(together).toHaveLength(64)
  for (const [row, ids] of texts.entries()) expect(together.slice(row * 32, (row + 1) * 32)).toEqual(await model.run([ids], {}))
})

// The last ones: transformers.js answers everything that follows with the first error.
test('rejects with RUNTIME_FAILED where a run fails, and says so of a text of that length', async () => {
  const model = await loadModel({ ...options, graph: await graph() })
  // The library prints its inputs.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const beyond = Array.from({ length: smallShape.positions + 1 }, () => 5)
  const error = await failure(model.run([beyond], {}), 'RUNTIME_FAILED')
  expect(error.message).toMatch(/^The model failed on a text of 41 tokens: /)
  expect(error.retryable).toBe(true)
})

test('rejects with RUNTIME_FAILED where the graph is none', async () => {
  const error = await failure(loadModel({ ...options, graph: new TextEncoder().encode('<!doctype html>') }), 'RUNTIME_FAILED')
  expect(error.message).toMatch(/^The runtime could not load the model: /)
})
