import type { GraphNode, OnnxGraph } from '../../core/converter/onnx-writer.js'
import { show } from '../../core/errors.js'
import type { ReadGraph } from './read-onnx.js'

/**
 * How a graph that was read differs from the one that the converter would write, as a clause; `null` if it computes the same.
 * Weights are compared by name, type and shape, the other constants by their bytes. Further constants do not matter.
 */
export function graphDifference(found: ReadGraph, expected: OnnxGraph): string | null {
  for (const { name, type, dims, data } of expected.initializers) {
    const tensor = found.tensors.get(name)
    if (!tensor) return `it lacks ${name}`
    if (tensor.type !== type) return `its ${name} is of type ${tensor.type} instead of ${type}`
    if (tensor.dims.join() !== dims.join()) return `its ${name} has the shape [${tensor.dims}] instead of [${dims}]`
    if (!isWeight(name) && !sameBytes(tensor.bytes, data() as ArrayBufferView)) return `its constant ${name} has another value`
  }
  for (const side of ['inputs', 'outputs'] as const)
    if (comparable(found[side]) !== comparable(expected[side])) return `its ${side} are others`
  if (found.nodes.length !== expected.nodes.length)
    return `it has ${found.nodes.length} operators instead of ${expected.nodes.length}`
  const index = found.nodes.findIndex((node, index) => comparable(node) !== comparable(expected.nodes[index]!))
  return index < 0 ? null : `its operator ${index} is ${shown(found.nodes[index]!)} instead of ${shown(expected.nodes[index]!)}`
}

/** The graph builder names other constants by type and value, such as `float32:0.17`. */
const isWeight = (name: string) => !name.includes(':')

function sameBytes(found: Uint8Array, { buffer, byteOffset, byteLength }: ArrayBufferView): boolean {
  const expected = new Uint8Array(buffer, byteOffset, byteLength)
  return found.length === byteLength && found.every((byte, index) => byte === expected[index])
}

/** As a text in which floats have the 32 bits that are stored, and keys one order. */
const comparable = (value: unknown) =>
  JSON.stringify(value, (key, value) => {
    if (key === 'float') return Math.fround(value as number)
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isRecord ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
  })

const shown = ({ op, inputs, attributes }: GraphNode) =>
  `${op.slice(0, 40)}(${show(inputs.join())}, ${show(Object.keys(attributes).join())})`
