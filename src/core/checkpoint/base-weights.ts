import { Specter2Error, show } from '../errors.js'
import type { ByteSource } from './byte-source.js'
import { openCheckpoint } from './open-checkpoint.js'
import { openFirst, type PublishedFolder, readJson } from './published-folder.js'
import type { Checkpoint, CheckpointTensor } from './tensors.js'

/**
 * Names of a base checkpoint's weights, of which the first that exists is read, as transformers does. An index lists the tensors
 * of several files, its shards.
 */
export const BASE_WEIGHTS = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
]

/**
 * Names of all files that hold weights: `file` of {@link BASE_WEIGHTS} and, if it is an index, its shards.
 *
 * @throws Specter2Error `DAMAGED_FILE` if the index does not list files of the same folder.
 */
export async function weightFiles(folder: PublishedFolder, file: string): Promise<string[]> {
  return file.endsWith('.json') ? [file, ...new Set(Object.values(await weightMap(folder, file)))] : [file]
}

/** The base checkpoint of a folder, whole or in shards, and which of {@link BASE_WEIGHTS} it is. */
export async function openBaseWeights(folder: PublishedFolder): Promise<{ file: string; checkpoint: Checkpoint }> {
  const source = await openFirst(folder, BASE_WEIGHTS)
  const file = BASE_WEIGHTS.find((path) => path.endsWith(source.name.replace(/^.*\//, '')))!
  return { file, checkpoint: file.endsWith('.json') ? await openShards(folder, file) : await openCheckpoint(source) }
}

/** The tensors of all shards; each from the shard in which the index has it. */
async function openShards(folder: PublishedFolder, index: string): Promise<Checkpoint> {
  const map = await weightMap(folder, index)
  const tensors = new Map<string, CheckpointTensor>()
  for (const shard of new Set(Object.values(map))) {
    for (const [name, tensor] of await openCheckpoint(await openShard(folder, index, shard)))
      if (map[name] === shard) tensors.set(name, tensor)
  }
  return tensors
}

async function openShard(folder: PublishedFolder, index: string, shard: string): Promise<ByteSource> {
  const source = await folder.open(shard)
  if (source) return source
  throw new Specter2Error(
    'MODEL_NOT_FOUND',
    `${folder.name} has no ${shard}, which ${index} lists. Give the whole folder of the published checkpoint.`,
    { details: { folder: folder.name, file: shard, index } },
  )
}

/** Files of the index by the tensors they hold. */
async function weightMap(folder: PublishedFolder, index: string): Promise<Readonly<Record<string, string>>> {
  const map = (await readJson(folder, index))?.weight_map
  const files = typeof map === 'object' && map !== null ? Object.values(map) : []
  const isShard = (file: unknown) => typeof file === 'string' && /^[\w-][\w.-]*\.(safetensors|bin)$/.test(file)
  const other = files.find((file) => !isShard(file))
  if (files.length > 0 && other === undefined) return map as Record<string, string>
  throw new Specter2Error(
    'DAMAGED_FILE',
    `${folder.name}/${index} ${files.length > 0 ? `lists the file ${show(other)}` : 'lists no files'} in weight_map, where names such as model-00001-of-00002.safetensors are expected. Fetch it again.`,
    { details: { file: index, field: 'weight_map', actual: files.length > 0 ? show(other) : 'no files' } },
  )
}
