import fc from 'fast-check'

// Mutations that know the shape of what they change, so that most of the result still gets past a reader's first checks.

/** One change; what its numbers mean depends on what is changed. */
interface Step {
  kind: number
  /** 0 to 1: where. */
  at: number
  span: number
  pick: number
  times: number
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(1000),
  at: fc.nat(999_999).map((value) => value / 1_000_000),
  span: fc.oneof(fc.nat(6), fc.nat(120)),
  pick: fc.nat(),
  times: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4, max: 300 }) },
  ),
})
const steps = fc.array(step, { minLength: 1, maxLength: 8 })

const of = <T>(items: readonly T[], pick: number): T => items[pick % items.length]!

/** What breaks careless readers, in any text. */
export const HOSTILE_TEXTS = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  '',
  '\0',
  '\ufeff',
  '\ufffd',
  '\u2028',
  '\r',
  '\r\n',
  '\n\n',
  '\t',
  '<img src=x onerror=alert(1)>',
  '</script>',
  '=1+1',
  '@SUM(A1)',
  '-1',
  '1e999',
  '9'.repeat(400),
  '99999999999999999999',
  'NaN',
  'İ',
  '𝒜',
  'e\u0301\u0301\u0301',
  '\u202e',
  '../../../etc/passwd',
  'C:\\Windows\\',
  'javascript:alert(1)',
  'file:///etc/passwd',
  '%00',
  '&#0;',
  '&#x110000;',
  '&amp;amp;',
]

const PAIRS = [
  ['{', '}'],
  ['[', ']'],
  ['(', ')'],
  ['"', '"'],
  ['<a>', '</a>'],
  ['$', '$'],
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
] as const

/** Texts that come from `seeds` by changes of characters, tokens, lines and nesting. */
export function mutatedText(seeds: readonly string[], tokens: readonly string[] = []): fc.Arbitrary<string> {
  const words = [...tokens, ...HOSTILE_TEXTS]
  return fc.tuple(fc.nat(), steps).map(([seed, steps]) => {
    let text = of(seeds, seed)
    for (const { kind, at, span, pick, times } of steps) {
      const from = Math.floor(at * (text.length + 1))
      const [before, middle, after] = [text.slice(0, from), text.slice(from, from + span), text.slice(from + span)]
      const lines = text.split('\n')
      const line = Math.floor(at * lines.length)
      const [open, close] = of(PAIRS, pick)
      const edits: readonly (() => string)[] = [
        () => before + after,
        () => before + middle.repeat(times + 1) + after,
        () => before + of(words, pick) + middle + after,
        () => before + of(words, pick) + after,
        () => before + of(words, pick).repeat(times) + middle + after,
        () => before + open.repeat(times) + middle + close.repeat(pick % 3 === 0 ? 0 : times) + after,
        () => before,
        () => lines.toSpliced(line, 1).join('\n'),
        () => lines.toSpliced(line, 0, ...Array<string>(times).fill(lines[line]!)).join('\n'),
        () => lines.toSpliced(line, 1, of(lines, pick)).join('\n'),
        () => before + of(seeds, pick).slice(Math.floor(at * of(seeds, pick).length)),
        () => text.replace(/\d+/g, (digits) => (pick % 3 === 0 ? of(words, pick) : digits)),
        () => before + middle.split('').reverse().join('') + after,
      ]
      text = of(edits, kind)().slice(0, 200_000)
    }
    return text
  })
}

const NUMBERS = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** Bytes that come from `seeds`: flipped bits, wrong lengths and offsets, pieces lost, repeated or from another seed. */
export function mutatedBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(fc.nat(), steps).map(([seed, steps]) => {
    let bytes = Uint8Array.from(of(seeds, seed))
    for (const { kind, at, span, pick, times } of steps) {
      if (bytes.length === 0) return bytes
      const from = Math.min(bytes.length - 1, Math.floor(at * bytes.length))
      const [before, middle, after] = [bytes.subarray(0, from), bytes.subarray(from, from + span), bytes.subarray(from + span)]
      const view = new DataView(bytes.buffer)
      const other = of(seeds, pick)
      const edits: readonly (() => Uint8Array)[] = [
        () => bytes.fill(bytes[from]! ^ (1 << (pick % 8)), from, from + 1),
        () => bytes.fill(of(NUMBERS, pick), from, from + 1 + (pick % 4)),
        () => {
          if (from + 4 <= bytes.length) view.setUint32(from, of([...NUMBERS, bytes.length, bytes.length - from], pick), true)
          return bytes
        },
        () => {
          if (from + 8 <= bytes.length) view.setBigUint64(from, [0n, 1n, 2n ** 53n, 2n ** 64n - 1n][pick % 4]!, true)
          return bytes
        },
        () => joined(before, after),
        () => joined(before, ...Array<Uint8Array>(times).fill(middle), middle, after),
        () => before,
        () => joined(before, other.subarray(Math.floor(at * other.length))),
        () => joined(before, after.subarray(0, span), middle, after.subarray(span)),
      ]
      bytes = Uint8Array.from(of(edits, kind)().subarray(0, 500_000))
    }
    return bytes
  })
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const HOSTILE_VALUES: readonly Json[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 31,
  2 ** 53,
  '',
  ...HOSTILE_TEXTS.slice(0, 6),
  '../../x.safetensors',
  'a'.repeat(3000),
  [],
  {},
  [[]],
  [null],
  Array<number>(2000).fill(1),
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as Json,
  JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as Json,
]

