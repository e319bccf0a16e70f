/**
 * Writes ONNX models as a stream of chunks, so that memory never holds the whole of a 440 MB graph.
 *
 * Field numbers are those of onnx.proto (IR version 10). Supports only what our graphs use: float and integer initializers as raw
 * data or in a separate file, integer, float, string and integer-list attributes, tensor inputs and outputs.
 */

import { Specter2Error } from '../errors.js'

/** Numbers of the element types in onnx.proto's TensorProto.DataType. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int64: 7, float16: 10 } as const
export type ElementType = keyof typeof ELEMENT_TYPES
/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { float32: 4, uint8: 1, int8: 1, int64: 8, float16: 2 }

/** A constant of the graph, whose bytes are computed when they are written. */
export interface Initializer {
  name: string
  type: ElementType
  dims: readonly number[]
  /** Little-endian row-major values, `byteLength` of `dims` and `type`. */
  data: () => Promise<ArrayBufferView> | ArrayBufferView
  /** Whether it may be stored in a file beside the graph, which several graphs share. */
  external?: boolean
}

export type Attribute =
  | { int: number }
  | { float: number }
  | { ints: readonly number[] }
  | { string: string }
  | { graph: OnnxGraph }

export interface GraphNode {
  op: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, Attribute>>
  /** Operator set; the default one is ''. */
  domain: string
}

/** An input or output; a string in `shape` names a size that is only known at run time. */
export interface ValueInfo {
  name: string
  type: ElementType
  shape: readonly (number | string)[]
}

export interface OnnxGraph {
  name: string
  nodes: readonly GraphNode[]
  initializers: readonly Initializer[]
  inputs: readonly ValueInfo[]
  outputs: readonly ValueInfo[]
}

/** The `producer_name` of our models. */
export const PRODUCER = 'specter2-web'

const IR_VERSION = 10
/** LayerNormalization needs 17, Gelu 20. */
const OPSET = 20

/** Protocol buffers stay below 2 GiB: their readers count bytes in an int32. */
const MAX_MODEL_BYTES = 2 ** 31 - 1

/**
 * Bytes of the model, in chunks of any size.
 *
 * @param dataFile Name of the file beside the graph that holds its external constants, as {@link encodeExternalData} writes it.
 *   Default: none, everything is in the model.
 * @throws Specter2Error `UNSUPPORTED` if the model is too large for an ONNX file, before any data is read; RangeError if the
 *   data of an initializer does not have the size of its shape.
 */
export async function* encodeOnnx(graph: OnnxGraph, dataFile?: string): AsyncGenerator<Uint8Array> {
  const { start, tensors, end } = layOut(graph, dataFile)
  yield start
  for (const { initializer, prefix, dataBytes } of tensors) {
    yield prefix
    if (initializer) yield await dataOf(initializer, dataBytes)
  }
  yield end
}

/** Bytes of the whole model. */
export async function collectOnnx(graph: OnnxGraph): Promise<Uint8Array<ArrayBuffer>> {
  const model = new Uint8Array(layOut(graph).byteLength)
  let offset = 0
  for await (const part of encodeOnnx(graph)) {
    model.set(part, offset)
    offset += part.length
  }
  return model
}

/** Bytes of the external constants of a graph, one after another. */
export async function* encodeExternalData(graph: OnnxGraph): AsyncGenerator<Uint8Array> {
  for (const initializer of graph.initializers) if (initializer.external) yield await dataOf(initializer, byteLength(initializer))
}

/** The encoded model without the data of its constants, and the places of these. */
function layOut(graph: OnnxGraph, dataFile?: string) {
  const head = encodeNodes(graph)
  const tail = encodeValues(graph)
  let offset = 0
  const tensors = graph.initializers.map((initializer) => {
    if (dataFile === undefined || !initializer.external) return { initializer, ...encodeTensorHead(initializer) }
    const location = { file: dataFile, offset, length: byteLength(initializer) }
    offset += location.length
    return { initializer: null, prefix: encodeExternalTensor(initializer, location), dataBytes: 0 }
  })
  const graphBytes = tensors.reduce((sum, { prefix, dataBytes }) => sum + prefix.length + dataBytes, head.length + tail.length)
  const start = concat([integer(1, IR_VERSION), text(2, PRODUCER), tag(7, 2), varint(graphBytes), head])
  const end = concat([tail, opset('', OPSET), opset('com.microsoft', 1)])
  const modelBytes = graphBytes - head.length - tail.length + start.length + end.length
  if (modelBytes > MAX_MODEL_BYTES) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `The graph would take ${modelBytes} bytes; an ONNX file holds at most ${MAX_MODEL_BYTES}. Take a smaller model.`,
      { details: { actual: modelBytes, expected: MAX_MODEL_BYTES } },
    )
  }
  return { start, tensors, end, byteLength: modelBytes }
}

