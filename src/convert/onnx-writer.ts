/**
 * Writes ONNX models as a stream of chunks, so that a 440 MB graph never lies in memory as a whole.
 *
 * Field numbers are those of onnx.proto (IR version 10). Only what our graphs use is written: float and integer
 * initializers as raw data, integer, float and integer-list attributes, tensor inputs and outputs.
 */

import { Specter2Error } from '../errors.js'

/** Element types by their number in onnx.proto's TensorProto.DataType. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int64: 7 } as const
export type ElementType = keyof typeof ELEMENT_TYPES
const ELEMENT_BYTES: Record<ElementType, number> = { float32: 4, uint8: 1, int8: 1, int64: 8 }

/** A constant of the graph whose bytes are made when they are written, and may be dropped afterwards. */
export interface Initializer {
  name: string
  type: ElementType
  dims: readonly number[]
  /** Little-endian row-major values, `byteLength` of `dims` and `type`. */
  data: () => Promise<ArrayBufferView> | ArrayBufferView
}

export type Attribute = { int: number } | { float: number } | { ints: readonly number[] } | { graph: OnnxGraph }

export interface GraphNode {
  op: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, Attribute>>
  /** Operator set; the default one is ''. */
  domain: string
}

/** A tensor that goes in or out; a string in `shape` names a size that is known only at run time. */
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

const IR_VERSION = 10
/** LayerNormalization needs 17, Gelu 20. */
const OPSET = 20

/** A protocol buffer ends before 2 GiB: its readers count bytes in an int32. */
const MAX_MODEL_BYTES = 2 ** 31 - 1

/**
 * Bytes of the model, in chunks of any size.
 *
 * @throws Specter2Error `UNSUPPORTED` where the model is too large for an ONNX file, before any data is asked for;
 *   RangeError where an initializer gives another number of bytes than its shape announces.
 */
export async function* encodeOnnx(graph: OnnxGraph): AsyncGenerator<Uint8Array> {
  const head = encodeNodes(graph)
  const tail = encodeValues(graph)
  const tensors = graph.initializers.map((initializer) => ({ initializer, ...encodeTensorHead(initializer) }))
  const graphBytes = tensors.reduce((sum, { prefix, dataBytes }) => sum + prefix.length + dataBytes, head.length + tail.length)
  const start = concat([integer(1, IR_VERSION), text(2, 'specter2-web'), tag(7, 2), varint(graphBytes), head])
  const end = concat([tail, opset('', OPSET), opset('com.microsoft', 1)])
  const modelBytes = graphBytes - head.length - tail.length + start.length + end.length
  if (modelBytes > MAX_MODEL_BYTES) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `The graph would take ${modelBytes} bytes; an ONNX file holds at most ${MAX_MODEL_BYTES}. Take a smaller model.`,
      { details: { actual: modelBytes, expected: MAX_MODEL_BYTES } },
    )
  }

  yield start
  for (const { initializer, prefix, dataBytes } of tensors) {
    yield prefix
    const view = await initializer.data()
    if (view.byteLength !== dataBytes)
      throw new RangeError(`${initializer.name}: ${view.byteLength} bytes instead of ${dataBytes}`)
    yield new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  }
  yield end
}

/** @param prefix Of the nodes' names, which must differ across branches too. */
const encodeNodes = ({ name, nodes }: OnnxGraph, prefix = '') =>
  concat([...nodes.map((node, index) => message(1, encodeNode(node, `${prefix}${node.op}_${index}`))), text(2, name)])

const encodeValues = ({ inputs, outputs }: OnnxGraph) =>
  concat([...inputs.map((value) => message(11, encodeValue(value))), ...outputs.map((value) => message(12, encodeValue(value)))])

/** Everything of a TensorProto up to its raw data, which follows as it is. */
function encodeTensorHead({ name, type, dims }: Initializer): { prefix: Uint8Array; dataBytes: number } {
  const dataBytes = dims.reduce((product, dim) => product * dim, ELEMENT_BYTES[type])
  const body = concat([
    ...dims.map((dim) => integer(1, dim)),
    integer(2, ELEMENT_TYPES[type]),
    text(8, name),
    tag(9, 2),
    varint(dataBytes),
  ])
  return { prefix: concat([tag(5, 2), varint(body.length + dataBytes), body]), dataBytes }
}

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
  // A branch has no constants of its own: it uses those of the graph around it.
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
