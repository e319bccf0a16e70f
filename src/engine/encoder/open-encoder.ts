import type { AdapterWeights } from '../../core/checkpoint/adapter-checkpoint.js'
import type { Manifest } from '../../core/model-folder/manifest.js'
import type { LoadedModel, PreparedAdapter } from '../loaded-model.js'
import { chooseTier } from './choose-tier.js'
import type { Tier } from './kernels.js'
import { readEncoder } from './read-encoder.js'
import { type PackedAdapter, unsupportedShape, WasmEncoder } from './wasm-encoder.js'

export interface OpenEncoderOptions {
  /** The ONNX graph and its weights; borrowed. */
  graph: Uint8Array<ArrayBuffer>
  data: Uint8Array<ArrayBuffer> | null
  /** Parsed `config.json`. */
  config: object
  manifest: Pick<Manifest, 'id' | 'pooling' | 'maxTokens'>
  /** The only tier to try; default all. */
  tier?: Tier | undefined
}

const REASONS: Readonly<Record<Tier, string>> = {
  vnni: 'this CPU and browser multiply bytes in one instruction (AVX-VNNI)',
  sdot: 'this CPU and browser multiply bytes in one instruction (ARM dot products)',
  maddubs: 'this CPU and browser multiply bytes in pairs (relaxed SIMD)',
  simd: 'it runs on plain SIMD, with the same bits on every CPU',
}

/** A model folder's encoder in WebAssembly, or the reason why it does not run there, as a clause. @throws as readEncoder and WasmEncoder do. */
export function openEncoder({
  graph,
  data,
  config,
  manifest,
  tier: wanted,
}: OpenEncoderOptions): LoadedModel | { reason: string } {
  const tier = chooseTier(wanted && [wanted])
  if (!tier) return { reason: `this browser or page runs no WebAssembly with ${wanted ?? 'SIMD'}` }
  const read = readEncoder(graph, data, config, manifest)
  if ('reason' in read) return read
  const unsupported = unsupportedShape(read.encoder, manifest.maxTokens)
  if (unsupported !== null) return { reason: unsupported }
  const encoder = new WasmEncoder(read.encoder, tier, manifest.maxTokens)
  const packed = ({ prepared }: PreparedAdapter) => prepared as PackedAdapter | null
  return {
    engine: 'own',
    reason: REASONS[tier],
    tier,
    takesAdapters: read.encoder.adapters,
    prepare: (weights: AdapterWeights | null) => ({ prepared: weights && encoder.packAdapter(weights) }),
    release: (adapter) => encoder.releaseAdapter(packed(adapter) ?? []),
    run: async (ids, adapter) => encoder.run(ids, packed(adapter)),
    // The memory goes with the object.
    dispose: async () => {},
  }
}