/** JSON that comes from `seeds`: values of other types, keys that objects inherit, parts lost, moved or nested. */
export function mutatedJson(seeds: readonly unknown[]): fc.Arbitrary<Json> {
  return fc.tuple(fc.nat(), steps).map(([seed, steps]) => {
    let value = structuredClone(of(seeds, seed)) as Json
    for (const step of steps) {
      const count = countNodes(value)
      value = changed(value, { left: Math.floor(step.at * count) }, step)
    }
    return value
  })
}

function countNodes(value: Json): number {
  const inner = typeof value === 'object' && value !== null ? Object.values(value) : []
  return inner.reduce((sum: number, item) => sum + countNodes(item), 1)
}

/** `value` with its `left`-th node changed, in the order of {@link countNodes}. */
function changed(value: Json, at: { left: number }, { kind, pick, times, ...rest }: Step): Json {
  if (at.left-- === 0) {
    const hostile = of(HOSTILE_VALUES, pick)
    const names = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
    const edits: readonly (() => Json)[] = [
      () => hostile,
      () => hostile,
      () => (typeof value === 'number' ? [-value, value + 1, value * 1e9, value / 3, 0][pick % 5]! : hostile),
      () => (Array.isArray(value) ? [...value, ...value.slice(0, times)] : [value]),
      () => (Array.isArray(value) ? value.slice(0, -1) : { value }),
      () => Object.fromEntries([...Object.entries(value ?? {}), [of(HOSTILE_TEXTS, pick), hostile]]),
      () =>
        Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => name !== of(names.length > 0 ? names : [''], pick))),
      () =>
        typeof value === 'string' ? of([value.repeat(times), value.slice(1), `${value}\0`, `/${value}`], pick) : String(value),
    ]
    return of(edits, kind)()
  }
  const step = { kind, pick, times, ...rest }
  if (Array.isArray(value)) return value.map((item) => (at.left < 0 ? item : changed(item, at, step)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, at.left < 0 ? item : changed(item, at, step)]))
}

/** A field of a message of protocol buffers. */
interface Field {
  number: number
  value: bigint | Uint8Array | Field[]
}

/** Messages of protocol buffers that come from `seeds`, with right lengths around what is changed. */
export function mutatedMessage(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const parsed = seeds.map((seed) => parseMessage(seed, 8)!)
  return fc.tuple(fc.nat(), steps).map(([seed, steps]) => {
    const message = structuredClone(of(parsed, seed))
    for (const { kind, at, pick, times } of steps) {
      // The lists of fields, and in each a field.
      const lists: Field[][] = []
      const visit = (fields: Field[]) => {
        lists.push(fields)
        for (const { value } of fields) if (Array.isArray(value)) visit(value)
      }
      visit(message)
      const list = of(lists, pick)
      const index = Math.floor(at * list.length)
      const field = list[index]
      if (!field) continue
      const edits: readonly (() => void)[] = [
        () => list.splice(index, 1),
        () => list.splice(index, 0, ...Array<Field>(times).fill(structuredClone(field))),
        () => list.push(...list.splice(index, 1)),
        () => Object.assign(field, { number: (pick % 20) + 1 }),
        () => Object.assign(field, { value: [0n, 1n, 7n, 2n ** 31n, 2n ** 63n, 2n ** 64n - 1n][pick % 6] }),
        () => Object.assign(field, { value: new TextEncoder().encode(of(HOSTILE_TEXTS, pick)) }),
        () => Object.assign(field, { value: structuredClone(of(lists, times)) }),
        () => Object.assign(field, { value: new Uint8Array(pick % 70) }),
      ]
      of(edits, kind)()
    }
    return Uint8Array.from(encodeMessage(message, 0).subarray(0, 4_000_000))
  })
}

function parseMessage(bytes: Uint8Array, depth: number): Field[] | null {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    return null
  }
  while (at < bytes.length) {
    const tag = varint()
    if (tag === null || tag >> 3n === 0n || tag >> 3n > 100n) return null
    const [number, wire] = [Number(tag >> 3n), Number(tag & 7n)]
    const value = wire === 0 || wire === 2 ? varint() : null
    if (value === null) return null
    if (wire === 0) {
      fields.push({ number, value })
      continue
    }
    if (value > bytes.length - at) return null
    const content = bytes.subarray(at, at + Number(value))
    at += Number(value)
    const inner = depth > 0 && content.length > 1 ? parseMessage(content, depth - 1) : null
    fields.push({ number, value: inner ?? content })
  }
  return fields
}

function encodeMessage(fields: readonly Field[], depth: number): Uint8Array {
  if (depth > 40) return new Uint8Array(0)
  const varint = (value: bigint) => {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, value)
    do {
      bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
      rest >>= 7n
    } while (rest > 0n)
    return Uint8Array.from(bytes)
  }
  return joined(
    ...fields.flatMap(({ number, value }) => {
      if (typeof value === 'bigint') return [varint(BigInt(number) << 3n), varint(value)]
      const content = value instanceof Uint8Array ? value : encodeMessage(value, depth + 1)
      return [varint((BigInt(number) << 3n) | 2n), varint(BigInt(content.length)), content]
    }),
  )
}
