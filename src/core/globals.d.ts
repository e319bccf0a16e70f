/**
 * What pages, workers and Node all have beyond the language: as much of it as core uses. Core is checked against these declarations
 * alone, so code here that needs one side fails to compile.
 */

declare function atob(base64: string): string
declare function btoa(bytes: string): string
declare function structuredClone<T>(value: T): T
declare function setTimeout(callback: () => void, ms?: number): number
declare function clearTimeout(timer: number | undefined): void
declare const performance: { now(): number }
declare var crypto: { readonly subtle?: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> } } | undefined

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

interface Blob {
  readonly size: number
  slice(start?: number, end?: number): Blob
  arrayBuffer(): Promise<ArrayBuffer>
}

interface ReadableStreamDefaultReader<T> {
  read(): Promise<{ done: false; value: T } | { done: true; value: T | undefined }>
  cancel(reason?: unknown): Promise<void>
  releaseLock(): void
}

interface ReadableStream<T> extends AsyncIterable<T> {
  getReader(): ReadableStreamDefaultReader<T>
}

declare class MessageChannel {
  readonly port1: MessagePort
  readonly port2: MessagePort
}

interface MessagePort {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  readonly encoding: string
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, Memory>>)
    readonly exports: object
  }
  class Memory {
    constructor(limits: { initial: number; maximum: number; shared: boolean })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
}
