import { type ByteSource, readExactly, viewOf } from './byte-source.js'
import { damagedFile, integerWeights, isWeight, unsupportedFile } from './file-errors.js'
import { elementCount, type FloatType, toFloat32 } from './float-values.js'
import { type PickleValue, readPickle } from './pickle.js'
import { entryStart, readZipDirectory, requireStored } from './stored-zip.js'
import type { Checkpoint, CheckpointTensor } from './tensors.js'
import { StorageRef, TensorRef, torchObjects } from './torch-objects.js'

/** BERT-large's 393 tensors take 60 kB of pickle; this is enough for 25,000. */
const MAX_PICKLE_BYTES = 4 * 2 ** 20

/** The legacy format begins with torch.serialization.MAGIC_NUMBER and its version. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn
const LEGACY_PROTOCOL = 1001

/** Where a storage lies in the file. */
interface StorageLocation {
  byteLength: number
  start(): Promise<number>
}

/**
 * Float tensors of a state dict saved by torch (a `.bin` or `.pt` file), in its zip format or the one before 1.6. Only the pickle
 * and the directory are read; each tensor is read on demand. Runs no code of the file.
 * @throws Specter2Error `DAMAGED_FILE` if the file is cut off or a tensor lies outside its storage; `UNSUPPORTED` for anything
 *   but plain tensors by name, compressed entries and big-endian files.
 */
export async function openTorch(source: ByteSource): Promise<Checkpoint> {
  if (source.byteLength < 2) throw damagedFile(source.name, `has ${source.byteLength} bytes, too few for a torch file`)
  const start = await readExactly(source, 0, 2)
  return start[0] === 0x50 && start[1] === 0x4b ? openZip(source) : openLegacy(source)
}

async function openZip(source: ByteSource): Promise<Checkpoint> {
  const entries = await readZipDirectory(source)
  const pickle = [...entries.values()].find(({ name }) => name.endsWith('/data.pkl'))
  if (pickle === undefined) {
    const next = 'Give a file saved by torch.save, such as pytorch_model.bin.'
    throw unsupportedFile(source.name, 'is a zip archive without the data.pkl of a torch file', next, { expected: 'data.pkl' })
  }
  if (pickle.byteLength > MAX_PICKLE_BYTES) {
    const next = `Up to ${MAX_PICKLE_BYTES} are read: save the state dict alone.`
    throw unsupportedFile(source.name, `has a pickle of ${pickle.byteLength} bytes`, next)
  }
  const folder = pickle.name.slice(0, -'data.pkl'.length)

  const byteorder = entries.get(`${folder}byteorder`)
  if (byteorder !== undefined) {
    const start = await entryStart(source, byteorder)
    const order = new TextDecoder().decode(await readExactly(source, start, start + Math.min(byteorder.byteLength, 16)))
    requireLittleEndian(source, order === 'little')
  }

  const start = await entryStart(source, pickle)
  const { value } = readPickle(await readExactly(source, start, start + pickle.byteLength), 0, torchObjects(source.name))
  return readStateDict(source, value, ({ key }) => {
    const entry = entries.get(`${folder}data/${key}`)
    if (entry === undefined) return undefined
    requireStored(source, entry)
    return { byteLength: entry.byteLength, start: () => entryStart(source, entry) }
  })
}

