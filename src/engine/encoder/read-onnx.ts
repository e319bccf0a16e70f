/**
 * Reads the ONNX models that the converter's writer makes, without copying the data of their constants.
 *
 * Field numbers are those of onnx.proto. Fields that the writer does not write are skipped.
 */

import { viewOf } from '../../core/checkpoint/byte-source.js'
import { damagedFile } from '../../core/checkpoint/file-errors.js'
import { elementCount } from '../../core/checkpoint/float-values.js'
import {
  type Attribute,
  ELEMENT_BYTES,
  ELEMENT_TYPES,
  type ElementType,
  type GraphNode,
  PRODUCER,
  type ValueInfo,
} from '../../core/converter/onnx-writer.js'
import { show } from '../../core/errors.js'

type Bytes = Uint8Array<ArrayBuffer>

/** A constant of a graph. */
export interface OnnxTensor {
  type: ElementType
  dims: readonly number[]
  /** Little-endian row-major values: a view of the graph's file, or of its data file. */
  bytes: Bytes
}

/** What a model file holds. */
export interface ReadGraph {
  nodes: readonly GraphNode[]
  /** By name. */
  tensors: ReadonlyMap<string, OnnxTensor>
  inputs: readonly ValueInfo[]
  outputs: readonly ValueInfo[]
}

export interface ReadOnnxOptions {
  /** Name of the file in errors. */
  file: string
  /** The file with the graph's external constants, if it has any. */
  data: Bytes | null
}

/**
 * The graph of a model file; `null` if another program than this package's converter wrote it.
 *
 * @throws Specter2Error `DAMAGED_FILE` for bytes that the writer never writes.
 */
