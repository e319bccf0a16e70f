import { Specter2Error } from '../../core/errors.js'
import type { PaperText } from '../../core/types.js'
import type { TextLine } from '../json-lines.js'
import { embedLines, type LineEmbedder } from './embed-lines.js'
import { paperText, parseFields } from './paper-lines.js'
import { lineWithVector } from './vector-json.js'

/** A line of the input: a paper, or what is wrong with it. */
export type FilteredLine = { line: TextLine; fields: Record<string, unknown> } & (
  | { paper: Required<PaperText>; error: null }
  | { paper: null; error: Specter2Error }
)

/** A line with its vector, which is `null` if the line is wrong. */
export type EmbeddedLine = FilteredLine & { vector: Float32Array<ArrayBuffer> | null }

export interface FilterOptions extends LineEmbedder {
  lines: AsyncIterable<TextLine>
  /** What a wrong line does: ends the work, or stands in the output as an error. */
  errors: 'stop' | 'report'
  /** Some lines of the output. */
  encode: (lines: readonly EmbeddedLine[]) => string | Uint8Array
  /** Resolves when more may be written. */
  write: (piece: string | Uint8Array) => Promise<void>
}

/**
 * Embeds lines as they arrive: one out for each in, in order, with no more in memory than a few slices.
 *
 * @returns How many papers were embedded, and how many lines were wrong.
 * @throws Specter2Error `DAMAGED_FILE` naming the line, once the lines before it are written; what `write` throws.
 */
export async function embedFilter({
  lines,
  errors,
  encode,
  write,
  ...embedder
}: FilterOptions): Promise<{ papers: number; wrong: number }> {
  const counts = { papers: 0, wrong: 0 }
  for await (const slice of embedLines(parseLines(lines, errors), embedder)) {
    await write(encode(slice))
    const wrong = slice.filter(({ error }) => error !== null).length
    counts.wrong += wrong
    counts.papers += slice.length - wrong
  }
  return counts
}

async function* parseLines(
  lines: AsyncIterable<TextLine>,
  errors: FilterOptions['errors'],
): AsyncGenerator<FilteredLine, void, void> {
  for await (const line of lines) {
    let fields: Record<string, unknown> = {}
    try {
      fields = parseFields(line)
      const paper = paperText(fields, line)
      if (!('title' in fields || 'abstract' in fields)) throw line.damaged('it has neither title nor abstract')
      yield { line, fields, paper, error: null }
    } catch (error) {
      if (errors === 'stop' || !(error instanceof Specter2Error)) throw error
      yield { line, fields, paper: null, error }
    }
  }
}

/** JSON Lines: each line as it was, with `vector`, or with `error` in its place. */
export function encodeLines(lines: readonly EmbeddedLine[], vectorsOnly: boolean): string {
  return lines
    .map(({ line, fields, error, vector }) => {
      const id = 'id' in fields ? { id: fields.id } : {}
      if (!vector) {
        const { code, message } = error!
        return `${JSON.stringify({ ...id, error: { code, line: line.number(), message } })}\n`
      }
      const text = vectorsOnly ? JSON.stringify(id) : line.text
      return `${lineWithVector(text, vectorsOnly ? id : fields, vector)}\n`
    })
    .join('')
}
