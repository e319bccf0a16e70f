/**
 * The package's worker, in which SwiftShader passes for hardware, so that `device: 'auto'` chooses it. It fails in the way that
 * its query (`?fault=…`) or a message tells it to.
 */
import './specter2-web/workers/embed.js'

const fault = new URLSearchParams(location.search).get('fault')
let device = null
let isCorrupting = false
let uploads = 0

const info = globalThis.GPUAdapterInfo?.prototype
if (info) {
  for (const [name, value] of [
    ['architecture', 'ampere'],
    ['description', ''],
    ['isFallbackAdapter', false],
  ])
    Object.defineProperty(info, name, { get: () => value })

  const { requestDevice } = GPUAdapter.prototype
  GPUAdapter.prototype.requestDevice = async function (...args) {
    device = await requestDevice.apply(this, args)
    return device
  }

  const { createShaderModule, createBuffer } = GPUDevice.prototype
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    let { code } = descriptor
    // Makes sums on the GPU slightly wrong.
    if (fault === 'wrong') code = code.replaceAll('=a + b;', '=a + b * 1.05;')
    if (fault === 'compile' && /softmax/i.test(code + descriptor.label)) code += 'fn broken( {'
    return createShaderModule.call(this, { ...descriptor, code })
  }
  GPUDevice.prototype.createBuffer = function (descriptor) {
    if (descriptor.mappedAtCreation && descriptor.size >= 1024) uploads++
    return createBuffer.call(this, descriptor)
  }

  const { writeBuffer } = GPUQueue.prototype
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...rest) {
    if (data.byteLength >= 1024) uploads++
    const isWeights = data instanceof Float32Array
    return writeBuffer.call(this, buffer, offset, isCorrupting && isWeights ? data.map((value) => value * 1.5) : data, ...rest)
  }
}
if (fault === 'no-adapter') navigator.gpu.requestAdapter = async () => null
// Like browsers that cannot switch stacks.
if (fault === 'no-jspi') delete WebAssembly.Suspending
// Like a device with less memory than the model needs.
if (fault === 'memory')
  WebAssembly.Memory.prototype.grow = () => {
    throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded')
  }

addEventListener('message', ({ data }) => {
  if (data === 'lose') device.destroy()
  if (data === 'corrupt') isCorrupting = true
  if (data === 'out of memory')
    device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error: new GPUOutOfMemoryError('no buffer') }))
  if (data === 'uploads') postMessage({ uploads })
})
