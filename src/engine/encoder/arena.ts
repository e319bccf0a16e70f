import { Specter2Error } from '../../core/errors.js'

const PAGE_BYTES = 65_536
/** 4 GiB, as build/compile-kernels.mjs has it. */
const MOST_PAGES = 65_536
/** Parts begin at multiples of 16. */
const UNIT = 16
/** Index of the int32 in the first unit that says how many units are taken. Address 0 stands for "none". */
const TAKEN = 0

/**
 * Hands out parts of a WASM memory, which only grows; a part that is no longer used is used again for one of the same size. Several
 * threads may have an arena on one shared memory.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly #free = new Map<number, number[]>()

  /** @param memory Of another arena; default: a new one, which is shared if it can be. */
  constructor(memory: WebAssembly.Memory = newMemory()) {
    this.memory = memory
  }

  /** An arena with a copy of the first bytes of another one's memory. */
  static of(bytes: ArrayBuffer): Arena {
    const arena = new Arena()
    arena.take(bytes.byteLength - UNIT)
    new Uint8Array(arena.memory.buffer).set(new Uint8Array(bytes, UNIT), UNIT)
    return arena
  }

  /** Bytes from the memory's beginning to the end of what has been taken. */
  get byteLength(): number {
    return (1 + Atomics.load(this.#taken, TAKEN)) * UNIT
  }

  /** @returns The address of `bytes` bytes, not cleared. @throws Specter2Error `RUNTIME_FAILED` if memory runs out. */
  take(bytes: number): number {
    const units = Math.ceil(bytes / UNIT)
    const free = this.#free.get(units)?.pop()
    if (free !== undefined) return free
    const address = (1 + Atomics.add(this.#taken, TAKEN, units)) * UNIT
    this.#grow(address + units * UNIT)
    return address
  }

  /** Makes a part that {@link take} returned for `bytes` free again. */
  release(address: number, bytes: number): void {
    const units = Math.ceil(bytes / UNIT)
    this.#free.set(units, [...(this.#free.get(units) ?? []), address])
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

  get #taken(): Int32Array {
    return new Int32Array(this.memory.buffer, 0, UNIT / 4)
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
}

function newMemory(): WebAssembly.Memory {
  const size = { initial: 1, maximum: MOST_PAGES }
  // Browsers hide the class where memory cannot be shared.
  if (typeof SharedArrayBuffer === 'undefined') return new WebAssembly.Memory(size)
  try {
    return new WebAssembly.Memory({ ...size, shared: true })
  } catch {
    // The maximum is reserved at once, which small devices cannot do.
    return new WebAssembly.Memory(size)
  }
}
