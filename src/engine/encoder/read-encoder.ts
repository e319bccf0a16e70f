import { toFloat32 } from '../../core/checkpoint/float-values.js'
import { ACTIVATION_FLOOR, buildEncoderGraph, type EncoderShape } from '../../core/converter/encoder-graph.js'
import type { EncoderWeights } from '../../core/converter/encoder-weights.js'
import { q4CpuForm, q8Form, subtractShift } from '../../core/converter/linear-forms.js'
import { encoderShape } from '../../core/converter/model-config.js'
import { nearest } from '../../core/converter/rounding.js'
import { Specter2Error } from '../../core/errors.js'
import type { Manifest } from '../../core/model-folder/manifest.js'
import type { CodedDense, CodedEncoder, CodedLayer, LayerNorm } from './coded-weights.js'
import { graphDifference } from './compare-graphs.js'
import { type OnnxTensor, readOnnx } from './read-onnx.js'
import { unpackDense, unpackRows, unpackTable } from './unpack-four-bits.js'

type Bytes = Uint8Array<ArrayBuffer>

/**
 * The encoder of a model folder's graph for the CPU in 8 or 4 bits, or the reason why it cannot be read, as a clause ("its weights
 * are in fp32"). It is read only if the graph is, operator by operator, the one that this version's converter writes for
 * `config`; otherwise its vectors might be others.
 *
 * @param graph Kept: the encoder's arrays are views of it where they can be.
 * @param data The file with the graph's weights, if it has one; borrowed.
 * @param config Parsed `config.json`.
 * @throws Specter2Error `DAMAGED_FILE` if the bytes are no graph, or a scale, bias or the like is not a finite number.
 */
export function readEncoder(
  graph: Bytes,
  data: Bytes | null,
  config: object,
  manifest: Pick<Manifest, 'id' | 'pooling'>,
): { encoder: CodedEncoder } | { reason: string } {
  const found = readOnnx(graph, { file: `The graph of ${manifest.id}`, data })
  if (!found) return { reason: "the graph was not made by this package's converter" }
  const { tensors, inputs } = found
  const shape = shapeOf(config, manifest.id)
  if ('reason' in shape) return shape
  const weight = tensors.get('encoder.layer.0.intermediate.dense.weight')
  if (weight) return { reason: `its weights are in ${weight.type === 'float16' ? 'fp16' : 'fp32'}` }
  if (found.nodes.some(({ op }) => op === 'MatMulNBits')) return { reason: 'it is the graph for WebGPU' }
  // Before a graph of as many layers as config.json says is built.
  const last = `encoder.layer.${shape.layers - 1}.output.dense.codes`
  const codes = tensors.get(last)
  if (!codes) return { reason: `the graph was not made by this version's converter: it lacks ${last}` }
  const fourBits = codes.type === 'uint8'
  const adapters = inputs.some(({ name }) => name.startsWith('adapter.'))
  const form = fourBits ? q4CpuForm(nearest) : q8Form(nearest)
  const { pooling } = manifest
  const expected = buildEncoderGraph({ shape, weights: anyWeights(tensors), form, pooling, adapters })
  const difference = graphDifference(found, expected)
  if (difference) return { reason: `the graph was not made by this version's converter: ${difference}` }
  // The converter writes codes from -127 on, and kernels rely on it.
  const outside = fourBits
    ? undefined
    : [...tensors].find(([, { type, bytes }]) => type === 'int8' && signed(bytes).includes(-128))
  if (outside) return { reason: `the graph was not made by this version's converter: ${outside[0]} holds the code -128` }
  return { encoder: { shape, pooling, adapters, ...new WeightReader(tensors, shape, pooling, fourBits).read() } }
}

function shapeOf(config: object, name: string): EncoderShape | { reason: string } {
  try {
    return encoderShape(config as Record<string, unknown>, name)
  } catch (error) {
    if (error instanceof Specter2Error && error.code === 'UNSUPPORTED') return { reason: error.message }
    throw error
  }
}

/** Weights of every name and shape without values, smoothed where the graph has the factors. */
function anyWeights(tensors: ReadonlyMap<string, OnnxTensor>): Pick<EncoderWeights, 'tensor' | 'dense'> {
  const unread = () => Promise.reject(new TypeError('this weight has no values'))
  return {
    tensor: (name, shape) => ({ name, shape, read: unread }),
    dense: (name, names, inputs, outputs) => ({
      name,
      input: name,
      inputs,
      outputs: outputs * names.length,
      smoothing: tensors.has(`${name}.smoothing`) ? new Float32Array(0) : null,
      weight: unread,
      bias: unread,
    }),
  }
}

/** Reads the weights of a graph whose constants have been checked. */
class WeightReader {
  readonly #tensors: ReadonlyMap<string, OnnxTensor>
  readonly #shape: EncoderShape
  readonly #pooling: Manifest['pooling']
  readonly #fourBits: boolean