const byteLength = ({ dims, type }: Initializer) => dims.reduce((product, dim) => product * dim, ELEMENT_BYTES[type])

async function dataOf({ name, data }: Initializer, expected: number): Promise<Uint8Array> {
  const view = await data()
  if (view.byteLength !== expected) throw new RangeError(`${name}: ${view.byteLength} bytes instead of ${expected}`)
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** @param prefix Prefix of the nodes' names, which must also differ between branches. */
const encodeNodes = ({ name, nodes }: OnnxGraph, prefix = '') =>
  concat([...nodes.map((node, index) => message(1, encodeNode(node, `${prefix}${node.op}_${index}`))), text(2, name)])

const encodeValues = ({ inputs, outputs }: OnnxGraph) =>
  concat([...inputs.map((value) => message(11, encodeValue(value))), ...outputs.map((value) => message(12, encodeValue(value)))])

/** A TensorProto up to its raw data. */
function encodeTensorHead(initializer: Initializer): { prefix: Uint8Array; dataBytes: number } {
  const dataBytes = byteLength(initializer)
  const body = concat([encodeTensorType(initializer), tag(9, 2), varint(dataBytes)])
  return { prefix: concat([tag(5, 2), varint(body.length + dataBytes), body]), dataBytes }
}

interface DataLocation {
  file: string
  offset: number
  length: number
}

/** A TensorProto with its data in another file: entries of `external_data`, and `data_location` EXTERNAL. */
function encodeExternalTensor(initializer: Initializer, { file, offset, length }: DataLocation): Uint8Array {
  const entries = { location: file, offset: String(offset), length: String(length) }
  return message(
    5,
    concat([
      encodeTensorType(initializer),
      ...Object.entries(entries).map(([key, value]) => message(13, concat([text(1, key), text(2, value)]))),
      integer(14, 1),
    ]),
  )
}

const encodeTensorType = ({ name, type, dims }: Initializer) =>
  concat([...dims.map((dim) => integer(1, dim)), integer(2, ELEMENT_TYPES[type]), text(8, name)])

function encodeNode({ op, inputs, outputs, attributes, domain }: GraphNode, name: string): Uint8Array {
  return concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, encodeAttribute(name, value))),
    ...(domain ? [text(7, domain)] : []),
  ])
}

function encodeAttribute(name: string, value: Attribute): Uint8Array {
  if ('int' in value) return concat([text(1, name), integer(3, value.int), integer(20, 2)])
  if ('float' in value)
    return concat([text(1, name), tag(2, 5), new Uint8Array(new Float32Array([value.float]).buffer), integer(20, 1)])
  if ('string' in value) return concat([text(1, name), text(4, value.string), integer(20, 3)])
  // A branch has no constants itself: it uses those of the graph around it.
  if ('graph' in value) {
    return concat([
      text(1, name),
      message(6, concat([encodeNodes(value.graph, `${value.graph.name}/`), encodeValues(value.graph)])),
      integer(20, 5),
    ])
  }
  return concat([text(1, name), ...value.ints.map((int) => integer(8, int)), integer(20, 7)])
}

function encodeValue({ name, type, shape }: ValueInfo): Uint8Array {
  const dims = shape.map((dim) => message(1, typeof dim === 'number' ? integer(1, dim) : text(2, dim)))
  const tensor = concat([integer(1, ELEMENT_TYPES[type]), message(2, concat(dims))])
  return concat([text(1, name), message(2, message(1, tensor))])
}

const opset = (domain: string, version: number) => message(8, concat([text(1, domain), integer(2, version)]))

// Protocol buffers, wire types 0 (varint) and 2 (length-delimited).

const tag = (field: number, wireType: number) => varint(field * 8 + wireType)
const integer = (field: number, value: number) => concat([tag(field, 0), varint(value)])
const message = (field: number, body: Uint8Array) => concat([tag(field, 2), varint(body.length), body])
const text = (field: number, value: string) => message(field, new TextEncoder().encode(value))

function varint(value: number): Uint8Array {
  // A negative int64 takes ten bytes: two's complement.
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
