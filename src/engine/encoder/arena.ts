import { Specter2Error } from '../../core/errors.js'
import { align16 } from '../../core/kernels/wasm-kernels.js'

const PAGE_BYTES = 65_536

/** Hands out parts of a WASM memory, which only grows; a part that is no longer used is used again for one of the same size. */
export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1 })
  readonly #free = new Map<number, number[]>()
  /** Address 0 stands for "none". */
  #end = 16

  /** @returns The address of `bytes` bytes, not cleared. @throws Specter2Error `RUNTIME_FAILED` if memory runs out. */
  take(bytes: number): number {
    const size = align16(bytes)
    const free = this.#free.get(size)?.pop()
    if (free !== undefined) return free
    const address = this.#end
    this.#grow(address + size)
    this.#end += size
    return address
  }

  /** Makes a part that {@link take} returned for `bytes` free again. */
  release(address: number, bytes: number): void {
    const size = align16(bytes)
    this.#free.set(size, [...(this.#free.get(size) ?? []), address])
  }

  #grow(byteLength: number): void {
    const pages = Math.ceil((byteLength - this.memory.buffer.byteLength) / PAGE_BYTES)
    if (pages <= 0) return
    try {
      this.memory.grow(pages)
    } catch (cause) {
      throw new Specter2Error(
        'RUNTIME_FAILED',
        `There is not enough memory for the encoder's ${byteLength} bytes. Close other pages.`,
        { details: { device: 'wasm', outOfMemory: true, byteLength }, cause },
      )
    }
  }

  floats(values: ArrayLike<number>): number {
    const address = this.take(values.length * 4)
    new Float32Array(this.memory.buffer, address, values.length).set(values)
    return address
  }

  bytes(values: Int8Array): number {
    const address = this.take(values.length)
    new Int8Array(this.memory.buffer, address, values.length).set(values)
    return address
  }
}
