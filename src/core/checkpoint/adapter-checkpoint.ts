import { type ErrorDetails, Specter2Error, show } from '../errors.js'
import { type AdapterBase, type AdapterConfig, readAdapterConfig } from './adapter-config.js'
import type { ByteSource } from './byte-source.js'
import { unsupportedFile } from './file-errors.js'
import { openCheckpoint } from './open-checkpoint.js'
import { openSafetensors, type TensorData } from './safetensors.js'
import type { Checkpoint, CheckpointTensor } from './tensors.js'

/** A linear map x · weight + bias. */
export interface AdapterLinear {
  /** [inputs, outputs], row-major: the transpose of torch's. */
  readonly weight: Float32Array
  /** [outputs]. */
  readonly bias: Float32Array
}

/** The adapter of one layer: up(relu(down(z))). */
export interface AdapterLayer {
  /** From hidden to bottleneck. */
  readonly down: AdapterLinear
  /** From bottleneck to hidden. */
  readonly up: AdapterLinear
  readonly bottleneck: number
}

/** Weights of an adapter in the graph's layout. The arrays belong to the caller. */
export interface AdapterWeights {
  /** The name under which it was published, such as `[PRX]`; `null` if the file does not say. */
  readonly name: string | null
  /** One for each layer of the base, in order. */
  readonly layers: readonly AdapterLayer[]
}

const PARTS = ['down.weight', 'down.bias', 'up.weight', 'up.bias'] as const
type Part = (typeof PARTS)[number]

const PUBLISHED_PARTS: Readonly<Record<Part, string>> = {
  'down.weight': '.adapter_down.0.weight',
  'down.bias': '.adapter_down.0.bias',
  'up.weight': '.adapter_up.weight',
  'up.bias': '.adapter_up.bias',
}

/** Prefix of the model, layer, adapters after the feed-forward part, and the adapter's name, which may hold anything. */
const PUBLISHED_KEY = /^(?:.*?\.)?layer\.(\d{1,6})\.output\.(?:\w*_)?adapters\.(.+)$/s

/** Real keys have some 70 characters; the patterns' time grows with the square of a hostile one's length. */
const MAX_KEY_LENGTH = 1000

/** Other tensors of adapter files, by the configuration field or the method that they belong to. */
const OTHER_TENSORS: readonly (readonly [pattern: RegExp, field: string])[] = [
  [/invertible_\w*adapters\./, 'inv_adapter'],
  [/\.attention\..*adapters\./, 'mh_adapter'],
  [/\.crossattention\..*adapters\./, 'cross_adapter'],
  [/\.adapter_norm_before\.|\.adapter_down\.1\./, 'ln_before'],
  [/\.adapter_norm_after\./, 'ln_after'],
  [/\.gate\.(weight|bias)$/, 'use_gating'],
  [/\.scaling$/, 'scaling'],
  [/shared_parameters\.|\.adapter_(down\.0|up)\.(?!weight$|bias$)/, 'phm_layer'],
  [/adapter_fusion_layer\./, 'AdapterFusion'],
  [/loras\.|lora_/, 'LoRA'],
  [/prefix_tunings?\.|prefix_gates\./, 'prefix tuning'],
  [/prompt_tunings?\./, 'prompt tuning'],
  [/refts\./, 'ReFT'],
]

/**
 * Reads a bottleneck adapter as the `adapters` library publishes it: `config` is its parsed `adapter_config.json`, or `undefined`
 * if it has none, `weights` its `pytorch_adapter.bin` or the same as safetensors. The scaling is multiplied into the weights;
 * layers that the configuration leaves out become zeros with a bottleneck of 1.
 * @throws Specter2Error `UNSUPPORTED` for any adapter that the graph would not compute as it was trained (`details.field`), or
 *   of another base; `INVALID_MODEL` if tensors are missing or disagree; what {@link openCheckpoint} throws.
 */
export async function readAdapter(
  files: { readonly config: unknown; readonly weights: ByteSource },
  base: AdapterBase,
): Promise<AdapterWeights> {
  const file = files.weights.name
  const config = readAdapterConfig(files.config, base)
  const checkpoint = await openCheckpoint(files.weights)
  const { name, tensors } = publishedTensors(file, checkpoint, base)
  const layers: AdapterLayer[] = []
  for (let layer = 0; layer < base.layers; layer++) {
    layers.push(await readPublishedLayer(file, tensors, layer, base, config))
  }
  return { name: config.name ?? name, layers }
}

