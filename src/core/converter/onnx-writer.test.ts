import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { type Bytes, createSession, float32Tensor, largestDifference, onnxBytes } from '../../../testing/models.js'
import { GraphBuilder } from './graph-builder.js'
import { encodeOnnx, type GraphNode, type Initializer, type OnnxGraph } from './onnx-writer.js'

/** Fields of a protocol buffer message by number, in order: numbers of wire type 0, bytes of 2, floats of 5. */
type Message = ReadonlyMap<number, readonly (bigint | Bytes | number)[]>

/** An independent reader: fails if a length exceeds the message or bytes are left over. */
function decode(bytes: Uint8Array): Message {
  const fields = new Map<number, (bigint | Bytes | number)[]>()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 63n) throw new RangeError(`a number without an end at ${at}`)
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asIntN(64, value)
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const values = fields.get(tag >> 3) ?? []
    fields.set(tag >> 3, values)
    if ((tag & 7) === 0) values.push(varint())
    else if ((tag & 7) === 2 || (tag & 7) === 5) {
      const length = (tag & 7) === 5 ? 4 : Number(varint())
      if (length < 0 || at + length > bytes.length) throw new RangeError(`${length} bytes at ${at} of ${bytes.length}`)
      const value = bytes.slice(at, at + length)
      values.push((tag & 7) === 5 ? new DataView(value.buffer).getFloat32(0, true) : value)
      at += length
    } else throw new RangeError(`wire type ${tag & 7} at ${at}`)
  }
  return fields
}

const messages = (message: Message, field: number) => (message.get(field) ?? []).map((bytes) => decode(bytes as Bytes))
const strings = (message: Message, field: number) =>
  (message.get(field) ?? []).map((bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes as Bytes))
const numbers = (message: Message, field: number) => (message.get(field) ?? []).map(Number)

/** The model as plain objects, by the field numbers of onnx.proto. */
function decodeModel(bytes: Uint8Array) {
  const model = decode(bytes)
  const [graph] = messages(model, 7) as [Message]
  const value = (info: Message) => {
    const [type] = messages(messages(info, 2)[0]!, 1) as [Message]
    const dims = messages(messages(type, 2)[0]!, 1).map((dim) => (dim.has(2) ? strings(dim, 2)[0] : numbers(dim, 1)[0]))
    return { name: strings(info, 1)[0], elementType: numbers(type, 1)[0], dims }
  }
  return {
    irVersion: numbers(model, 1),
    producer: strings(model, 2),
    opsets: messages(model, 8).map((opset) => [strings(opset, 1)[0], numbers(opset, 2)[0]]),
    graphs: model.get(7)!.length,
    name: strings(graph, 2),
    nodes: messages(graph, 1).map((node) => ({
      inputs: strings(node, 1),
      outputs: strings(node, 2),
      name: strings(node, 3)[0],
      op: strings(node, 4)[0],
      domain: strings(node, 7)[0] ?? '',
      attributes: messages(node, 5).map((attribute) => ({
        name: strings(attribute, 1)[0],
        type: numbers(attribute, 20)[0],
        float: attribute.get(2)?.[0],
        int: attribute.get(3)?.[0],
        ints: attribute.get(8),
      })),
    })),
    initializers: messages(graph, 5).map((tensor) => ({
      dims: numbers(tensor, 1),
      type: numbers(tensor, 2)[0],
      name: strings(tensor, 8)[0],
      raw: tensor.get(9)![0] as Bytes,
    })),
    inputs: messages(graph, 11).map(value),
    outputs: messages(graph, 12).map(value),
  }
}

const empty: OnnxGraph = { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [] }
const node = (attributes: GraphNode['attributes']): GraphNode => ({ op: 'X', inputs: [], outputs: [], attributes, domain: '' })

