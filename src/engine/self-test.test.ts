import { describe, expect, test } from 'vitest'
import { failure } from '../../testing/checkpoints.js'
import type { Device, Dtype } from '../core/types.js'
import { checkSelfTest } from './self-test.js'

const expected = [
  [3, 4, 0],
  [0, 0.6, 0.8],
]
const check = async (device: Device, dtype: Dtype, actual: number[][]) =>
  checkSelfTest({ adapter: 'proximity', device, dtype, actual, expected })

/** The second vector turned by an angle in the plane of its last components, and scaled. */
function turned(cosine: number, scale = 1): number[][] {
  const sine = Math.sqrt(1 - cosine ** 2)
  return [expected[0]!, [0, scale * (0.6 * cosine - 0.8 * sine), scale * (0.8 * cosine + 0.6 * sine)]]
}

describe('checkSelfTest', () => {
  test.each<[Dtype, number]>([
    ['fp16', 0.9999],
    ['q8', 0.995],
    ['q4', 0.95],
    ['q4f16', 0.95],
  ])('lets %s pass down to a cosine of %d, and no further', async (dtype, bar) => {
    for (const device of ['wasm', 'webgpu'] as const) {
      await check(device, dtype, turned(bar + 1e-6))
      await failure(check(device, dtype, turned(bar - 1e-6)), 'SELF_TEST_FAILED')
    }
  })

  test('compares fp32 component by component: to 2e-5 on WASM and 1e-3 on WebGPU', async () => {
    const off = (difference: number) => [[3 + difference, 4, 0], expected[1]!]
    await check('wasm', 'fp32', off(1.9e-5))
    await failure(check('wasm', 'fp32', off(2.1e-5)), 'SELF_TEST_FAILED')
    await check('webgpu', 'fp32', off(0.9e-3))
    await failure(check('webgpu', 'fp32', off(1.1e-3)), 'SELF_TEST_FAILED')
  })

  test('refuses vectors of the right direction and a wrong length', async () => {
    await check('webgpu', 'q8', turned(1, 1.09))
    await failure(check('webgpu', 'q8', turned(1, 1.11)), 'SELF_TEST_FAILED')
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 0])('refuses vectors that consist of %d', async (value) => {
    await failure(check('webgpu', 'q4', Array(2).fill([value, value, value])), 'SELF_TEST_FAILED')
  })

  test('reports which text is off, by how much, and from which bar', async () => {
    const error = await failure(check('webgpu', 'q8', turned(0.9)), 'SELF_TEST_FAILED')
    expect(error.details).toMatchObject({ device: 'webgpu', dtype: 'q8', adapter: 'proximity', text: 1, bar: 0.995 })
    expect(error.message).toContain('`device`')
    expect(error.details.cosine).toBeCloseTo(0.9, 9)
  })
})
