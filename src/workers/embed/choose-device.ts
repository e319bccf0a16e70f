import { Specter2Error } from '../../core/errors.js'
import type { Device, Dtype } from '../../core/types.js'

export interface DeviceOptions {
  device: 'auto' | Device
  dtype: 'auto' | Dtype
  /** Dtypes of the model folder; at least one. */
  has: readonly Dtype[]
  /** `navigator.gpu`, if the browser has it. */
  gpu: Pick<GPU, 'requestAdapter'> | undefined
}

export interface ChosenDevice {
  device: Device
  dtype: Dtype
  /** Why `auto` did not choose WebGPU; `null` if it did, or if the device was asked for by name. */
  reason: string | null
}

/** q8 is the fastest on a CPU and a quarter of fp32's download; 4 bits are as fast and smaller, but less exact. */
const ON_WASM: readonly Dtype[] = ['q8', 'q4', 'fp32']
/** A GPU is bound by memory traffic, which half precision halves; int8 has no GPU kernels and would run on the CPU. */
const ON_WEBGPU_WITH_F16: readonly Dtype[] = ['fp16', 'q4f16', 'q4', 'fp32']
const ON_WEBGPU: readonly Dtype[] = ['q4', 'fp32']

/**
 * Chooses the device that runs the model, and one of the folder's dtypes. `auto` chooses WebGPU if there is a hardware adapter
 * and the folder has weights for it, otherwise WASM. The runtime requests all of the adapter's limits; if a model is too large
 * for them, it fails to load and falls back to WASM.
 *
 * @throws Specter2Error `UNSUPPORTED` if WebGPU is asked for by name and cannot be used.
 */
export async function chooseDevice({ device, dtype, has, gpu }: DeviceOptions): Promise<ChosenDevice> {
  const wanted = dtype === 'auto' ? has : [dtype]
  const webGpu = device === 'wasm' ? { none: null } : await webGpuDtype(wanted, gpu, device === 'auto')
  if ('dtype' in webGpu) return { device: 'webgpu', dtype: webGpu.dtype, reason: null }
  if (device !== 'webgpu') return { device: 'wasm', dtype: best(ON_WASM, wanted), reason: webGpu.none }
  throw new Specter2Error(
    'UNSUPPORTED',
    `This model cannot run on WebGPU here: ${webGpu.none}. Set \`device\` to "auto" or "wasm" to run it on WASM.`,
    { details: { device, dtype, has } },
  )
}

async function webGpuDtype(
  wanted: readonly Dtype[],
  gpu: DeviceOptions['gpu'],
  hardwareOnly: boolean,
): Promise<{ dtype: Dtype } | { none: string }> {
  // Checked first, so that the browser does not start its GPU process in vain.
  if (!ON_WEBGPU_WITH_F16.some((dtype) => wanted.includes(dtype)))
    return { none: `WebGPU runs ${ON_WEBGPU_WITH_F16.join(', ')}, not ${wanted.join(', ')}` }
  const adapter = await requestAdapter(gpu, hardwareOnly)
  if ('none' in adapter) return adapter
  const dtype = (adapter.f16 ? ON_WEBGPU_WITH_F16 : ON_WEBGPU).find((candidate) => wanted.includes(candidate))
  return dtype ? { dtype } : { none: `the WebGPU adapter has no shader-f16, which ${wanted.join(', ')} needs` }
}

function best(order: readonly Dtype[], has: readonly Dtype[]): Dtype {
  return order.find((candidate) => has.includes(candidate)) ?? has[0]!
}

/** Requests an adapter, or says why there is none: `navigator.gpu` also exists on machines without a GPU. */
async function requestAdapter(gpu: DeviceOptions['gpu'], hardwareOnly: boolean): Promise<{ f16: boolean } | { none: string }> {
  if (!gpu) return { none: 'this browser or page has no WebGPU (navigator.gpu)' }
  let adapter: GPUAdapter | null
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  } catch (error) {
    return { none: `the browser refused a WebGPU adapter: ${(error as Error).message}` }
  }
  if (!adapter) return { none: 'the browser has no WebGPU adapter for this machine' }
  if (hardwareOnly && isSoftware(adapter.info)) return { none: 'the only WebGPU adapter computes in software, slower than WASM' }
  return { f16: adapter.features.has('shader-f16') }
}

/** Older browsers have no information about their adapter. */
function isSoftware(info: GPUAdapterInfo | undefined): boolean {
  const names = [info?.vendor, info?.architecture, info?.device, info?.description].join(' ')
  return Boolean(info?.isFallbackAdapter) || /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i.test(names)
}
