import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isSameModel, type ModelStamp, modelKey, RUNTIME_VERSION, staleIndexError } from './model-stamp.js'

const stamp: ModelStamp = { id: 'm', revision: '1', dtype: 'q8', adapter: 'base', dimension: 3, metric: 'euclidean' }

test('stamps are the same model if all fields are equal, in any order', () => {
  const { id, ...others } = stamp
  expect(isSameModel(stamp, { ...others, id })).toBe(true)
  expect(modelKey(stamp)).toBe('["m","1","q8","base",3,"euclidean"]')
})

test.each<Partial<ModelStamp>>([
  { id: 'n' },
  { revision: '2' },
  { dtype: 'fp32' },
  { adapter: 'proximity' },
  { dimension: 4 },
  { metric: 'cosine' },
  { runtime: RUNTIME_VERSION },
])('a stamp with another %o is another model', (change) => {
  expect(isSameModel(stamp, { ...stamp, ...change })).toBe(false)
})

test('the error of a stale index names both models', () => {
  const other = { ...stamp, revision: '2' }
  expect(staleIndexError(stamp, other)).toMatchObject({
    code: 'INDEX_STALE',
    retryable: false,
    details: { index: modelKey(stamp), embedder: modelKey(other) },
  })
})

test('whoever changes what computes vectors decides whether RUNTIME_VERSION increases', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  const computing = ['onnxruntime-web', '@huggingface/tokenizers', '@huggingface/transformers']
  // Compare vectors of both versions (`specter2-web verify`) before you write another version here.
  expect([RUNTIME_VERSION, ...computing.map((name) => devDependencies[name])]).toEqual([
    2,
    '1.31.0-dev.20260914-8d85527a0',
    '0.2.0',
    '4.3.1',
  ])
})