export function readOnnx(model: Bytes, { file, data }: ReadOnnxOptions): ReadGraph | null {
  const fail = (found: string, details = {}) => damagedFile(file, found, details)
  const element = (code: number): ElementType => {
    const type = TYPES.get(code)
    if (type) return type
    throw fail(`holds values of the element type ${code}`, { field: 'data_type', actual: code })
  }

  const fields = fieldsOf(model, 'model')
  if (!fields.some((field) => field.number === 2 && text(field) === PRODUCER)) return null
  const graphs = fields.filter(({ number }) => number === 7)
  if (graphs.length !== 1) throw fail(`holds ${graphs.length} graphs`, { field: 'graph', expected: 1, actual: graphs.length })
  return graph(bytes(graphs[0]!), 0)

  function graph(message: Bytes, depth: number) {
    const nodes: GraphNode[] = []
    const tensors = new Map<string, OnnxTensor>()
    const inputs: ValueInfo[] = []
    const outputs: ValueInfo[] = []
    let name = ''
    for (const field of fieldsOf(message, 'graph')) {
      if (field.number === 1) nodes.push(node(bytes(field), depth))
      else if (field.number === 2) name = text(field)
      else if (field.number === 5) {
        const [key, value] = tensor(bytes(field))
        if (tensors.has(key)) throw fail(`holds two constants ${show(key)}`, { tensor: key })
        tensors.set(key, value)
      } else if (field.number === 11) inputs.push(valueInfo(bytes(field)))
      else if (field.number === 12) outputs.push(valueInfo(bytes(field)))
    }
    return { name, nodes, tensors, inputs, outputs }
  }

  function node(message: Bytes, depth: number): GraphNode {
    const node = { op: '', inputs: [] as string[], outputs: [] as string[], attributes: {}, domain: '' }
    const attributes: [string, Attribute][] = []
    for (const field of fieldsOf(message, 'node')) {
      if (field.number === 1) node.inputs.push(text(field))
      else if (field.number === 2) node.outputs.push(text(field))
      else if (field.number === 4) node.op = text(field)
      else if (field.number === 5) attributes.push(attribute(bytes(field), depth))
      else if (field.number === 7) node.domain = text(field)
    }
    return { ...node, attributes: Object.fromEntries(attributes) }
  }

  function attribute(message: Bytes, depth: number): [name: string, value: Attribute] {
    const fields = fieldsOf(message, 'attribute')
    const last = (number: number) => {
      const field = fields.findLast((field) => field.number === number)
      if (field) return field
      throw fail(`holds an attribute without the field ${number} that its type asks for`, { field: `attribute.${number}` })
    }
    const name = text(last(1))
    const type = integer(last(20))
    if (type === 1) return [name, { float: viewOf(bytes(last(2), 4)).getFloat32(0, true) }]
    if (type === 2) return [name, { int: integer(last(3)) }]
    if (type === 3) return [name, { string: text(last(4)) }]
    if (type === 7) return [name, { ints: fields.filter(({ number }) => number === 8).map(integer) }]
    if (type !== 5) throw fail(`holds the attribute ${show(name)} of type ${type}`, { field: 'attribute.type', actual: type })
    // The writer's branches hold neither branches nor constants; hostile ones could overflow the stack.
    if (depth > 0) throw fail('holds a branch within a branch', { field: 'attribute.graph' })
    const { tensors, ...branch } = graph(bytes(last(6)), depth + 1)
    if (tensors.size > 0) throw fail('holds a branch with constants', { field: 'attribute.graph' })
    return [name, { graph: { ...branch, initializers: [] } }]
  }

  function tensor(message: Bytes): [name: string, tensor: OnnxTensor] {
    const dims: number[] = []
    const location = new Map<string, string>()
    let [name, type, raw, external] = ['', null as ElementType | null, null as Bytes | null, false]
    for (const field of fieldsOf(message, 'tensor')) {
      if (field.number === 1) dims.push(integer(field))
      else if (field.number === 2) type = element(integer(field))
      else if (field.number === 8) name = text(field)
      else if (field.number === 9) raw = bytes(field)
      else if (field.number === 14) external = integer(field) === 1
      else if (field.number === 13) {
        const entry = fieldsOf(bytes(field), 'external_data')
        const [key, value] = [1, 2].map((number) => entry.find((field) => field.number === number))
        if (key && value) location.set(text(key), text(value))
      }
    }
    const values = external ? externalBytes(name, location) : raw
    if (!type || !values) throw fail(`holds the constant ${show(name)} without its type or data`, { tensor: name })
    const expected = elementCount(dims) * ELEMENT_BYTES[type]
    if (dims.some((dim) => dim < 0) || values.length !== expected) {
      const found = `gives the constant ${show(name)} ${values.length} bytes, but ${type} [${dims}] takes ${expected}`
      throw fail(found, { tensor: name, expected, actual: values.length })
    }
    return [name, { type, dims, bytes: values }]
  }

  function externalBytes(name: string, location: ReadonlyMap<string, string>): Bytes {
    const [offset, length] = ['offset', 'length'].map((key) => {
      const value = location.get(key)
      if (value !== undefined && /^\d{1,15}$/.test(value)) return Number(value)
      throw fail(`places the constant ${show(name)} in its data file by ${key} ${show(value)}`, { tensor: name, field: key })
    }) as [number, number]
    if (!data) throw fail(`keeps the constant ${show(name)} in a data file, and there is none`, { tensor: name })
    const end = offset + length
    if (end <= data.length) return data.subarray(offset, end)
    const found = `places the constant ${show(name)} up to byte ${end} of its data file, which has ${data.length}`
    throw fail(found, { tensor: name, expected: end, actual: data.length })
  }

  function valueInfo(message: Bytes): ValueInfo {
    const within = (message: Bytes, number: number) => {
      const field = fieldsOf(message, 'value').find((field) => field.number === number)
      if (field) return field
      throw fail('holds an input or output without name, type or shape', { field: `value.${number}` })
    }
    const type = bytes(within(bytes(within(message, 2)), 1))
    const dims = fieldsOf(bytes(within(type, 2)), 'shape').filter(({ number }) => number === 1)
    return {
      name: text(within(message, 1)),
      type: element(integer(within(type, 1))),
      shape: dims.map((dim) => {
        const [size] = fieldsOf(bytes(dim), 'dimension')
        if (!size) throw fail('holds a dimension without size or name', { field: 'dimension' })
        return size.number === 2 ? text(size) : integer(size)
      }),
    }
  }

  /** The fields of a message, in order. */
  function fieldsOf(message: Bytes, kind: string): Field[] {
    const fields: Field[] = []
    let at = 0
    while (at < message.length) {
      const tag = varint()
      const [number, wireType] = [Number(tag >> 3n), Number(tag & 7n)]
      if (wireType === 0) fields.push({ kind, number, value: varint() })
      else if (wireType === 2) fields.push({ kind, number, value: take(varint()) })
      else if (wireType === 1 || wireType === 5) fields.push({ kind, number, value: take(wireType === 1 ? 8n : 4n) })
      else throw fail(`has a field of wire type ${wireType} in a ${kind}`, { field: `${kind}.${number}`, actual: wireType })
    }
    return fields

    function varint(): bigint {
      let value = 0n
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = message[at++]
        if (byte === undefined) throw fail(`ends within a number of a ${kind}`, { field: kind, actual: message.length })
        value |= BigInt(byte & 127) << shift
        if (byte < 128) return value
      }
      throw fail(`has a number of more than 10 bytes in a ${kind}`, { field: kind })
    }

    function take(length: bigint): Bytes {
      const start = at
      const left = message.length - start
      if (length > left) {
        const found = `ends within a ${kind}: a field asks for ${length} bytes, ${left} are left`
        throw fail(found, { field: kind, expected: Number(length), actual: left })
      }
      at += Number(length)
      return message.subarray(start, at)
    }
  }

  /** @param length Of a field of fixed length. */
  function bytes({ kind, number, value }: Field, length?: number): Bytes {
    if (typeof value !== 'bigint' && (length ?? value.length) === value.length) return value
    throw fail(`has the field ${number} of a ${kind} in another form`, { field: `${kind}.${number}` })
  }

  function integer({ kind, number, value }: Field): number {
    const int = typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : Number.NaN
    if (Number.isSafeInteger(int)) return int
    throw fail(`has no integer in the field ${number} of a ${kind}`, { field: `${kind}.${number}` })
  }

  function text(field: Field): string {
    const value = bytes(field)
    try {
      return decoder.decode(value)
    } catch (cause) {
      const { kind, number } = field
      throw fail(`has a text that is not UTF-8 in a ${kind} (${cause})`, { field: `${kind}.${number}` })
    }
  }
}

/** A field of a message of `kind`: an integer, or bytes. */
interface Field {
  kind: string
  number: number
  value: bigint | Bytes
}

const TYPES: ReadonlyMap<number, ElementType> = new Map(
  Object.entries(ELEMENT_TYPES).map(([type, code]) => [code, type as ElementType]),
)

const decoder = new TextDecoder('utf-8', { fatal: true })
