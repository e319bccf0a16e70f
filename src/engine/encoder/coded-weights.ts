import type { EncoderShape } from '../../core/converter/encoder-graph.js'

/** The weights of a BERT encoder in 8 bits, as a model folder stores them. */
export interface CodedEncoder {
  shape: Pick<EncoderShape, 'hidden' | 'layers' | 'heads' | 'intermediate' | 'layerNormEpsilon' | 'activation'>
  pooling: 'cls' | 'mean'
  /** Whether the encoder takes adapters. */
  adapters: boolean
  /** Word embeddings [vocabulary, hidden]: code · scale of the row. */
  words: { codes: Int8Array; scales: Float32Array }
  /** Position embeddings [positions, hidden], with the embedding of the one token type in use added. */
  positions: Float32Array
  /** Of the embeddings. */
  norm: LayerNorm
  layers: readonly CodedLayer[]
}

/** Weight and bias [hidden] of a LayerNorm. */
export interface LayerNorm {
  weight: Float32Array
  bias: Float32Array
}

/** One layer. The factor 1 / √headWidth of the scores is part of `query`. */
export interface CodedLayer {
  query: CodedDense
  key: CodedDense
  value: CodedDense
  /** Of attention. */
  output: CodedDense
  attentionNorm: LayerNorm
  up: CodedDense
  down: CodedDense
  outputNorm: LayerNorm
}

/** A dense layer y = (x / smoothing) · (codes · scales) + bias. */
export interface CodedDense {
  inputs: number
  outputs: number
  /** [inputs, outputs], row-major, from -127 to 127; `stride` values from row to row, since layers that share their input may lie side by side. */
  codes: Int8Array
  stride: number
  /** [outputs], of the columns. */
  scales: Float32Array
  /** [outputs], of the layer itself: without the shift that a graph adds to the inputs of `down` before it rounds them. */
  bias: Float32Array
  /** 1 / factor [inputs] by which x is multiplied before it is rounded; `null` if there is none. */
  smoothing: Float32Array | null
}
