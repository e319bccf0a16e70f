import { expect, test, vi } from 'vitest'
import { failure } from '../../testing/checkpoints.js'
import { configOf, encoderWeights, onnxBytes, randomTensors, smallShape } from '../../testing/models.js'
import { buildEncoderGraph } from '../core/converter/encoder-graph.js'
import { fp32Form, q8Form } from '../core/converter/linear-forms.js'
import { nearest } from '../core/converter/rounding.js'
import { runtimeFolder } from '../node/paths.js'
import { loadModel } from './load-model.js'

const options = {
  config: configOf(smallShape),
  data: null,
  dtype: 'q8',
  device: 'wasm',
  threads: 1,
  runtime: runtimeFolder(),
  reason: 'a test',
} as const

const graph = () =>
  onnxBytes(
    buildEncoderGraph({
      shape: smallShape,
      weights: encoderWeights(randomTensors(smallShape, 1)),
      form: q8Form(nearest),
      pooling: 'cls',
      adapters: false,
    }),
  )

const noAdapter = { prepared: {} }

test('runs texts of equal length in one batch, each in its row', async () => {
  const model = await loadModel({ ...options, graph: await graph() })
  const texts = [
    [2, 7, 3],
    [2, 30, 3],
  ]
  const together = await model.run(texts, noAdapter)
  expect(together).toHaveLength(64)
  for (const [row, ids] of texts.entries())
    expect(together.slice(row * 32, (row + 1) * 32)).toEqual(await model.run([ids], noAdapter))
})

test('pads shorter texts to the longest, which changes their vectors only by rounding', async () => {
  const bytes = await onnxBytes(
    buildEncoderGraph({
      shape: smallShape,
      weights: encoderWeights(randomTensors(smallShape, 1)),
      form: fp32Form,
      pooling: 'mean',
      adapters: false,
    }),
  )
  const model = await loadModel({ ...options, dtype: 'fp32', graph: bytes })
  const texts = [
    [2, 7, 3],
    [2, 30, 11, 12, 13, 14, 3],
    [2, 3],
  ]
  const together = await model.run(texts, noAdapter)
  expect(together).toHaveLength(96)
  for (const [row, ids] of texts.entries()) {
    const alone = await model.run([ids], noAdapter)
    const padded = together.slice(row * 32, (row + 1) * 32)
    expect(Math.max(...alone.map((value, index) => Math.abs(value - padded[index]!)))).toBeLessThan(1e-6)
  }
})

// The last ones: transformers.js answers everything that follows with the first error.
test('rejects with RUNTIME_FAILED and the length of the text if a run fails', async () => {
  const model = await loadModel({ ...options, graph: await graph() })
  // The library prints its inputs.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const beyond = Array.from({ length: smallShape.positions + 1 }, () => 5)
  const error = await failure(model.run([beyond], noAdapter), 'RUNTIME_FAILED')
  expect(error.retryable).toBe(true)
  expect(error.details).toEqual({ device: 'wasm', outOfMemory: false, texts: 1, tokens: 41 })
})

test('rejects with RUNTIME_FAILED if the graph is not one', async () => {
  const error = await failure(loadModel({ ...options, graph: new TextEncoder().encode('<!doctype html>') }), 'RUNTIME_FAILED')
  expect(error).toMatchObject({ retryable: false, details: { device: 'wasm', outOfMemory: false } })
})
