import { expect, test, vi } from 'vitest'
import { MemoryStore } from '../../../testing/memory-store.js'
import { ModelCache } from '../../model/model-cache.js'
import type { ConversionRequest } from './embed-protocol.js'
import { lazyConversion } from './lazy-conversion.js'

const hub = { endpoint: undefined, token: undefined, revision: undefined, update: false }
const weights = { dtype: 'q8', errorFeedback: false, runtime: 'https://app.test/ort/' } as const
const byName: ConversionRequest = { model: { name: 'specter2', hub }, ...weights }
const context = { signal: new AbortController().signal, report: async () => {} }

function conversion(load: Parameters<typeof lazyConversion>[2]) {
  const store = new MemoryStore()
  return lazyConversion(store, new ModelCache(store), load)
}

test('looking for a published model that was converted before, or ending nothing, fetches no code', async () => {
  const load = vi.fn()
  const { findConverted, conversionsEnded } = conversion(load)
  expect(await findConverted(byName, context)).toBeNull()
  await conversionsEnded(undefined, context)
  expect(load).not.toHaveBeenCalled()
})

test('a conversion fetches the code, and after a failure tries again', async () => {
  const convert = vi.fn(async () => ({ model: { url: 'converted:' } }))
  const load = vi.fn(async () => ({ conversionService: () => ({ convert, conversionsEnded: async () => {} }) }) as never)
  load.mockRejectedValueOnce(new Error('offline'))
  const service = conversion(load)
  await expect(service.convert(byName, context)).rejects.toThrow('offline')
  expect(await service.convert(byName, context)).toMatchObject({ model: { url: 'converted:' } })
  expect(load).toHaveBeenCalledWith(weights.runtime)
  expect(convert).toHaveBeenCalledWith(byName, context)
})
