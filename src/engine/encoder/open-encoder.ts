import type { AdapterWeights } from '../../core/checkpoint/adapter-checkpoint.js'
import type { Manifest } from '../../core/model-folder/manifest.js'
import type { EncoderTier } from '../../core/types.js'
import type { LoadedModel, PreparedAdapter } from '../loaded-model.js'
import { chooseTier } from './choose-tier.js'
import type { Helpers } from './encoder-team.js'
import { type EncoderShare, type PackedAdapter, packEncoder } from './pack-encoder.js'
import { readEncoder } from './read-encoder.js'
import { type HelperSetup, unsupportedShape, WasmEncoder } from './wasm-encoder.js'

/** Other threads for the own encoder. */
export interface EncoderThreads {
  /** Starts threads that help with a single text. */
  helpers?(setup: HelperSetup): Helpers
  /** Starts threads that run whole texts from one list. */
  pool?(share: EncoderShare): TextPool | null
}

/** Threads with an encoder each, on one memory. */
export interface TextPool {
  /** As {@link WasmEncoder.run}. */
  run(texts: readonly (readonly number[])[], adapter: PackedAdapter | null): Promise<Float32Array<ArrayBuffer>>
  end(): Promise<void>
}

export interface OpenEncoderOptions {
  /** The ONNX graph and its weights; borrowed. */
  graph: Uint8Array<ArrayBuffer>
  data: Uint8Array<ArrayBuffer> | null
  /** Parsed `config.json`. */
  config: object
  manifest: Pick<Manifest, 'id' | 'pooling' | 'maxTokens'>
  /** The only tier to try; default all. */
  tier?: EncoderTier | undefined
  encoderThreads?: EncoderThreads | undefined
}

const REASONS: Readonly<Record<EncoderTier, string>> = {
  vnni: 'this CPU and browser multiply bytes in one instruction (AVX-VNNI)',
  sdot: 'this CPU and browser multiply bytes in one instruction (ARM dot products)',
  maddubs: 'this CPU and browser multiply bytes in pairs (relaxed SIMD)',
  simd: 'it runs on plain SIMD, with the same bits on every CPU',
}

/** Multiplications of a text that are shared: some 4 ms of one thread, as fewer take no less on two. */
const WORTH_SHARING = 3e8

/** A model folder's encoder in WebAssembly, or the reason why it does not run there, as a clause. @throws as readEncoder and WasmEncoder do. */
export function openEncoder({
  graph,
  data,
  config,
  manifest,
  tier: wanted,
  encoderThreads,
}: OpenEncoderOptions): LoadedModel | { reason: string } {
  const tier = chooseTier(wanted && [wanted])
  if (!tier) return { reason: `this browser or page runs no WebAssembly with ${wanted ?? 'SIMD'}` }
  const read = readEncoder(graph, data, config, manifest)
  if ('reason' in read) return read
  const unsupported = unsupportedShape(read.encoder, manifest.maxTokens)
  if (unsupported !== null) return { reason: unsupported }
  return openShared(packEncoder(read.encoder, tier, manifest.maxTokens), encoderThreads)
}

/** The encoder that another thread has packed. @throws as WasmEncoder does. */
export function openShared(share: EncoderShare, threads: EncoderThreads = {}): LoadedModel {
  const { tier, adapters } = share.packed
  const encoder = new WasmEncoder(share)
  let pool: TextPool | null | undefined
  let helpers: Helpers | undefined
  const { hidden, layers, intermediate } = share.packed.shape
  const worth = WORTH_SHARING / (layers * hidden * (4 * hidden + 2 * intermediate))
  const help = () => {
    const setup = helpers ? null : encoder.helperSetup
    if (setup) helpers = threads.helpers?.(setup)
    return helpers
  }
  const packed = ({ prepared }: PreparedAdapter) => prepared as PackedAdapter | null
  return {
    engine: 'own',
    reason: REASONS[tier],
    tier,
    takesAdapters: adapters,
    share: () => encoder.share(),
    prepare: (weights: AdapterWeights | null) => ({ prepared: weights && encoder.packAdapter(weights) }),
    release: (adapter) => encoder.releaseAdapter(packed(adapter) ?? []),
    run: async (ids, adapter, isUrgent) => {
      if (ids.length > 1 && threads.pool) pool ??= threads.pool(encoder.share())
      if (ids.length > 1 && pool) return pool.run(ids, packed(adapter))
      return encoder.run(ids, packed(adapter), isUrgent && ids[0]!.length >= worth ? help() : undefined)
    },
    // The memory goes with the object.
    dispose: async () => pool?.end(),
  }
}
