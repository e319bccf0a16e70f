import { show } from '../errors.js'
import { viewOf } from './byte-source.js'
import { damagedFile, unsupportedFile } from './file-errors.js'
import * as op from './pickle-opcodes.js'

/** Values of a pickle. Lists and tuples are both arrays; dicts are Maps, in which `__proto__` is an ordinary key. */
export type PickleValue = null | boolean | number | bigint | string | PickleValue[] | PickleDict | PickleObject
export type PickleDict = Map<PickleValue, PickleValue>

/** A value created by a known global or a persistent id. */
export interface PickleObject {
  readonly kind: string
}

/** Something that a pickle may name: a type, or a function if it has `call`. */
export interface PickleGlobal extends PickleObject {
  readonly kind: 'global'
  readonly call?: (args: readonly PickleValue[]) => PickleValue
}

export interface PickleOptions {
  /** Name for error messages. */
  readonly file: string
  /** Everything that the pickle may name, by `module.name`. Nothing else is ever called. */
  readonly globals: ReadonlyMap<string, PickleGlobal>
  /** Called for every persistent id, by which torch refers to a storage. */
  readonly persistent: (id: PickleValue) => PickleValue
}

/**
 * Far above the needs of torch's own files, and low enough to end within a second: BERT-large's state dict takes some 14,000
 * operations, 1,000 memo entries in a batch of 1,000 items, marks 4 deep, and names below 100 bytes.
 */
export const PICKLE_LIMITS = { operations: 2_000_000, stack: 200_000, memo: 1_000_000, marks: 1_000, stringBytes: 65_536 }

// `ignoreBOM` preserves the character.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The value of the pickle (protocol 2 to 5) that begins at `start`, and the byte after its end. Runs no code of the file, which
 * can only name the entries of `options.globals`.
 * @throws Specter2Error `DAMAGED_FILE` if the stream is cut off or makes no sense; `UNSUPPORTED` for any other global
 *   (`details.global`), for opcodes that torch does not use and for more than {@link PICKLE_LIMITS}.
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
      if (opcode === op.STOP) return { value: this.#pop(), end: this.#position }
      const value = this.#execute(opcode)
      if (value !== undefined) this.#push(value)
    }
  }

  /** Runs one opcode and returns the value it pushes, if any. */
  #execute(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case op.PROTO: {
        const version = this.#byte()
        if (version < 2 || version > 5) throw this.#unsupported(`uses pickle protocol ${version}`, { protocol: version })
        break
      }
      case op.FRAME: {
        const length = this.#uint64()
        if (length > this.#bytes.length - this.#position) throw this.#cutOff()
        break
      }

      case op.NONE:
        return null
      case op.NEWTRUE:
        return true
      case op.NEWFALSE:
        return false
      case op.BININT:
        return this.#view.getInt32(this.#advance(4), true)
      case op.BININT1:
        return this.#byte()
      case op.BININT2:
        return this.#view.getUint16(this.#advance(2), true)
      case op.LONG1:
        return this.#long(this.#byte())
      case op.LONG4:
        return this.#long(this.#uint32())
      case op.BINFLOAT:
        return this.#view.getFloat64(this.#advance(8))
      case op.SHORT_BINUNICODE:
      case op.SHORT_BINSTRING:
        return this.#string(this.#byte())
      case op.BINUNICODE:
      case op.BINSTRING:
        return this.#string(this.#uint32())
      case op.BINUNICODE8:
        return this.#string(this.#uint64())

      case op.EMPTY_TUPLE:
      case op.EMPTY_LIST:
        return []
      case op.EMPTY_DICT:
        return new Map()
      case op.TUPLE1:
        return [this.#pop()]
      case op.TUPLE2:
        return [this.#pop(), this.#pop()].reverse()
      case op.TUPLE3:
        return [this.#pop(), this.#pop(), this.#pop()].reverse()
      case op.TUPLE:
        return this.#popToMark()
      case op.APPEND: {
        const item = this.#pop()
        this.#topList().push(item)
        break
      }
      case op.APPENDS: {
        const items = this.#popToMark()
        const list = this.#topList()
        for (const item of items) list.push(item)
        break
      }
      case op.SETITEM: {
        const value = this.#pop()
        const key = this.#pop()
        this.#topDict().set(key, value)
        break
      }
      case op.SETITEMS: {
        const items = this.#popToMark()
        if (items.length % 2 !== 0) throw this.#damaged('has a key without a value')
        const dict = this.#topDict()
        for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!)
        break
      }

      case op.MARK:
        this.#limit('marks', this.#marks.length)
        this.#marks.push(this.#stack.length)
        break
      case op.POP:
        this.#pop()
        break
      case op.POP_MARK:
        this.#popToMark()
        break
      case op.BINPUT:
        this.#memoize(this.#byte())
        break
      case op.LONG_BINPUT:
        this.#memoize(this.#uint32())
        break
      case op.MEMOIZE:
        this.#memoize(this.#memo.size)
        break
      case op.BINGET:
        return this.#recall(this.#byte())
      case op.LONG_BINGET:
        return this.#recall(this.#uint32())

      case op.GLOBAL: {
        const module = this.#line()
        return this.#global(module, this.#line())
      }
      case op.STACK_GLOBAL: {
        const name = this.#pop()
        const module = this.#pop()
        if (typeof name !== 'string' || typeof module !== 'string') throw this.#damaged('has a global without a name')
        return this.#global(module, name)
      }
      case op.REDUCE: {
        const args = this.#pop()
        const callee = this.#pop()
        if (!isGlobal(callee) || callee.call === undefined || !Array.isArray(args))
          throw this.#damaged('calls something that is not a function')
        return callee.call(args)
      }
      case op.BUILD:
        // State of an OrderedDict: a state dict's `_metadata`, which holds no weights.
        this.#pop()
        this.#topDict()
        break
      case op.BINPERSID:
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
    if (!Array.isArray(top)) throw this.#damaged('appends to something that is not a list')
    return top
  }

  #topDict(): PickleDict {
    const top = this.#top()
    if (!(top instanceof Map)) throw this.#damaged('sets items of something that is not a dict')
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

  /** Advances by `count` bytes and returns where they begin. */
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

  /** A two's complement integer; a number if that is exact. */
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
    return damagedFile(this.#options.file, `is damaged: its pickle ${found} (byte ${this.#position})`, { byte: this.#position })
  }

  #unsupported(found: string, details: Record<string, string | number>) {
    const next =
      'Files are read without running their code, for tensors only: save them by torch.save(model.state_dict(), file), or use model.safetensors.'
    return unsupportedFile(this.#options.file, `${found} (byte ${this.#position} of its pickle)`, next, details)
  }
}

function isGlobal(value: PickleValue): value is PickleGlobal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'global'
}
