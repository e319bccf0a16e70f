import type { AdapterWeights } from '../core/checkpoint/adapter-checkpoint.js'
import type { EncoderTier, EngineName } from '../core/types.js'
import type { EncoderShare } from './encoder/pack-encoder.js'

/** What runs a model: its weights in memory, from token ids to vectors. */
export interface LoadedModel {
  readonly engine: EngineName
  /** Why this engine runs the model, in words for a person. */
  readonly reason: string
  /** How the own encoder multiplies; `null` for transformers.js. */
  readonly tier: EncoderTier | null
  /** Whether the model takes adapters. */
  readonly takesAdapters: boolean
  /**
   * Copies an adapter to where the model runs; once, for many runs.
   *
   * @param weights `null` for a model that takes none.
   */
  prepare(weights: AdapterWeights | null): PreparedAdapter
  /** Frees the memory of an adapter that is no longer used. No run may be in progress. */
  release(adapter: PreparedAdapter): void
  /**
   * Vectors [ids.length, dimension] of texts, given as token ids.
   *
   * @param isUrgent Whether someone waits for them: then other threads may help.
   * @throws Specter2Error `RUNTIME_FAILED`. Then the worker must be terminated, since transformers.js fails every later run
   *   with the same error.
   */
  run(ids: readonly (readonly number[])[], adapter: PreparedAdapter, isUrgent?: boolean): Promise<Float32Array<ArrayBuffer>>
  /** The weights for another thread, which can be posted to it; `null` if it must load them itself. */
  share(): EncoderShare | null
  /** Frees the memory of the weights for the next model; the memory of the thread itself may not shrink. */
  dispose(): Promise<void>
}

/** An adapter as its model holds it. */
export type PreparedAdapter = { readonly prepared: unknown }
