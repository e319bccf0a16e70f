import { damagedFile, unsupportedFile } from './file-errors.js'
import { type FloatType, isCount } from './float-values.js'
import type { PickleGlobal, PickleObject, PickleOptions, PickleValue } from './pickle.js'

/** An element type as torch names its storages; `float` is `null` for integers, whose tensors are left out. */
class StorageType implements PickleGlobal {
  readonly kind = 'global'

  constructor(
    readonly float: FloatType | null,
    readonly elementBytes: number,
  ) {}
}

/** A run of elements in the file, named by its key. */
export class StorageRef implements PickleObject {
  readonly kind = 'storage'

  constructor(
    readonly type: StorageType,
    readonly key: string,
    /** Elements of the whole storage. */
    readonly elements: number,
    /** The part that is meant, in elements: all of it, or a view of the legacy format. */
    readonly view: { readonly offset: number; readonly elements: number },
  ) {}
}

/** A tensor over a storage; offset and strides count elements. */
export class TensorRef implements PickleObject {
  readonly kind = 'tensor'

  constructor(
    readonly storage: StorageRef,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

const STORAGE_TYPES: Readonly<Record<string, StorageType>> = {
  'torch.DoubleStorage': new StorageType('F64', 8),
  'torch.FloatStorage': new StorageType('F32', 4),
  'torch.HalfStorage': new StorageType('F16', 2),
  'torch.BFloat16Storage': new StorageType('BF16', 2),
  'torch.LongStorage': new StorageType(null, 8),
  'torch.IntStorage': new StorageType(null, 4),
  'torch.ShortStorage': new StorageType(null, 2),
  'torch.CharStorage': new StorageType(null, 1),
  'torch.ByteStorage': new StorageType(null, 1),
  'torch.BoolStorage': new StorageType(null, 1),
}

/** torch itself stops at 64 dimensions. */
const MAX_DIMENSIONS = 64

/** What a torch file may name: ordered dicts, tensors, parameters, storages. Tensors become {@link TensorRef}s, unread. */
export function torchObjects(file: string): PickleOptions {
  const damaged = (found: string) => damagedFile(file, `is damaged: ${found}`)

  function orderedDict(args: readonly PickleValue[]): PickleValue {
    // Python 3 sets the items afterwards; Python 2 gave them here.
    if (args.length > 0) throw unsupportedFile(file, 'was saved by Python 2', 'Load and save it again with Python 3.')
    return new Map()
  }

  function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): PickleValue {
    if (!(storage instanceof StorageRef) || !isCount(offset) || !isShape(shape) || !isShape(strides)) {
      throw damaged('a tensor lacks a storage, offset, shape or strides')
    }
    if (shape.length !== strides.length) throw damaged(`a tensor has ${shape.length} sizes and ${strides.length} strides`)
    // Copies: the pickle could append to its own lists later, after they were checked.
    return new TensorRef(storage, offset, [...shape], [...strides])
  }

  function rebuildParameter([tensor]: readonly PickleValue[]): PickleValue {
    if (!(tensor instanceof TensorRef)) throw damaged('a parameter without a tensor')
    return tensor
  }

  function persistent(id: PickleValue): PickleValue {
    const [kind, type, key, , elements, view = null] = Array.isArray(id) ? id : []
    if (kind !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string' || !isCount(elements)) {
      throw damaged('a storage lacks a type, key or size')
    }
    if (view === null) return new StorageRef(type, key, elements, { offset: 0, elements })
    const [, offset, viewElements] = Array.isArray(view) ? view : []
    if (!isCount(offset) || !isCount(viewElements) || offset + viewElements > elements) {
      throw damaged(`a view lies outside of storage ${key}`)
    }
    return new StorageRef(type, key, elements, { offset, elements: viewElements })
  }

  const globals = new Map<string, PickleGlobal>([
    ...Object.entries(STORAGE_TYPES),
    ['collections.OrderedDict', { kind: 'global', call: orderedDict }],
    ['torch._utils._rebuild_tensor_v2', { kind: 'global', call: rebuildTensor }],
    ['torch._utils._rebuild_parameter', { kind: 'global', call: rebuildParameter }],
  ])
  return { file, globals, persistent }
}

function isShape(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= MAX_DIMENSIONS && value.every(isCount)
}
