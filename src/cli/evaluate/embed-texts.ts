import type { AdapterName, Dtype } from '../../core/types.js'
import type { Engine } from '../../engine/engine.js'
import type { Tokens } from '../../engine/tokenizer.js'
import { heedSignal } from '../heed-signal.js'
import type { ProgressLine } from '../progress-line.js'
import { VectorCache } from './vector-cache.js'

export interface EmbedTextsOptions {
  dtype: Dtype
  /** Where vectors are kept; `undefined`: nowhere. */
  cacheFolder: string | undefined
  line: ProgressLine
  signal: AbortSignal
}

/**
 * Vectors [texts.length, dimension] in the order of the texts.
 *
 * @param what The texts are, as progress calls them.
 */
export async function embedTexts(
  engine: Engine,
  texts: readonly Tokens[],
  adapter: AdapterName,
  what: string,
  { dtype, cacheFolder, line, signal }: EmbedTextsOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const { dimension } = engine.manifest
  const vectors = new Float32Array(texts.length * dimension)
  const cache = cacheFolder === undefined ? null : await VectorCache.open(cacheFolder, engine.manifest, dtype, adapter)
  const missing: number[] = []
  for (const [index, { ids }] of texts.entries()) {
    const kept = cache?.get(ids)
    if (kept) vectors.set(kept, index * dimension)
    else missing.push(index)
  }
  const total = missing.reduce((sum, index) => sum + texts[index]!.ids.length, 0)
  const startedAt = performance.now()
  let tokens = 0
  try {
    for (const [done, index] of missing.entries()) {
      await heedSignal(signal)
      const text = texts[index]!
      const vector = await engine.embed(text, adapter, { signal })
      vectors.set(vector, index * dimension)
      await cache?.add(text.ids, vector)
      tokens += text.ids.length
      const secondsLeft = (((performance.now() - startedAt) / 1000) * (total - tokens)) / tokens
      line.show(what, `${dtype}: ${done + 1} of ${missing.length} ${what}, ${timeLeft(secondsLeft)} left`)
    }
  } finally {
    await cache?.flush()
  }
  return vectors
}

function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
}
