import { pauses } from '../core/async/pauses.js'
import type { AdapterName, Dtype } from '../core/types.js'
import type { Engine } from '../engine/engine.js'
import type { Tokens } from '../engine/tokenizer.js'
import { embedSlice } from './local-model.js'
import type { Output } from './output.js'
import { VectorCache } from './vector-cache.js'

export interface EmbedTextsOptions {
  dtype: Dtype
  /** Folder in which vectors are stored for later runs; `undefined`: they are not. */
  cacheFolder: string | undefined
  output: Output
  signal: AbortSignal
}

/**
 * Embeds texts, showing the progress.
 *
 * @param what The texts are, as the progress line calls them.
 * @returns Vectors [texts.length, dimension] in the order of the texts.
 */
export async function embedTexts(
  engine: Engine,
  texts: readonly Tokens[],
  adapter: AdapterName,
  what: string,
  { dtype, cacheFolder, output, signal }: EmbedTextsOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const { dimension } = engine.manifest
  const vectors = new Float32Array(texts.length * dimension)
  const cache = cacheFolder === undefined ? null : await VectorCache.open(cacheFolder, engine, adapter)
  const missing: { index: number; text: Tokens }[] = []
  for (const [index, text] of texts.entries()) {
    const cached = cache?.get(text.ids)
    if (cached) vectors.set(cached, index * dimension)
    else missing.push({ index, text })
  }
  const total = missing.reduce((sum, { text }) => sum + text.ids.length, 0)
  const startedAt = performance.now()
  const pause = pauses(signal)
  let tokens = 0
  try {
    for (let done = 0; done < missing.length; ) {
      await pause()
      const rest = missing.slice(done)
      const found = await embedSlice(
        engine,
        rest.map(({ text }) => text),
        adapter,
        signal,
      )
      for (const [row, vector] of found.entries()) {
        const { index, text } = rest[row]!
        vectors.set(vector, index * dimension)
        await cache?.add(text.ids, vector)
        tokens += text.ids.length
      }
      done += found.length
      const secondsLeft = (((performance.now() - startedAt) / 1000) * (total - tokens)) / tokens
      output.showProgress(what, `${dtype}: ${done} of ${missing.length} ${what}, ${formatDuration(secondsLeft)} left`)
    }
  } finally {
    await cache?.flush()
  }
  return vectors
}

/** Seconds as a person reads them. */
export function formatDuration(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
}
