import { show } from '../errors.js'
import { viewOf } from './byte-source.js'
import { damagedFile, unsupportedFile } from './file-errors.js'

/** What a pickle may hold here. Lists and tuples are both arrays, dicts are Maps: a key such as `__proto__` is only a key. */
export type PickleValue = null | boolean | number | bigint | string | PickleValue[] | PickleDict | PickleObject
export type PickleDict = Map<PickleValue, PickleValue>

/** A value made by a known global or a persistent id. */
export interface PickleObject {
  readonly kind: string
}

/** Something a pickle may name: a type, or a function where it has `call`. */
export interface PickleGlobal extends PickleObject {
  readonly kind: 'global'
  readonly call?: (args: readonly PickleValue[]) => PickleValue
}

export interface PickleOptions {
  /** Name for error messages. */
  readonly file: string
  /** Everything the pickle may name, by `module.name`. Nothing else is ever called. */
  readonly globals: ReadonlyMap<string, PickleGlobal>
  /** Called for every persistent id: how torch refers to a storage. */
  readonly persistent: (id: PickleValue) => PickleValue
}

/**
 * Far above torch's own files, low enough to end within a second: BERT-large's state dict takes some 14,000 operations,
 * 1,000 memo entries in a batch of 1,000 items, marks 4 deep, and names below 100 bytes.
 */
export const PICKLE_LIMITS = { operations: 2_000_000, stack: 200_000, memo: 1_000_000, marks: 1_000, stringBytes: 65_536 }

// https://github.com/python/cpython/blob/main/Lib/pickletools.py: the binary opcodes that torch's files use.
const MARK = 0x28
const EMPTY_TUPLE = 0x29
const STOP = 0x2e
const POP = 0x30
const POP_MARK = 0x31
const BINFLOAT = 0x47
const BININT = 0x4a
const BININT1 = 0x4b
const BININT2 = 0x4d
const NONE = 0x4e
const BINPERSID = 0x51
const REDUCE = 0x52
const BINSTRING = 0x54
const SHORT_BINSTRING = 0x55
const BINUNICODE = 0x58
const EMPTY_LIST = 0x5d
const APPEND = 0x61
const BUILD = 0x62
const GLOBAL = 0x63
const APPENDS = 0x65
const BINGET = 0x68
const LONG_BINGET = 0x6a
const BINPUT = 0x71
const LONG_BINPUT = 0x72
const SETITEM = 0x73
const TUPLE = 0x74
const SETITEMS = 0x75
const EMPTY_DICT = 0x7d
const PROTO = 0x80
const TUPLE1 = 0x85
const TUPLE2 = 0x86
const TUPLE3 = 0x87
const NEWTRUE = 0x88
const NEWFALSE = 0x89
const LONG1 = 0x8a
const LONG4 = 0x8b
const SHORT_BINUNICODE = 0x8c
const BINUNICODE8 = 0x8d
const STACK_GLOBAL = 0x93
const MEMOIZE = 0x94
const FRAME = 0x95

// `ignoreBOM` keeps the character.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The value of the pickle (protocol 2 to 5) that begins at `start`, and the byte after its end. Runs no code of the file:
 * it can only name what `options.globals` holds.
 * @throws Specter2Error `DAMAGED_FILE` where the stream is cut off or makes no sense; `UNSUPPORTED` for any other global
 * (`details.global`), for opcodes that torch does not use and for more than {@link PICKLE_LIMITS}.
 */
export function readPickle(bytes: Uint8Array, start: number, options: PickleOptions): { value: PickleValue; end: number } {
  return new PickleMachine(bytes, start, options).run()
}

class PickleMachine {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #options: PickleOptions
  readonly #stack: PickleValue[] = []
  /** Heights of the stack at the open MARKs. */
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickleValue>()
  #position: number

