import { type FloatType, floats } from './float16.js'
import {
  type Attribute,
  ELEMENT_TYPES,
  type ElementType,
  type GraphNode,
  type Initializer,
  type OnnxGraph,
  type ValueInfo,
} from './onnx-writer.js'

/** Name of a tensor in the graph. */
export type Value = string

export interface OpOptions {
  attributes?: Readonly<Record<string, Attribute>>
  domain?: string
  /** Name of the single output, if it is an output of the graph. */
  output?: string
}

/** Collects nodes and constants of a graph; stores equal scalars and index vectors once. */
export class GraphBuilder {
  #nodes: GraphNode[] = []
  #values = 0
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
    const output = options.output ?? `v${this.#values++}`
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
    const outputs = Array.from({ length: outputCount }, () => `v${this.#values++}`)
    this.#nodes.push({ op, inputs, outputs, attributes, domain: '' })
    return outputs
  }

  /**
   * One of two values of `type` and `shape`; only the chosen one is computed. The branches may use all values and constants added
   * before.
   */
  choose(
    condition: Value,
    type: ElementType,
    shape: readonly (number | string)[],
    branches: { yes: () => Value; no: () => Value },
  ): Value {
    const branch = (name: string, build: () => Value): OnnxGraph => {
      const outer = this.#nodes
      this.#nodes = []
      const output = build()
      const nodes = this.#nodes
      this.#nodes = outer
      return { name, nodes, initializers: [], inputs: [], outputs: [{ name: output, type, shape }] }
    }
    const yes = branch(`yes${this.#values}`, branches.yes)
    const no = branch(`no${this.#values}`, branches.no)
    return this.op('If', [condition], { attributes: { then_branch: { graph: yes }, else_branch: { graph: no } } })
  }

  /** @param external Whether it may be stored in a file beside the graph. */
  constant(name: string, type: ElementType, dims: readonly number[], data: Initializer['data'], external = false): Value {
    if (!this.#initializers.has(name)) this.#initializers.set(name, { name, type, dims, data, external })
    return name
  }

  float(value: number, type: FloatType = 'float32'): Value {
    return this.constant(`${type}:${value}`, type, [], () => floats(type, Float32Array.of(value)))
  }

  cast(x: Value, type: ElementType): Value {
    return this.op('Cast', [x], { attributes: { to: { int: ELEMENT_TYPES[type] } } })
  }

  byte(value: number): Value {
    return this.constant(`byte:${value}`, 'uint8', [], () => Uint8Array.of(value))
  }

  int64(value: number): Value {
    return this.constant(`int64:${value}`, 'int64', [], () => BigInt64Array.of(BigInt(value)))
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
