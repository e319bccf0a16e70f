import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  concat,
  dict,
  failure,
  global,
  int,
  list,
  proto,
  reduce,
  stop,
  text,
  tuple,
  uint32,
  uint64,
} from '../../../testing/checkpoints.js'
import { Specter2Error } from '../errors.js'
import { PICKLE_LIMITS, readPickle } from './pickle.js'

const options = {
  file: 'model.bin',
  globals: new Map([['known.join', { kind: 'global' as const, call: (args: readonly unknown[]) => args.join('+') }]]),
  persistent: (id: unknown) => `<${id}>`,
}

const read = (...parts: (Uint8Array | readonly number[])[]) => readPickle(concat(proto, ...parts, stop), 0, options).value

describe('readPickle', () => {
  test('reads numbers of every width', () => {
    const double = [0x47, 0xc0, 0x04, 0, 0, 0, 0, 0, 0]
    const items = [int(-5), [0x4b, 200], [0x4d, 0x10, 0x27], [0x8a, 2, 0x00, 0xff], [0x8b, 1, 0, 0, 0, 7], [0x8a, 0], double]
    expect(read(tuple(...items.map((item) => Uint8Array.from(item))))).toEqual([-5, 200, 10000, -256, 7, 0, -2.5])
  })

  test('reads integers that a double cannot hold as bigints', () => {
    expect(read([0x8a, 9, ...uint64(2n ** 63n), 0])).toBe(2n ** 63n)
    expect(read([0x8a, 8, ...uint64(2n ** 63n)])).toBe(-(2n ** 63n))
  })

  test('reads strings of every length field, including a byte order mark', () => {
    expect(read([0x8c, 3], ascii('\ufeff'))).toBe('\ufeff')
    expect(read(text('größe'))).toBe('größe')
    expect(read([0x8d], uint64(2), ascii('ab'))).toBe('ab')
    expect(read([0x55, 2], ascii('py'))).toBe('py')
  })

  test('reads nested containers and constants', () => {
    const values = tuple(Uint8Array.of(0x88), Uint8Array.of(0x89), ascii('N'), ascii(')'), list(int(1), int(2)))
    expect(read(values)).toEqual([true, false, null, [], [1, 2]])
    expect(read(int(1), [0x85])).toEqual([1])
    expect(read(int(1), int(2), [0x86])).toEqual([1, 2])
    expect(read(int(1), int(2), int(3), [0x87])).toEqual([1, 2, 3])
    expect(read(ascii(']'), int(1), ascii('a'))).toEqual([1])
  })

  test('reads dicts as maps, so that no key reaches a prototype', () => {
    const value = read(dict(text('__proto__'), dict(text('polluted'), int(1)), text('constructor'), int(2)))
    expect(value).toEqual(
      new Map<string, unknown>([
        ['__proto__', new Map([['polluted', 1]])],
        ['constructor', 2],
      ]),
    )
    expect('polluted' in {}).toBe(false)
    expect(read(ascii('}'), text('a'), int(1), ascii('s'))).toEqual(new Map([['a', 1]]))
  })

  test('stores and recalls values by every kind of memo', () => {
    expect(read(text('x'), [0x71, 3], [0x68, 3], [0x86])).toEqual(['x', 'x'])
    expect(read(text('x'), [0x72, ...uint32(70000)], [0x6a, ...uint32(70000)], [0x86])).toEqual(['x', 'x'])
    expect(read(text('x'), [0x94], [0x68, 0], [0x86])).toEqual(['x', 'x'])
  })

  test('drops popped values', () => {
    expect(read(int(1), int(2), ascii('0'), ascii('('), int(3), ascii('1'))).toBe(1)
  })

  test('calls known functions and persistent ids, in all encodings of their names', () => {
    expect(read(reduce('known.join', int(1), int(2)))).toBe('1+2')
    expect(read(text('known'), text('join'), [0x93], tuple(int(1)), ascii('R'))).toBe('1')
    expect(read(text('id'), ascii('Q'))).toBe('<id>')
  })

  test('reads the framed protocol 4 and returns the end of the pickle', () => {
    const bytes = concat([1, 2], [0x80, 4, 0x95], uint64(3), [0x4b, 7], stop, ascii('rest'))
    expect(readPickle(bytes, 2, options)).toEqual({ value: 7, end: bytes.length - 4 })
  })

  test.each(['os.system', 'builtins.eval', 'torch._utils._rebuild_tensor_v3', 'known.constructor', '__proto__.toString'])(
    'refuses the global %s by name, without running anything',
    async (name) => {
      const error = await failure(() => read(reduce(name, text('true'))), 'UNSUPPORTED')
      expect(error.details).toEqual({ file: 'model.bin', global: name })
    },
  )

  test.each([
    ['another opcode', [0x81], { opcode: 0x81 }],
    ['protocol 0', [0x80, 0], { protocol: 0 }],
    ['protocol 6', [0x80, 6], { protocol: 6 }],
    ['a long string', concat([0x8d], uint64(2n ** 60n)), { limit: 'stringBytes' }],
    ['deep marks', new Uint8Array(PICKLE_LIMITS.marks + 2).fill(0x28), { limit: 'marks' }],
    ['a high stack', new Uint8Array(PICKLE_LIMITS.stack + 2).fill(0x4e), { limit: 'stack' }],
    [
      'endless operations',
      concat(ascii('N'), new Uint8Array(PICKLE_LIMITS.operations).fill(0x94)),
      { limit: expect.stringMatching(/memo|operations/) },
    ],
    ['a huge number', concat([0x8b], uint32(0xffffffff)), { limit: 'stringBytes' }],
  ])('refuses %s', async (_, bytes, details) => {
    expect((await failure(() => read(bytes), 'UNSUPPORTED')).details).toMatchObject(details)
  })

  test.each([
    ['a STOP on an empty stack', []],
    ['a POP on an empty stack', ascii('0')],
    ['a pop below a mark', concat(int(1), ascii('(0'))],
    ['a tuple without a mark', concat(int(1), ascii('t'))],
    ['an unknown memo entry', [0x68, 9]],
    ['items set on a number', concat(int(1), ascii('('), int(1), int(2), ascii('u'))],
    ['items appended to a dict', concat(ascii('}'), int(2), ascii('a'))],
    ['a key without a value', dict(int(1))],
    ['a call of a string', concat(text('f'), tuple(), ascii('R'))],
    ['a call without arguments', concat(global('known.join'), int(1), ascii('R'))],
    ['state for a number', concat(int(1), int(1), ascii('b'))],
    ['a global of numbers', concat(int(1), int(1), [0x93])],
    ['a string that is not UTF-8', [0x8c, 1, 0xff]],
    ['a frame beyond the end', concat([0x95], uint64(2n ** 63n))],
  ])('refuses %s as damaged', async (_, bytes) => {
    await failure(() => read(bytes), 'DAMAGED_FILE')
  })

  test('refuses a stream that is cut off anywhere', async () => {
    const bytes = concat(proto, dict(text('a'), tuple(int(1), reduce('known.join', [0x8a, 1, 1] as never))), stop)
    for (let end = 0; end < bytes.length; end++) {
      await failure(() => readPickle(bytes.subarray(0, end), 0, options), 'DAMAGED_FILE')
    }
  })

  test('ends with a value or a Specter2Error for any bytes', () => {
    const opcode = fc.constantFrom(
      ...ascii('().01GJKMNQRTUX]abcehjqrstu}'),
      ...[0x80, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8c, 0x93, 0x94],
    )
    const chunk = fc.oneof(
      { weight: 3, arbitrary: opcode.map((code) => Uint8Array.of(code)) },
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom(global('known.join'), text('a'), int(1), list(), dict()),
    )
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 60 }), (chunks) => {
        try {
          readPickle(concat(...chunks), 0, options)
        } catch (error) {
          if (!(error instanceof Specter2Error)) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})