/** The adapter's tensors by `<layer>.<part>`, and its name. */
function publishedTensors(file: string, checkpoint: Checkpoint, base: AdapterBase): { name: string | null; tensors: Checkpoint } {
  const tensors = new Map<string, CheckpointTensor>()
  const names = new Set<string>()
  for (const [key, tensor] of checkpoint) {
    const part = PARTS.find((part) => key.endsWith(PUBLISHED_PARTS[part]))
    const match = part && key.length <= MAX_KEY_LENGTH && PUBLISHED_KEY.exec(key.slice(0, -PUBLISHED_PARTS[part].length))
    if (!match) {
      const field = OTHER_TENSORS.find(([pattern]) => key.length <= MAX_KEY_LENGTH && pattern.test(key))?.[1] ?? 'unknown'
      const found = `holds the tensor ${show(key)} (${field}), which is no part of a bottleneck adapter after the feed-forward layer`
      throw unsupportedFile(file, found, 'Use an adapter of that kind (seq_bn).', {
        field,
        tensor: key.slice(0, MAX_KEY_LENGTH),
      })
    }
    const layer = Number(match[1])
    if (layer >= base.layers) {
      const found = `has an adapter for layer ${layer}, but this base model has ${base.layers} layers (0 to ${base.layers - 1})`
      throw unsupportedFile(file, found, 'Use an adapter for this base.', {
        field: 'layers',
        actual: layer,
        expected: base.layers,
      })
    }
    if (tensors.has(`${layer}.${part}`))
      throw invalid(file, `holds *${PUBLISHED_PARTS[part]} of layer ${layer} twice`, { layer, part })
    tensors.set(`${layer}.${part}`, tensor)
    names.add(match[2]!)
  }
  if (names.size > 1) {
    const list = [...names].slice(0, 5)
    const found = `holds ${names.size} adapters (${list.map(show).join(', ')}${names.size > 5 ? ', …' : ''})`
    throw unsupportedFile(file, found, 'Save one adapter a file.', { field: 'name', names: list })
  }
  const [name = null] = names
  return { name, tensors }
}

async function readPublishedLayer(
  file: string,
  tensors: Checkpoint,
  layer: number,
  { hiddenSize }: AdapterBase,
  config: AdapterConfig,
): Promise<AdapterLayer> {
  const found = PARTS.filter((part) => tensors.has(`${layer}.${part}`))
  if (config.leaveOut.has(layer)) {
    if (found.length > 0)
      throw invalid(file, `holds weights for layer ${layer}, which leave_out of its configuration names`, {
        layer,
        field: 'leave_out',
      })
    return zeroLayer(hiddenSize)
  }
  const missing = PARTS.filter((part) => !found.includes(part))
  if (missing.length > 0) {
    throw invalid(file, `lacks ${missing.map((part) => `*${PUBLISHED_PARTS[part]}`).join(', ')} of layer ${layer}`, {
      layer,
      missing,
    })
  }
  const [bottleneck = 0, width = 0] = tensors.get(`${layer}.down.weight`)!.shape
  if (width !== hiddenSize) {
    const found = `is an adapter for a base model ${width} wide, but this one is ${hiddenSize} wide`
    throw unsupportedFile(file, found, 'Use an adapter for this base.', {
      field: 'hidden_size',
      actual: width,
      expected: hiddenSize,
    })
  }
  const expected = config.bottleneck(layer) ?? Math.max(1, bottleneck)
  if (bottleneck !== expected) {
    const found = `has a bottleneck of ${bottleneck} in layer ${layer}, but reduction_factor says ${expected}`
    throw invalid(file, found, { layer, field: 'reduction_factor', actual: bottleneck, expected })
  }
  const read = (part: Part, shape: readonly number[]) => readShaped(file, tensors, `${layer}.${part}`, shape)
  const downWeight = await read('down.weight', [bottleneck, hiddenSize])
  const upWeight = await read('up.weight', [hiddenSize, bottleneck])
  return {
    down: { weight: transpose(downWeight, bottleneck, hiddenSize), bias: await read('down.bias', [bottleneck]) },
    up: {
      weight: scale(transpose(upWeight, hiddenSize, bottleneck), config.scaling),
      bias: scale(await read('up.bias', [hiddenSize]), config.scaling),
    },
    bottleneck,
  }
}

