import { beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import {
  type Bytes,
  configOf,
  encoderWeights,
  joined,
  onnxBytes,
  randomTensors,
  smallShape,
  utf8,
} from '../../../testing/models.js'
import { randomNumbers } from '../../../testing/random-numbers.js'
import { buildEncoderGraph } from '../../core/converter/encoder-graph.js'
import { GraphBuilder } from '../../core/converter/graph-builder.js'
import { type LinearForm, q4CpuForm, q8Form } from '../../core/converter/linear-forms.js'
import { encodeExternalData, encodeOnnx, type OnnxGraph } from '../../core/converter/onnx-writer.js'
import { nearest } from '../../core/converter/rounding.js'
import { Specter2Error } from '../../core/errors.js'
import type { CodedEncoder } from './coded-weights.js'
import { readEncoder } from './read-encoder.js'
import { readOnnx } from './read-onnx.js'

const read = (model: Bytes, data: Bytes | null = null) => readOnnx(model, { file: 'graph', data })

async function collected(parts: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return joined(all)
}

/** A graph with every kind of attribute, constant, input and output. */
function anyGraph(): OnnxGraph {
  const graph = new GraphBuilder()
  const x = graph.input('x', 'float32', ['batch', 3])
  graph.constant('weights', 'int8', [2, 3], () => Int8Array.of(-127, 1, 2, 3, 4, 127))
  graph.constant('outside', 'float16', [2], () => Uint16Array.of(1, 2), true)
  graph.constant('empty', 'uint8', [0, 4], () => new Uint8Array(0), true)
  const y = graph.op('Softmax', [x, graph.float(0.5)], { domain: 'com.microsoft', attributes: { axis: { int: -1 } } })
  const [a] = graph.opMany('Split', [y], 2, { epsilon: { float: 0.25 }, direction: { string: 'RIGHT' } })
  graph.choose(a!, 'float32', ['batch', 1], {
    yes: () => graph.op('Transpose', [a!], { attributes: { perm: { ints: [1, 0] } } }),
    no: () => graph.op('Identity', [y]),
  })
  graph.output('é', 'int64', ['tokens'])
  return graph.finish('any')
}

// Parts of protocol buffers, for numbers and lengths below 128.
const tag = (field: number, wireType: number) =>
  field < 16 ? Uint8Array.of(field * 8 + wireType) : Uint8Array.of(((field & 15) << 3) | wireType | 128, field >> 4)
const varint = (field: number, value: number) => joined([tag(field, 0), Uint8Array.of(value)])
const message = (field: number, ...parts: Uint8Array[]) => {
  const body = joined(parts)
  return joined([tag(field, 2), Uint8Array.of(body.length), body])
}
const text = (field: number, value: string) => message(field, utf8(value))
const model = (...parts: Uint8Array[]) => joined([text(2, 'specter2-web'), message(7, ...parts)])
const constant = (...parts: Uint8Array[]) => model(message(5, text(8, 'c'), ...parts))
const byteType = varint(2, 2)
const outside = (offset: string, length: string) =>
  constant(
    varint(1, 4),
    byteType,
    varint(14, 1),
    message(13, text(1, 'offset'), text(2, offset)),
    message(13, text(1, 'length'), text(2, length)),
  )
const attribute = (...parts: Uint8Array[]) => model(message(1, text(4, 'Op'), message(5, text(1, 'a'), ...parts)))
const branch = (...parts: Uint8Array[]) => message(1, message(5, text(1, 'a'), varint(20, 5), message(6, ...parts)))

describe('readOnnx', () => {
  test('reads what the writer writes, with views of both files', async () => {
    const graph = anyGraph()
    const [bytes, data] = [await collected(encodeOnnx(graph, 'data')), await collected(encodeExternalData(graph))]
    const found = read(bytes, data)!
    expect(found.nodes).toEqual(graph.nodes)
    expect(found.inputs).toEqual(graph.inputs)
    expect(found.outputs).toEqual(graph.outputs)
    expect([...found.tensors.keys()]).toEqual(['weights', 'outside', 'empty', 'float32:0.5'])
    const weights = found.tensors.get('weights')!
    expect(weights).toMatchObject({ type: 'int8', dims: [2, 3] })
    expect([...new Int8Array(weights.bytes)]).toEqual([-127, 1, 2, 3, 4, 127])
    expect(weights.bytes.buffer).toBe(bytes.buffer)
    const { bytes: values, ...kind } = found.tensors.get('outside')!
    expect([kind, [...values], values.buffer]).toEqual([{ type: 'float16', dims: [2] }, [1, 0, 2, 0], data.buffer])
    expect(found.tensors.get('empty')).toMatchObject({ dims: [0, 4], bytes: new Uint8Array(0) })
  })

  test('skips fields that it does not know, of every wire type', async () => {
    const bytes = await onnxBytes(anyGraph())
    const unknown = joined([
      varint(15, 1),
      message(15, utf8('?')),
      Uint8Array.of(15 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8),
      Uint8Array.of(15 * 8 + 5, 1, 2, 3, 4),
    ])
    expect(read(joined([unknown, bytes, unknown]))).toEqual(read(bytes))
    expect(read(constant(unknown, varint(1, 1), byteType, message(9, utf8('x'))))?.tensors.get('c')?.bytes).toEqual(utf8('x'))
  })

  test('is null for the model of another program', () => {
    expect(read(joined([text(2, 'pytorch'), message(7, varint(1, 1))]))).toBeNull()
    expect(read(new Uint8Array(0))).toBeNull()
  })

  test.each<[string, Bytes, object]>([
    ['an unknown wire type', model(Uint8Array.of(8 + 3)), { field: 'graph.1', actual: 3 }],
    ['a number without an end', Uint8Array.of(8, 255), { field: 'model', actual: 2 }],
    ['a number of 11 bytes', Uint8Array.of(8, ...Array(10).fill(255), 1), { field: 'model' }],
    ['a length beyond the end', Uint8Array.of(18, 100, 1), { field: 'model', expected: 100, actual: 1 }],
    ['a length of 2^62', Uint8Array.of(18, ...Array(8).fill(128), 64), { field: 'model', expected: 2 ** 62 }],
    ['four bytes that are three', model(Uint8Array.of(8 + 5, 1, 2, 3)), { field: 'graph', expected: 4, actual: 3 }],
    ['a text that is not UTF-8', model(message(1, Uint8Array.of(4 * 8 + 2, 1, 255))), { field: 'node.4' }],
    ['a number in the place of a text', model(message(1, varint(4, 1))), { field: 'node.4' }],
    ['a text in the place of a number', constant(text(1, 'x')), { field: 'tensor.1' }],
    ['no graph', text(2, 'specter2-web'), { field: 'graph', expected: 1, actual: 0 }],
    ['two graphs', joined([model(), message(7)]), { field: 'graph', expected: 1, actual: 2 }],
    ['an unknown element type', constant(varint(2, 6)), { field: 'data_type', actual: 6 }],
    ['a constant without type', constant(message(9)), { tensor: 'c' }],
    ['a constant without data', constant(byteType), { tensor: 'c' }],
    ['too few bytes', constant(varint(1, 4), byteType, text(9, 'abc')), { tensor: 'c', expected: 4, actual: 3 }],
    [
      'two negative sizes',
      constant(...Array(2).fill(Uint8Array.of(8, ...Array(9).fill(255), 1)), byteType, text(9, 'a')),
      { tensor: 'c' },
    ],
    [
      'sizes that no file holds',
      constant(...Array(15).fill(Uint8Array.of(8, 255, 255, 255, 255, 15)), byteType, message(9)),
      { tensor: 'c' },
    ],
    [
      'two constants of one name',
      model(...Array(2).fill(message(5, text(8, 'c'), varint(1, 0), byteType, message(9)))),
      { tensor: 'c' },
    ],
    ['an attribute without type', attribute(varint(3, 1)), { field: 'attribute.20' }],
    ['an attribute without value', attribute(varint(20, 2)), { field: 'attribute.3' }],
    ['an attribute of unknown type', attribute(varint(20, 9)), { field: 'attribute.type', actual: 9 }],
    [
      'a float of eight bytes',
      attribute(varint(20, 1), Uint8Array.of(2 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8)),
      { field: 'attribute.2' },
    ],
    ['a branch in a branch', model(branch(branch())), { field: 'attribute.graph' }],
    ['constants in a branch', model(branch(message(5, varint(1, 0), byteType, message(9)))), { field: 'attribute.graph' }],
    ['an input without type', model(message(11, text(1, 'x'))), { field: 'value.2' }],
    [
      'an empty dimension',
      model(message(11, text(1, 'x'), message(2, message(1, varint(1, 1), message(2, message(1)))))),
      { field: 'dimension' },
    ],
    ['no offset', constant(byteType, varint(14, 1)), { tensor: 'c', field: 'offset' }],
    ['a negative offset', outside('-1', '4'), { tensor: 'c', field: 'offset' }],
    ['a length that is no number', outside('0', '4x'), { tensor: 'c', field: 'length' }],
    ['values beyond the data file', outside('1', '4'), { tensor: 'c', expected: 5, actual: 4 }],
  ])('refuses %s', async (_, bytes, details) => {
    const error = await failure(() => read(bytes, new Uint8Array(4)), 'DAMAGED_FILE')
    expect(error.details).toMatchObject({ file: 'graph', ...details })
  })

  test('refuses constants of a data file that is missing', async () => {
    expect(read(outside('0', '4'), Uint8Array.of(1, 2, 3, 4))?.tensors.get('c')?.bytes).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect((await failure(() => read(outside('0', '4')), 'DAMAGED_FILE')).details).toMatchObject({ tensor: 'c' })
  })
})

describe.each<[string, LinearForm]>([
  ['8 bits', q8Form(nearest)],
  ['4 bits', q4CpuForm(nearest)],
])('readEncoder with damaged bytes, %s', (_, form) => {
  const weights = encoderWeights(randomTensors(smallShape, 1))
  let graph: Bytes
  let data: Bytes
  const attempt = (graph: Bytes, data: Bytes) => readEncoder(graph, data, configOf(smallShape), { id: 'small', pooling: 'mean' })

  beforeAll(async () => {
    const built = buildEncoderGraph({ shape: smallShape, weights, form, pooling: 'mean', adapters: true })
    graph = await collected(encodeOnnx(built, 'data'))
    data = await collected(encodeExternalData(built))
  })

  /** What became of it: `encoder` only if every array has its size. */
  function outcome(graph: Bytes, data: Bytes): 'damaged' | 'reason' | 'encoder' {
    try {
      const result = attempt(graph, data)
      if ('reason' in result) return 'reason'
      expect(sizes(result.encoder)).toEqual(sizes(intact()))
      return 'encoder'
    } catch (error) {
      if (error instanceof Specter2Error && error.code === 'DAMAGED_FILE') return 'damaged'
      throw error
    }
  }
  const intact = () => (attempt(graph, data) as { encoder: CodedEncoder }).encoder
  const sizes = (encoder: CodedEncoder) =>
    JSON.stringify(encoder, (_, value) => (ArrayBuffer.isView(value) ? [value.constructor.name, value.byteLength] : value))

  test('none is read from a graph or a data file that is cut off', () => {
    expect(outcome(graph, data)).toBe('encoder')
    for (let part = 0; part < 200; part++) {
      expect(outcome(graph.slice(0, Math.floor((graph.length * part) / 200)), data)).not.toBe('encoder')
      if (data.length > 0) expect(outcome(graph, data.slice(0, Math.floor((data.length * part) / 200)))).toBe('damaged')
    }
  })

  test.each([
    ['embeddings.word_embeddings.weight.scales', Number.NaN],
    ['encoder.layer.0.attention.self.query_key_value.bias', Number.POSITIVE_INFINITY],
    ['encoder.layer.1.intermediate.dense.scales', Number.NEGATIVE_INFINITY],
    ['encoder.layer.1.output.LayerNorm.weight', Number.NaN],
  ])('%s that holds %d is named', async (tensor, value) => {
    const [changed, changedData] = [graph.slice(), data.slice()]
    const { type, bytes } = readOnnx(changed, { file: 'graph', data: changedData })!.tensors.get(tensor)!
    const pattern =
      type === 'float16'
        ? new Uint8Array(Uint16Array.of(Number.isNaN(value) ? 0x7e00 : 0x7c00).buffer)
        : new Uint8Array(Float32Array.of(value).buffer)
    bytes.set(pattern, 2 * pattern.length)
    const error = await failure(() => attempt(changed, changedData), 'DAMAGED_FILE')
    expect(error.details).toEqual({ tensor, index: 2 })
  })

  test('changed bytes give an error, a reason, or an encoder of the same shape', () => {
    const random = randomNumbers(7)
    const counts = { damaged: 0, reason: 0, encoder: 0 }
    for (let round = 0; round < 400; round++) {
      const changed = graph.slice()
      // Half of the rounds change the operators, which are the first bytes.
      const reach = round % 2 === 0 ? graph.length : 6000
      for (let count = 0; count <= round % 3; count++) changed[Math.floor(random() * reach)]! ^= 1 << Math.floor(random() * 8)
      counts[outcome(changed, data)]++
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(20)
  })
})
