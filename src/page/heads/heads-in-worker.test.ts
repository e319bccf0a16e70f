import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PortWorker, startPortWorker } from '../../../testing/port-worker.js'
import { fitClassifier, fitMultiLabelClassifier } from '../../core/heads/fit-classifier.js'
import { fitRegressor } from '../../core/heads/fit-regressor.js'
import type { HeadsProtocol } from '../../workers/heads/heads-protocol.js'
import { headsService } from '../../workers/heads/heads-service.js'
import { fitClassifierInWorker, fitMultiLabelClassifierInWorker, fitRegressorInWorker } from './heads-in-worker.js'

const vectors = Float32Array.of(0, 1, 0.2, 0.9, 1, 0, 0.8, 0.1, 0.1, 1, 0.9, 0)
const labels = ['a', 'a', 'b', 'b', 'a', 'b']
const dimension = 2
const worker = () => startPortWorker<HeadsProtocol>(headsService())

beforeEach(() => vi.stubGlobal('Worker', PortWorker))
afterEach(() => vi.unstubAllGlobals())

describe('a head from a worker', () => {
  test('is the one that its thread would have fitted, and its progress arrives', async () => {
    const seen: number[] = []
    const options = { dimension, C: [0.1, 1], folds: 3, calibrate: true, classWeight: new Map([['a', 2]]) } as const
    const onProgress = ({ done }: { done: number }) => seen.push(done)
    const classifier = await fitClassifierInWorker(vectors, labels, { ...options, worker, onProgress })
    expect(classifier.toJSON()).toEqual((await fitClassifier(vectors, labels, options)).toJSON())
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7])

    const sets = labels.map((label) => [label, 'any'])
    const topics = await fitMultiLabelClassifierInWorker(vectors, sets, { dimension, worker })
    expect(topics.toJSON()).toEqual((await fitMultiLabelClassifier(vectors, sets, { dimension })).toJSON())

    const numbers = [1, 2, 3, 4, 5, 6]
    const regressor = await fitRegressorInWorker(vectors, numbers, { dimension, model: 'svr', worker })
    expect(regressor.toJSON()).toEqual((await fitRegressor(vectors, numbers, { dimension, model: 'svr' })).toJSON())
  })

  test('a wrong argument keeps its field, and an abort its reason', async () => {
    const wrong = fitClassifierInWorker(vectors, ['a'], { dimension, worker })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'vectors.length' })
    const reason = new Error('stop')
    const aborted = fitClassifierInWorker(vectors, labels, { dimension, worker, signal: AbortSignal.abort(reason) })
    await expect(aborted).rejects.toBe(reason)
  })
})