/** Five pickles (magic number, version, system, the state dict, keys of the storages in order), then each storage. */
async function openLegacy(source: ByteSource): Promise<Checkpoint> {
  const bytes = await readExactly(source, 0, Math.min(source.byteLength, MAX_PICKLE_BYTES))
  const objects = torchObjects(source.name)
  const storages = new Map<string, StorageRef>()
  const options = {
    ...objects,
    persistent(id: PickleValue) {
      const storage = objects.persistent(id)
      if (storage instanceof StorageRef) storages.set(storage.key, storage)
      return storage
    },
  }
  let position = 0
  const next = () => {
    const { value, end } = readPickle(bytes, position, options)
    position = end
    return value
  }
  if (next() !== LEGACY_MAGIC || next() !== LEGACY_PROTOCOL) {
    throw unsupportedFile(source.name, 'is a pickle, but not one of torch', 'Give a file saved by torch.save.', {
      expected: 'a torch file',
    })
  }
  const system = next()
  requireLittleEndian(source, system instanceof Map && system.get('little_endian') === true)
  const state = next()
  const keys = next()
  if (!Array.isArray(keys)) throw damagedFile(source.name, 'is damaged: it lacks the list of its storages')

  const locations = new Map<string, StorageLocation>()
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (storage === undefined || locations.has(storage.key)) {
      throw damagedFile(source.name, 'is damaged: it lists a storage twice, or one that no tensor uses')
    }
    const elements = viewOf(await readExactly(source, position, position + 8)).getBigInt64(0, true)
    const start = position + 8
    const byteLength = storage.elements * storage.type.elementBytes
    if (elements !== BigInt(storage.elements) || start + byteLength > source.byteLength) {
      const found = `is damaged or cut off: storage ${storage.key} has ${elements} elements instead of ${storage.elements}`
      throw damagedFile(source.name, `${found}, ${source.byteLength - start} bytes are left`)
    }
    locations.set(storage.key, { byteLength, start: async () => start })
    position = start + byteLength
  }
  return readStateDict(source, state, ({ key }) => locations.get(key))
}

function requireLittleEndian(source: ByteSource, isLittle: boolean): void {
  if (isLittle) return
  const next = 'Load and save it again on a little-endian machine.'
  throw unsupportedFile(source.name, 'was not written by a little-endian machine', next, { field: 'byteorder' })
}

function readStateDict(
  source: ByteSource,
  state: PickleValue,
  locate: (storage: StorageRef) => StorageLocation | undefined,
): Checkpoint {
  const items = state instanceof Map ? [...state] : []
  if (!items.some(([, value]) => value instanceof TensorRef)) {
    const next = 'Save the state dict itself: torch.save(model.state_dict(), file).'
    throw unsupportedFile(source.name, 'holds no tensors by name', next, { expected: 'tensors by name' })
  }
  const tensors = new Map<string, CheckpointTensor>()
  for (const [name, tensor] of items) {
    if (typeof name !== 'string' || !(tensor instanceof TensorRef)) continue
    const { float, elementBytes } = tensor.storage.type
    if (float === null && isWeight(name)) throw integerWeights(source.name, name, `${elementBytes * 8} bits`)
    if (float !== null) tensors.set(name, openTensor(source, name, float, tensor, locate(tensor.storage)))
  }
  return tensors
}

function openTensor(
  source: ByteSource,
  name: string,
  float: FloatType,
  { storage, offset, shape, strides }: TensorRef,
  location: StorageLocation | undefined,
): CheckpointTensor {
  const { view } = storage
  const { elementBytes } = storage.type
  const count = elementCount(shape)
  /** Elements from the tensor's first to its last. */
  const span = count === 0 ? 0 : shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, 1)
  if (location === undefined || storage.elements * elementBytes > location.byteLength) {
    throw damagedFile(source.name, `is damaged: storage ${storage.key} of tensor ${name} is missing or too short`, {
      tensor: name,
    })
  }
  if (!(offset + span <= view.elements)) {
    const found = `is damaged: tensor ${name} of shape [${shape}] and strides [${strides}] at ${offset} leaves its storage`
    throw damagedFile(source.name, `${found} of ${view.elements} elements`, { tensor: name })
  }
  if (count > view.elements) {
    // So no tensor is larger than the file: a stride of 0 could ask for any amount of memory.
    const next = 'Save a contiguous copy of it.'
    throw unsupportedFile(source.name, `repeats elements in tensor ${name}, an expanded view`, next, { tensor: name })
  }
  return {
    name,
    shape,
    async read() {
      if (count === 0) return new Float32Array(0)
      const start = (await location.start()) + (view.offset + offset) * elementBytes
      const values = toFloat32(await readExactly(source, start, start + span * elementBytes), float)
      return isContiguous(shape, strides) ? values : gather(values, shape, strides, count)
    },
  }
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false
    expected *= shape[axis]!
  }
  return true
}

/** The strided elements of `values` in row-major order. */
function gather(values: Float32Array, shape: readonly number[], strides: readonly number[], count: number) {
  const gathered = new Float32Array(count)
  const index = shape.map(() => 0)
  let from = 0
  for (let i = 0; i < count; i++) {
    gathered[i] = values[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      index[axis] = index[axis]! + 1
      if (index[axis]! < shape[axis]!) break
      from -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return gathered
}
