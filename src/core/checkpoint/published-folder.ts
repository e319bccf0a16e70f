import { Specter2Error, show } from '../errors.js'
import { type AdapterWeights, isAdapterTensors, readAdapter, readAdapterTensors } from './adapter-checkpoint.js'
import type { AdapterBase } from './adapter-config.js'
import type { ByteSource } from './byte-source.js'
import { unsupportedFile } from './file-errors.js'
import { openCheckpoint } from './open-checkpoint.js'

/** A published checkpoint: a folder in Node, dropped files in a page or a hub repository. */
export interface PublishedFolder {
  /** Name for messages. */
  readonly name: string
  /** The file at this path of the folder, `null` if it does not exist. */
  open(path: string): Promise<ByteSource | null>
}

const MAX_JSON_BYTES = 64 * 1024 * 1024

/** The first of these files that the folder has. */
export async function openFirst(folder: PublishedFolder, paths: readonly string[]): Promise<ByteSource> {
  for (const path of paths) {
    const file = await folder.open(path)
    if (file) return file
  }
  throw new Specter2Error(
    'MODEL_NOT_FOUND',
    `${folder.name} has no ${paths.join(' or ')}. Give the folder of a published checkpoint.`,
    { details: { folder: folder.name, files: paths } },
  )
}

export async function readText(folder: PublishedFolder, path: string): Promise<string | null> {
  const file = await folder.open(path)
  if (!file) return null
  if (file.byteLength > MAX_JSON_BYTES) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `${folder.name}/${path} has ${file.byteLength} bytes; at most ${MAX_JSON_BYTES} are read.`,
      { details: { file: path, actual: file.byteLength, expected: MAX_JSON_BYTES } },
    )
  }
  return new TextDecoder().decode(await file.read(0, file.byteLength))
}

export type Json = Readonly<Record<string, unknown>>

/** A JSON object of the folder, `null` if the file is missing. */
export async function readJson(folder: PublishedFolder, path: string): Promise<Json | null> {
  const text = await readText(folder, path)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object') return value as Json
  } catch {
    // Reported below, as for a value of another kind.
  }
  throw new Specter2Error('DAMAGED_FILE', `${folder.name}/${path} is not a JSON object. Fetch it again.`, {
    details: { file: path },
  })
}

/** Names of an adapter's weights, in order of preference. */
export const ADAPTER_WEIGHTS = ['adapter_model.safetensors', 'adapter.safetensors', 'model.safetensors', 'pytorch_adapter.bin']

/**
 * Reads a published adapter, `adapter_config.json` beside its weights; or an adapter file of a converted model folder.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND`, `UNSUPPORTED`, `DAMAGED_FILE` or `INVALID_MODEL`.
 */
export async function readAdapterFolder(folder: PublishedFolder, base: AdapterBase): Promise<AdapterWeights> {
  const config = await readJson(folder, 'adapter_config.json')
  if (config && 'peft_type' in config) throw unsupportedAdapter(folder, 'adapter_config.json', 'peft_type', config.peft_type)
  if (!config && (await folder.open(FUSION_CONFIG))) throw unsupportedAdapter(folder, FUSION_CONFIG, 'AdapterFusion', undefined)
  const source = await openFirst(folder, ADAPTER_WEIGHTS)
  if (config) return readAdapter({ config, weights: source }, base)
  if (source.name.endsWith('.safetensors') && isAdapterTensors(await openCheckpoint(source)))
    return ofBase(await readAdapterTensors(source), base, source.name)
  throw new Specter2Error(
    'MODEL_NOT_FOUND',
    `${folder.name} has no adapter_config.json, which says how to use its weights. Give the whole published folder.`,
    { details: { folder: folder.name, file: 'adapter_config.json' } },
  )
}

/** Beside the weights by which AdapterFusion mixes several adapters. */
export const FUSION_CONFIG = 'adapter_fusion_config.json'

/** The error for adapters of another method than a bottleneck; `field` names the method. */
export function unsupportedAdapter(
  { name }: Pick<PublishedFolder, 'name'>,
  file: string,
  field: 'peft_type' | 'AdapterFusion',
  actual: unknown,
): Specter2Error {
  const found =
    field === 'peft_type' ? `is an adapter of the peft library (${show(actual)})` : 'mixes several adapters by AdapterFusion'
  const next = 'Use a bottleneck adapter of the adapters library (seq_bn), or merge the weights into the base and publish that.'
  return unsupportedFile(`${name}/${file}`, found, next, { file, field, actual: show(actual), expected: 'seq_bn' })
}

/** Checks the base of an adapter file that the converter wrote, which does not say it. */
function ofBase(weights: AdapterWeights, { hiddenSize, layers }: AdapterBase, file: string): AdapterWeights {
  const width = weights.layers[0]?.up.bias.length ?? 0
  if (width === hiddenSize && weights.layers.length === layers) return weights
  const found = `is an adapter for a base model of ${weights.layers.length} layers, ${width} wide, but this one has ${layers}, ${hiddenSize} wide`
  throw unsupportedFile(file, found, 'Use an adapter for this base.', {
    field: width === hiddenSize ? 'layers' : 'hidden_size',
    actual: `${weights.layers.length} layers, ${width} wide`,
    expected: `${layers} layers, ${hiddenSize} wide`,
  })
}