  constructor(tensors: ReadonlyMap<string, OnnxTensor>, shape: EncoderShape, pooling: Manifest['pooling'], fourBits: boolean) {
    this.#tensors = tensors
    this.#shape = shape
    this.#pooling = pooling
    this.#fourBits = fourBits
  }

  read(): Pick<CodedEncoder, 'words' | 'positions' | 'norm' | 'layers'> {
    return {
      words: this.#words(),
      positions: this.#positions(),
      norm: this.#norm('embeddings.LayerNorm'),
      layers: Array.from({ length: this.#shape.layers }, (_, layer) => this.#layer(layer)),
    }
  }

  #words(): CodedEncoder['words'] {
    const name = 'embeddings.word_embeddings.weight'
    if (this.#fourBits) return unpackTable(this.#bytes(`${name}.codes`), this.#floats(`${name}.scales`), this.#shape.hidden)
    return { codes: signed(this.#bytes(`${name}.codes`)), scales: this.#floats(`${name}.scales`) }
  }

  #positions(): Float32Array {
    const { hidden, positions } = this.#shape
    const name = 'embeddings.position_embeddings.weight'
    const [codes, scales] = [this.#bytes(`${name}.codes`), this.#floats(`${name}.scales`)]
    if (this.#fourBits) return unpackRows(codes, scales, hidden, 0, positions)
    return Float32Array.from(signed(codes), (code, index) => code * scales[Math.floor(index / hidden)]!)
  }

  #layer(layer: number): CodedLayer {
    const { hidden, intermediate, activation } = this.#shape
    const name = `encoder.layer.${layer}`
    const self = `${name}.attention.self`
    const output = `${name}.attention.output`
    const down = this.#dense(`${name}.output.dense`, intermediate, hidden)
    const { floor } = ACTIVATION_FLOOR[activation]
    // The 4-bit graph computes the shift itself.
    if (floor && !this.#fourBits) {
      down.bias = down.bias.slice()
      subtractShift(down.bias, down.codes, down.scales, -floor)
    }
    const firstOnly = this.#pooling === 'cls' && layer === this.#shape.layers - 1
    const [query, key, value] = firstOnly
      ? [this.#dense(`${self}.query`, hidden, hidden), ...columnsOf(this.#dense(`${self}.key_value`, hidden, 2 * hidden), 2)]
      : columnsOf(this.#dense(`${self}.query_key_value`, hidden, 3 * hidden), 3)
    return {
      query: query!,
      key: key!,
      value: value!,
      output: this.#dense(`${output}.dense`, hidden, hidden),
      attentionNorm: this.#norm(`${output}.LayerNorm`),
      up: this.#dense(`${name}.intermediate.dense`, hidden, intermediate),
      down,
      outputNorm: this.#norm(`${name}.output.LayerNorm`),
    }
  }

  #dense(name: string, inputs: number, outputs: number): CodedDense {
    const [codes, scales] = [this.#bytes(`${name}.codes`), this.#floats(`${name}.scales`)]
    const weight = this.#fourBits ? unpackDense(codes, scales, inputs, outputs) : { codes: signed(codes), scales }
    const smoothing = this.#tensors.has(`${name}.smoothing`) ? this.#floats(`${name}.smoothing`) : null
    return { inputs, outputs, ...weight, stride: outputs, bias: this.#floats(`${name}.bias`), smoothing }
  }

  #norm(name: string): LayerNorm {
    return { weight: this.#floats(`${name}.weight`), bias: this.#floats(`${name}.bias`) }
  }

  #bytes(name: string): Bytes {
    return this.#tensors.get(name)!.bytes
  }

  #floats(name: string): Float32Array {
    const { type, bytes } = this.#tensors.get(name)!
    const values = toFloat32(bytes, type === 'float16' ? 'F16' : 'F32')
    // Rounding to codes would hide it: vectors would be wrong, and finite.
    const index = values.findIndex((value) => !Number.isFinite(value))
    if (index < 0) return values
    const found = `${name}[${index}] of the graph is ${values[index]}, not a finite number`
    throw new Specter2Error('DAMAGED_FILE', `${found}. Convert the model again.`, { details: { tensor: name, index } })
  }
}

/** Layers of the same width that lie side by side as one, without copies. */
export function columnsOf(dense: CodedDense, count: number): CodedDense[] {
  const outputs = dense.outputs / count
  return Array.from({ length: count }, (_, index) => {
    const [start, end] = [index * outputs, (index + 1) * outputs]
    const codes = dense.codes.subarray(start, dense.codes.length - dense.outputs + end)
    return { ...dense, outputs, codes, scales: dense.scales.subarray(start, end), bias: dense.bias.subarray(start, end) }
  })
}

const signed = ({ buffer, byteOffset, length }: Bytes) => new Int8Array(buffer, byteOffset, length)