  constructor(bytes: Uint8Array, start: number, options: PickleOptions) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#options = options
    this.#position = start
  }

  run(): { value: PickleValue; end: number } {
    for (let operations = 0; ; operations++) {
      this.#limit('operations', operations)
      const opcode = this.#byte()
      if (opcode === STOP) return { value: this.#pop(), end: this.#position }
      const value = this.#execute(opcode)
      if (value !== undefined) this.#push(value)
    }
  }

  /** Runs one opcode and returns the value it pushes, if any. */
  #execute(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case PROTO: {
        const version = this.#byte()
        if (version < 2 || version > 5) throw this.#unsupported(`uses pickle protocol ${version}`, { protocol: version })
        break
      }
      case FRAME: {
        const length = this.#uint64()
        if (length > this.#bytes.length - this.#position) throw this.#cutOff()
        break
      }

      case NONE:
        return null
      case NEWTRUE:
        return true
      case NEWFALSE:
        return false
      case BININT:
        return this.#view.getInt32(this.#advance(4), true)
      case BININT1:
        return this.#byte()
      case BININT2:
        return this.#view.getUint16(this.#advance(2), true)
      case LONG1:
        return this.#long(this.#byte())
      case LONG4:
        return this.#long(this.#uint32())
      case BINFLOAT:
        return this.#view.getFloat64(this.#advance(8))
      case SHORT_BINUNICODE:
      case SHORT_BINSTRING:
        return this.#string(this.#byte())
      case BINUNICODE:
      case BINSTRING:
        return this.#string(this.#uint32())
      case BINUNICODE8:
        return this.#string(this.#uint64())

      case EMPTY_TUPLE:
      case EMPTY_LIST:
        return []
      case EMPTY_DICT:
        return new Map()
      case TUPLE1:
        return [this.#pop()]
      case TUPLE2:
        return [this.#pop(), this.#pop()].reverse()
      case TUPLE3:
        return [this.#pop(), this.#pop(), this.#pop()].reverse()
      case TUPLE:
        return this.#popToMark()
      case APPEND: {
        const item = this.#pop()
        this.#topList().push(item)
        break
      }
      case APPENDS: {
        const items = this.#popToMark()
        const list = this.#topList()
        for (const item of items) list.push(item)
        break
      }
      case SETITEM: {
        const value = this.#pop()
        const key = this.#pop()
        this.#topDict().set(key, value)
        break
      }
      case SETITEMS: {
        const items = this.#popToMark()
        if (items.length % 2 !== 0) throw this.#damaged('has a key without a value')
        const dict = this.#topDict()
        for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!)
        break
      }

      case MARK:
        this.#limit('marks', this.#marks.length)
        this.#marks.push(this.#stack.length)
        break
      case POP:
        this.#pop()
        break
      case POP_MARK:
        this.#popToMark()
        break
      case BINPUT:
        this.#memoize(this.#byte())
        break
      case LONG_BINPUT:
        this.#memoize(this.#uint32())
        break
      case MEMOIZE:
        this.#memoize(this.#memo.size)
        break
      case BINGET:
        return this.#recall(this.#byte())
      case LONG_BINGET:
        return this.#recall(this.#uint32())

      case GLOBAL: {
        const module = this.#line()
        return this.#global(module, this.#line())
      }
      case STACK_GLOBAL: {
        const name = this.#pop()
        const module = this.#pop()
        if (typeof name !== 'string' || typeof module !== 'string') throw this.#damaged('has a global without a name')
        return this.#global(module, name)
      }
      case REDUCE: {
        const args = this.#pop()
        const callee = this.#pop()
        if (!isGlobal(callee) || callee.call === undefined || !Array.isArray(args))
          throw this.#damaged('calls what is no function')
        return callee.call(args)
      }
      case BUILD:
        // State of an OrderedDict: a state dict's `_metadata`, which holds no weights.
        this.#pop()
        this.#topDict()
        break
      case BINPERSID:
        return this.#options.persistent(this.#pop())

      default:
        throw this.#unsupported(`uses pickle opcode 0x${opcode.toString(16)}`, { opcode })
    }
    return undefined
  }

  #push(value: PickleValue): void {
    this.#limit('stack', this.#stack.length)
    this.#stack.push(value)
  }

  #pop(): PickleValue {
    this.#top()
    return this.#stack.pop()!
  }

  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#damaged('takes from an empty stack')
    return this.#stack.at(-1)!
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw this.#damaged('closes a mark that was not set')
    return this.#stack.splice(mark)
  }

  #topList(): PickleValue[] {
    const top = this.#top()
    if (!Array.isArray(top)) throw this.#damaged('appends to what is no list')
    return top
  }

  #topDict(): PickleDict {
    const top = this.#top()
    if (!(top instanceof Map)) throw this.#damaged('sets items of what is no dict')
    return top
  }

  #memoize(index: number): void {
    this.#limit('memo', this.#memo.size)
    this.#memo.set(index, this.#top())
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index)
    if (value === undefined) throw this.#damaged(`recalls memo entry ${index}, which was not set`)
    return value
  }

  #global(module: string, name: string): PickleGlobal {
    const global = `${module}.${name}`
    const known = this.#options.globals.get(global)
    if (known === undefined)
      throw this.#unsupported(`asks for the Python object ${show(global)}`, { global: global.slice(0, 200) })
    return known
  }

  /** Moves on by `count` bytes and returns where they begin. */
  #advance(count: number): number {
    const start = this.#position
    if (count > this.#bytes.length - start) throw this.#cutOff()
    this.#position = start + count
    return start
  }

  #byte(): number {
    return this.#bytes[this.#advance(1)]!
  }

  #uint32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  /** Rounded above 2^53, which is beyond every limit. */
  #uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true))
  }

  /** A two's complement integer; a number where it is safe. */
  #long(byteLength: number): number | bigint {
    this.#limit('stringBytes', byteLength)
    const start = this.#advance(byteLength)
    let hex = ''
    for (let i = byteLength - 1; i >= 0; i--) hex += this.#bytes[start + i]!.toString(16).padStart(2, '0')
    const value = BigInt.asIntN(8 * byteLength, BigInt(`0x0${hex}`))
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  #string(byteLength: number): string {
    this.#limit('stringBytes', byteLength)
    const start = this.#advance(byteLength)
    return this.#decode(start, start + byteLength)
  }

  #line(): string {
    const start = this.#position
    const end = this.#bytes.subarray(0, start + PICKLE_LIMITS.stringBytes).indexOf(0x0a, start)
    if (end < 0) throw this.#cutOff()
    this.#position = end + 1
    return this.#decode(start, end)
  }

  #decode(start: number, end: number): string {
    try {
      return utf8.decode(this.#bytes.subarray(start, end))
    } catch {
      throw this.#damaged('has a string that is not UTF-8')
    }
  }

  #limit(what: keyof typeof PICKLE_LIMITS, amount: number): void {
    if (amount > PICKLE_LIMITS[what]) throw this.#unsupported(`needs more than ${PICKLE_LIMITS[what]} ${what}`, { limit: what })
  }

  #cutOff() {
    return this.#damaged(`does not end within ${this.#bytes.length} bytes`)
  }

  #damaged(found: string) {
    return damagedFile(this.#options.file, `is damaged: its pickle ${found} (byte ${this.#position})`)
  }

  #unsupported(found: string, details: Record<string, string | number>) {
    const next =
      'No code of a file is run, only tensors are read: save them by torch.save(model.state_dict(), file), or take model.safetensors.'
    return unsupportedFile(this.#options.file, `${found} (byte ${this.#position} of its pickle)`, next, details)
  }
}

function isGlobal(value: PickleValue): value is PickleGlobal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'global'
}