describe('encodeOnnx', () => {
  test('writes every part of a model under the field numbers of onnx.proto', async () => {
    const weights = Float32Array.of(1.5, -2, 0, 3, 4, 5)
    const model = decodeModel(
      await onnxBytes({
        name: 'größe',
        nodes: [
          {
            op: 'Gemm',
            inputs: ['x', 'w', ''],
            outputs: ['y'],
            attributes: { a: { int: -1 }, b: { float: 0.1 }, c: { ints: [0, -3, 2 ** 40] } },
            domain: 'com.microsoft',
          },
          { op: 'Split', inputs: ['y'], outputs: ['p', 'q'], attributes: {}, domain: '' },
        ],
        initializers: [
          { name: 'w', type: 'float32', dims: [2, 3], data: () => weights },
          { name: 'codes', type: 'int8', dims: [3], data: async () => Int8Array.of(-128, 0, 127) },
          { name: 'byte', type: 'uint8', dims: [], data: () => Uint8Array.of(255) },
          { name: 'index', type: 'int64', dims: [1], data: () => BigInt64Array.of(-2n) },
        ],
        inputs: [{ name: 'x', type: 'int64', shape: ['batch', 7] }],
        outputs: [{ name: 'y', type: 'float32', shape: [] }],
      }),
    )
    expect(model).toEqual({
      irVersion: [10],
      producer: ['specter2-web'],
      opsets: [
        ['', 20],
        ['com.microsoft', 1],
      ],
      graphs: 1,
      name: ['größe'],
      nodes: [
        {
          inputs: ['x', 'w', ''],
          outputs: ['y'],
          name: 'Gemm_0',
          op: 'Gemm',
          domain: 'com.microsoft',
          attributes: [
            { name: 'a', type: 2, int: -1n },
            { name: 'b', type: 1, float: Math.fround(0.1) },
            { name: 'c', type: 7, ints: [0n, -3n, 2n ** 40n] },
          ],
        },
        { inputs: ['y'], outputs: ['p', 'q'], name: 'Split_1', op: 'Split', domain: '', attributes: [] },
      ],
      initializers: [
        { dims: [2, 3], type: 1, name: 'w', raw: new Uint8Array(weights.buffer) },
        { dims: [3], type: 3, name: 'codes', raw: Uint8Array.of(128, 0, 127) },
        { dims: [], type: 2, name: 'byte', raw: Uint8Array.of(255) },
        { dims: [1], type: 7, name: 'index', raw: new Uint8Array(BigInt64Array.of(-2n).buffer) },
      ],
      inputs: [{ name: 'x', elementType: 7, dims: ['batch', 7] }],
      outputs: [{ name: 'y', elementType: 1, dims: [] }],
    })
  })

  test('writes branches as graphs in attributes, their nodes named apart, which the runtime chooses from', async () => {
    const branch = (name: string, op: string): OnnxGraph => ({
      name,
      nodes: [{ op, inputs: ['x'], outputs: [`${name}_y`], attributes: {}, domain: '' }],
      initializers: [],
      inputs: [],
      outputs: [{ name: `${name}_y`, type: 'float32', shape: ['n'] }],
    })
    const attributes = { then_branch: { graph: branch('yes', 'Neg') }, else_branch: { graph: branch('no', 'Abs') } }
    const bytes = await onnxBytes({
      name: 'g',
      nodes: [
        { op: 'ReduceMax', inputs: ['x'], outputs: ['m'], attributes: { keepdims: { int: 0 } }, domain: '' },
        { op: 'Greater', inputs: ['m', 'limit'], outputs: ['c'], attributes: {}, domain: '' },
        { op: 'If', inputs: ['c'], outputs: ['y'], attributes, domain: '' },
      ],
      initializers: [{ name: 'limit', type: 'float32', dims: [], data: () => Float32Array.of(10) }],
      inputs: [{ name: 'x', type: 'float32', shape: ['n'] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n'] }],
    })
    const [graph] = messages(decode(bytes), 7) as [Message]
    const branches = messages(messages(graph, 1)[2]!, 5)
    expect(branches.map((attribute) => numbers(attribute, 20))).toEqual([[5], [5]])
    const nodes = branches.map((attribute) => messages(messages(attribute, 6)[0]!, 1)[0]!)
    expect(nodes.map((each) => [strings(each, 3)[0], strings(each, 4)[0]])).toEqual([
      ['yes/Neg_0', 'Neg'],
      ['no/Abs_0', 'Abs'],
    ])
    const session = await createSession(bytes)
    for (const [x, expected] of [
      [
        [11, -1],
        [-11, 1],
      ],
      [
        [9, -1],
        [9, 1],
      ],
    ] as const) {
      const { y } = await session.run({ x: float32Tensor(Float32Array.from(x), [2]) })
      expect([...(y!.data as Float32Array)]).toEqual(expected)
    }
  })

  test('writes any whole number and any bytes so that they are read back', async () => {
    const whole = fc.maxSafeInteger()
    await fc.assert(
      fc.asyncProperty(fc.array(whole, { maxLength: 5 }), whole, fc.uint8Array({ maxLength: 300 }), async (ints, int, data) => {
        const model = decodeModel(
          await onnxBytes({
            ...empty,
            nodes: [node({ ints: { ints }, int: { int } })],
            initializers: [{ name: 'data', type: 'uint8', dims: [data.length], data: () => data }],
          }),
        )
        expect(model.nodes[0]!.attributes[0]!.ints ?? []).toEqual(ints.map(BigInt))
        expect(model.nodes[0]!.attributes[1]!.int).toBe(BigInt(int))
        expect(model.initializers).toEqual([{ dims: [data.length], type: 2, name: 'data', raw: Uint8Array.from(data) }])
      }),
      { numRuns: 200 },
    )
  })

  test('writes a part of a larger buffer, and nothing around it', async () => {
    const buffer = Float32Array.of(9, 1, 2, 9)
    const initializer: Initializer = { name: 'w', type: 'float32', dims: [2], data: () => buffer.subarray(1, 3) }
    const { initializers } = decodeModel(await onnxBytes({ ...empty, initializers: [initializer] }))
    expect(new Float32Array(initializers[0]!.raw.buffer)).toEqual(Float32Array.of(1, 2))
  })

  test('asks for the data of one initializer after another, each when it is written', async () => {
    const asked: string[] = []
    const initializer = (name: string): Initializer => ({
      name,
      type: 'uint8',
      dims: [1],
      data: () => {
        asked.push(name)
        return Uint8Array.of(1)
      },
    })
    const parts = encodeOnnx({ ...empty, initializers: [initializer('a'), initializer('b')] })
    const counts: number[] = []
    for await (const _ of parts) counts.push(asked.length)
    expect(counts).toEqual([0, 0, 1, 1, 2, 2])
  })

  test.each([
    ['fewer', 11],
    ['more', 13],
  ])('refuses an initializer that gives %s bytes than its shape announces', async (_, length) => {
    const initializer: Initializer = { name: 'liar', type: 'float32', dims: [3], data: () => new Uint8Array(length) }
    await expect(onnxBytes({ ...empty, initializers: [initializer] })).rejects.toThrow(`liar: ${length} bytes instead of 12`)
  })

  test('refuses a model above 2 GiB before it asks for any data', async () => {
    const initializer: Initializer = {
      name: 'huge',
      type: 'float32',
      dims: [2 ** 16, 2 ** 13],
      data: () => expect.unreachable('data was asked for'),
    }
    const error = await failure(onnxBytes({ ...empty, initializers: [initializer] }), 'UNSUPPORTED')
    expect(error.details).toEqual({ actual: expect.any(Number), expected: 2 ** 31 - 1 })
    expect(error.details.actual).toBeGreaterThan(2 ** 31)
  })

  test('writes graphs that the runtime can load and run', async () => {
    const graph = new GraphBuilder()
    const x = graph.input('x', 'float32', ['rows', 3])
    const weight = graph.constant('w', 'float32', [3, 2], () => Float32Array.of(1, 2, 3, 4, 5, 6))
    const [first, second] = graph.opMany('Split', [graph.op('MatMul', [x, weight])], 2, {
      axis: { int: -1 },
      num_outputs: { int: 2 },
    })
    const swapped = graph.op('Concat', [second!, first!], { attributes: { axis: { int: 1 } } })
    const leaky = graph.op('LeakyRelu', [swapped], { attributes: { alpha: { float: 0.25 } } })
    graph.op('Transpose', [leaky], { attributes: { perm: { ints: [1, 0] } }, output: 'y' })
    graph.output('y', 'float32', [2, 'rows'])

    const session = await createSession(graph.finish('test'))
    expect(session.inputNames).toEqual(['x'])
    expect(session.outputNames).toEqual(['y'])
    const { y } = await session.run({ x: float32Tensor(Float32Array.of(1, 0, -1, 0, 1, 1), [2, 3]) })
    // [1 0 -1] · w = [-4 -4], [0 1 1] · w = [8 10]; columns swapped, negative ones to a quarter, transposed.
    expect(y!.dims).toEqual([2, 2])
    expect(largestDifference(y!.data as Float32Array, [-1, 10, -1, 8])).toBe(0)
  })
})

test('the reader of these tests refuses a truncated message', () => {
  expect(() => decode(Uint8Array.of(0x0a, 5, 1))).toThrow(RangeError)
  expect(() => decode(Uint8Array.of(0x08, 0x80))).toThrow(RangeError)
})
