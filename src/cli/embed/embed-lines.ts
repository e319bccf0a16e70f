import { Specter2Error } from '../../core/errors.js'
import type { AdapterName, PaperText } from '../../core/types.js'
import type { Engine } from '../../engine/engine.js'
import type { Tokens } from '../../engine/tokenizer.js'
import type { TextLine } from '../json-lines.js'
import { sliceTexts } from '../local-model.js'
import type { VectorCache } from '../vector-cache.js'
import { inOrder, slicesOf } from './in-order.js'

/** A line to embed. */
export interface LineToEmbed {
  line: TextLine
  /** `null` for a line that is passed on without a vector. */
  paper: PaperText | null
}

/** Characters of lines that wait: some may be as long as a book. */
const WAITING_CHARACTERS = 4e6

export interface LineEmbedder {
  engine: Engine
  adapter: AdapterName
  cache: VectorCache | null
  signal: AbortSignal
}

/**
 * Embeds lines as they come: reads ahead no further than a few slices, and yields each slice as soon as it and those before are
 * done.
 *
 * @throws what `lines` throws, after the vectors of the lines before; what the engine throws; the signal's reason.
 */
export async function* embedLines<T extends LineToEmbed>(
  lines: AsyncIterable<T>,
  { engine, adapter, cache, signal }: LineEmbedder,
): AsyncGenerator<(T & { vector: Float32Array<ArrayBuffer> | null })[], void, void> {
  const left = new AbortController()
  const most = sliceTexts(engine)
  const embed = async (slice: T[]) => {
    signal.throwIfAborted()
    const found = slice.map((item) => {
      const text = item.paper && engine.tokenizePaper(item.paper)
      return { ...item, text, vector: (text && cache?.get(text.ids)) ?? null }
    })
    const missing = found.filter((item): item is typeof item & { text: Tokens } => item.text !== null && item.vector === null)
    if (missing.length > 0) {
      const vectors = await engine.embedBatch(
        missing.map(({ text }) => text),
        adapter,
        { signal },
      )
      for (const [row, item] of missing.entries()) {
        item.vector = finite(vectors[row]!, item.line)
        await cache?.add(item.text.ids, item.vector)
      }
    }
    return found
  }
  try {
    const slices = slicesOf(lines, {
      most,
      size: ({ line }) => line.text.length,
      maxSize: WAITING_CHARACTERS,
      signal: AbortSignal.any([signal, left.signal]),
    })
    // While one slice is computed by threads, this thread tokenizes the next one.
    yield* inOrder(slices, engine.runsOn.engine === 'transformers' ? 1 : 2, embed)
  } finally {
    left.abort()
  }
}

function finite(vector: Float32Array<ArrayBuffer>, { number }: TextLine): Float32Array<ArrayBuffer> {
  // One component that is not finite makes the sum so.
  if (Number.isFinite(vector.reduce((sum, value) => sum + value, 0))) return vector
  const message = `The vector of line ${number()} is not finite. Run \`specter2-web verify\` on the model.`
  throw new Specter2Error('RUNTIME_FAILED', message, { details: { line: number() } })
}
