import type { Manifest } from '../model-folder/manifest.js'
import type { PaperText } from '../types.js'

/** What a conversion lets others do: it reads, rounds and writes, and runs no graph itself. */
export interface ConversionRuntime {
  /** @param graph Borrowed until the promise settles. */
  open(graph: Uint8Array<ArrayBuffer>): Promise<GraphSession>
  /** By the tokenizer files of the folder in the making. */
  tokenizer(files: { tokenizer: object; config: object }, manifest: Manifest): TextTokenizer
}

export interface TextTokenizer {
  encodePaper(input: PaperText | string): { ids: readonly number[] }
  encodeQuery(query: string): { ids: readonly number[] }
}

export interface GraphTensor {
  data: Float32Array | BigInt64Array
  dims: readonly number[]
}

/** A graph that runs. */
export interface GraphSession {
  /** All outputs by their names; they belong to the caller. */
  run(inputs: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, Float32Array<ArrayBuffer>>>>
  release(): Promise<void>
}
