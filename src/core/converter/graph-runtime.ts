import type { Manifest } from '../model-folder/manifest.js'
import type { PaperText } from '../types.js'

/** Runs graphs for a conversion, which reads, rounds and writes but computes no model itself. */
export interface GraphRuntime {
  /** @param graph Borrowed until the promise settles. */
  open(graph: Uint8Array<ArrayBuffer>): Promise<GraphSession>
  /** The tokenizer of the model that is converted. */
  tokenizer(files: { tokenizer: object; config: object }, manifest: Pick<Manifest, 'maxTokens' | 'templates'>): TextTokenizer
}

export interface TextTokenizer {
  encodePaper(input: PaperText | string): { ids: readonly number[] }
  encodeQuery(query: string): { ids: readonly number[] }
}

export interface GraphTensor {
  data: Float32Array | BigInt64Array
  dims: readonly number[]
}

/** A graph that is ready to run. */
export interface GraphSession {
  /** All outputs by name; they belong to the caller. */
  run(inputs: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, Float32Array<ArrayBuffer>>>>
  release(): Promise<void>
}
