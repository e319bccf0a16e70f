import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import type { Dtype } from '../../core/types.js'
import { chooseDevice, type DeviceOptions } from './choose-device.js'

/** A fake `navigator.gpu`, as there is no GPU in tests. */
function gpu(info: Partial<GPUAdapterInfo> | null, features: string[] = []): NonNullable<DeviceOptions['gpu']> {
  const adapter = info && ({ info, features: new Set(features) } as unknown as GPUAdapter)
  return { requestAdapter: async () => adapter }
}

const hardware = { vendor: 'nvidia', architecture: 'ampere', isFallbackAdapter: false }
const plain = gpu(hardware)
const withF16 = gpu(hardware, ['shader-f16'])
const all: Dtype[] = ['fp32', 'fp16', 'q8', 'q4', 'q4f16']
const auto = { device: 'auto', dtype: 'auto' } as const

describe('chooseDevice', () => {
  test.each<[Dtype[], NonNullable<DeviceOptions['gpu']>, string]>([
    [all, withF16, 'webgpu fp16'],
    [['fp32', 'q8', 'q4f16', 'q4'], withF16, 'webgpu q4f16'],
    [['fp32', 'q8'], withF16, 'webgpu fp32'],
    [all, plain, 'webgpu q4'],
    [['fp32', 'q8', 'fp16'], plain, 'webgpu fp32'],
    [['q8'], withF16, 'wasm q8'],
    [['q8', 'fp16'], plain, 'wasm q8'],
  ])('chooses from %j what the adapter runs best', async (has, gpu, expected) => {
    const { device, dtype } = await chooseDevice({ ...auto, has, gpu })
    expect(`${device} ${dtype}`).toBe(expected)
  })

  test.each<[Dtype[], Dtype]>([
    [all, 'q8'],
    [['fp32', 'q4'], 'q4'],
    [['fp32', 'fp16'], 'fp32'],
    [['q4f16'], 'q4f16'],
  ])('chooses from %j %s on WASM', async (has, expected) => {
    expect(await chooseDevice({ device: 'wasm', dtype: 'auto', has, gpu: withF16 })).toEqual({
      device: 'wasm',
      dtype: expected,
      reason: null,
    })
  })

  test.each<[string, DeviceOptions['gpu'], RegExp]>([
    ['no navigator.gpu', undefined, /no WebGPU \(navigator\.gpu\)/],
    ['navigator.gpu without an adapter', gpu(null), /no WebGPU adapter/],
    ['a fallback adapter', gpu({ ...hardware, isFallbackAdapter: true }), /in software/],
    ['SwiftShader', gpu({ vendor: 'google', architecture: 'swiftshader' }), /in software/],
    ['llvmpipe', gpu({ description: 'llvmpipe (LLVM 19)' }), /in software/],
    ['a browser that throws', { requestAdapter: () => Promise.reject(new Error('blocked')) }, /refused.*blocked/],
  ])('falls back to WASM with a reason for %s', async (_, gpu, reason) => {
    const chosen = await chooseDevice({ ...auto, has: all, gpu })
    expect(chosen).toEqual({ device: 'wasm', dtype: 'q8', reason: expect.stringMatching(reason) })
  })

  test('requests no adapter if the folder has no weights for WebGPU', async () => {
    let asked = 0
    const counting = {
      requestAdapter: async () => {
        asked++
        return null
      },
    }
    expect(await chooseDevice({ ...auto, has: ['q8'], gpu: counting })).toMatchObject({
      device: 'wasm',
      reason: expect.stringMatching(/not q8/),
    })
    expect(await chooseDevice({ device: 'auto', dtype: 'q8', has: all, gpu: counting })).toMatchObject({ device: 'wasm' })
    expect(asked).toBe(0)
  })

  test('uses a dtype that was asked for, on a device that runs it', async () => {
    const choose = (dtype: Dtype, gpu: DeviceOptions['gpu']) => chooseDevice({ device: 'auto', dtype, has: all, gpu })
    expect(await choose('q4', plain)).toMatchObject({ device: 'webgpu', dtype: 'q4' })
    expect(await choose('fp16', withF16)).toMatchObject({ device: 'webgpu', dtype: 'fp16' })
    expect(await choose('fp16', plain)).toMatchObject({
      device: 'wasm',
      dtype: 'fp16',
      reason: expect.stringMatching(/no shader-f16/),
    })
  })

  test('accepts a software adapter if WebGPU is asked for by name, and says why if it cannot be used', async () => {
    const byName = { device: 'webgpu', dtype: 'auto', has: all } as const
    expect(await chooseDevice({ ...byName, gpu: gpu({ isFallbackAdapter: true }) })).toMatchObject({ device: 'webgpu' })
    const none = await failure(chooseDevice({ ...byName, gpu: undefined }), 'UNSUPPORTED')
    expect(none.message).toContain('navigator.gpu')
    const int8 = await failure(chooseDevice({ ...byName, dtype: 'q8', gpu: withF16 }), 'UNSUPPORTED')
    expect(int8.message).toMatch(/not q8/)
    expect(int8.details).toEqual({ device: 'webgpu', dtype: 'q8', has: all })
  })
})