/** An adapter with empty bottlenecks, for which the graph skips its adapter layers. */
export function emptyAdapter({ hiddenSize, layers }: AdapterBase): AdapterWeights {
  const empty = new Float32Array(0)
  const layer = { down: { weight: empty, bias: empty }, up: { weight: empty, bias: new Float32Array(hiddenSize) }, bottleneck: 0 }
  return { name: 'base', layers: Array.from({ length: layers }, () => layer) }
}

/** The graph's adapter inputs, named `adapter.<layer>.down.weight` and so on; they share the arrays of `weights`. */
export function adapterTensors(weights: AdapterWeights): TensorData[] {
  return weights.layers.flatMap(({ down, up, bottleneck }, layer) => {
    const hiddenSize = up.bias.length
    return [
      { name: `adapter.${layer}.down.weight`, shape: [hiddenSize, bottleneck], data: down.weight },
      { name: `adapter.${layer}.down.bias`, shape: [bottleneck], data: down.bias },
      { name: `adapter.${layer}.up.weight`, shape: [bottleneck, hiddenSize], data: up.weight },
      { name: `adapter.${layer}.up.bias`, shape: [hiddenSize], data: up.bias },
    ]
  })
}

const GRAPH_KEY = /^adapter\.\d{1,6}\.(down|up)\.(weight|bias)$/

/** Whether a checkpoint holds the graph's adapter inputs by their own names and nothing else. */
export function isAdapterTensors(checkpoint: Checkpoint): boolean {
  return checkpoint.size > 0 && [...checkpoint.keys()].every((key) => GRAPH_KEY.test(key))
}

/**
 * Reads a safetensors file of {@link adapterTensors}; its `name` is `null`.
 * @throws Specter2Error `INVALID_MODEL` if tensors are missing, too many or disagree; what {@link openSafetensors} throws.
 */
export async function readAdapterTensors(source: ByteSource): Promise<AdapterWeights> {
  const file = source.name
  const checkpoint = await openSafetensors(source)
  if (!isAdapterTensors(checkpoint))
    throw invalid(file, 'must hold tensors named adapter.<layer>.down.weight and so on, and no others')
  const hiddenSize = checkpoint.get('adapter.0.up.bias')?.shape[0] ?? 0
  const layers: AdapterLayer[] = []
  for (let layer = 0; layer < checkpoint.size / PARTS.length; layer++) {
    const bottleneck = checkpoint.get(`adapter.${layer}.down.bias`)?.shape[0] ?? 0
    const read = (part: Part, shape: readonly number[]) => readShaped(file, checkpoint, `adapter.${layer}.${part}`, shape)
    layers.push({
      down: { weight: await read('down.weight', [hiddenSize, bottleneck]), bias: await read('down.bias', [bottleneck]) },
      up: { weight: await read('up.weight', [bottleneck, hiddenSize]), bias: await read('up.bias', [hiddenSize]) },
      bottleneck,
    })
  }
  return { name: null, layers }
}

async function readShaped(file: string, tensors: Checkpoint, key: string, shape: readonly number[]) {
  const tensor = tensors.get(key)
  if (tensor === undefined) throw invalid(file, `lacks the tensor ${key}`, { tensor: key })
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw new Specter2Error(
      'INVALID_MODEL',
      `${file} has ${show(tensor.name)} of shape [${tensor.shape}], but this base model needs [${shape}]. Use an adapter for this base.`,
      { details: { file, tensor: tensor.name, actual: tensor.shape.join(), expected: shape.join() } },
    )
  }
  return tensor.read()
}

/** An adapter layer that adds nothing. */
function zeroLayer(hiddenSize: number): AdapterLayer {
  const weight = () => new Float32Array(hiddenSize)
  return { down: { weight: weight(), bias: new Float32Array(1) }, up: { weight: weight(), bias: weight() }, bottleneck: 1 }
}

/** From [rows, columns] to [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number) {
  const transposed = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) transposed[column * rows + row] = values[row * columns + column]!
  }
  return transposed
}

function scale(values: Float32Array, factor: number): Float32Array {
  return factor === 1 ? values : values.map((value) => value * factor)
}

function invalid(file: string, found: string, details: ErrorDetails = {}): Specter2Error {
  const message = `${file} ${found}. Use another file, or save it again.`
  return new Specter2Error('INVALID_MODEL', message, { details: { file, ...details } })
}
