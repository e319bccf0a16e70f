import type { Attribute, ElementType, GraphNode, Initializer, OnnxGraph, ValueInfo } from './onnx-writer.js'

/** Name of a tensor in the graph. */
export type Value = string

export interface OpOptions {
  attributes?: Readonly<Record<string, Attribute>>
  domain?: string
  /** Name of the single output, where it is the graph's own. */
  output?: string
}

/** Collects nodes and constants; equal scalars and index vectors are stored once. */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = []
  readonly #initializers = new Map<string, Initializer>()
  readonly #inputs: ValueInfo[] = []
  readonly #outputs: ValueInfo[] = []

  input(name: string, type: ElementType, shape: readonly (number | string)[]): Value {
    this.#inputs.push({ name, type, shape })
    return name
  }

  output(name: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.#outputs.push({ name, type, shape })
  }

  op(op: string, inputs: readonly Value[], options: OpOptions = {}): Value {
    const output = options.output ?? `v${this.#nodes.length}`
    this.#nodes.push({ op, inputs, outputs: [output], attributes: options.attributes ?? {}, domain: options.domain ?? '' })
    return output
  }

  /** An operator with several outputs. */
  opMany(
    op: string,
    inputs: readonly Value[],
    outputCount: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const outputs = Array.from({ length: outputCount }, (_, index) => `v${this.#nodes.length}_${index}`)
    this.#nodes.push({ op, inputs, outputs, attributes, domain: '' })
    return outputs
  }

  constant(name: string, type: ElementType, dims: readonly number[], data: Initializer['data']): Value {
    if (!this.#initializers.has(name)) this.#initializers.set(name, { name, type, dims, data })
    return name
  }

  float(value: number): Value {
    return this.constant(`float:${value}`, 'float32', [], () => Float32Array.of(value))
  }

  byte(value: number): Value {
    return this.constant(`byte:${value}`, 'uint8', [], () => Uint8Array.of(value))
  }

  int64s(...values: number[]): Value {
    return this.constant(`int64s:${values.join(',')}`, 'int64', [values.length], () => BigInt64Array.from(values, BigInt))
  }

  finish(name: string): OnnxGraph {
    return {
      name,
      nodes: this.#nodes,
      initializers: [...this.#initializers.values()],
      inputs: this.#inputs,
      outputs: this.#outputs,
    }
  }
}
