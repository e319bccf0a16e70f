import { type PaperVectors, vectorNames } from '../../src/core/papers/index.js'
import type { Paper } from '../../src/core/papers/paper.js'
import type { PaperRecord } from '../../src/index.js'
import type { LibrarySession } from '../session/library-session.js'
import { countOf, formatCount, messageOf } from '../ui/format.js'

/** Papers whose vectors are added at once, each time after a few are compared with the model if one is loaded. */
const PART = 8192

/** The vectors of the model that has most of them. A file may have those of several. */
export function mainVectors(all: readonly PaperVectors[]): PaperVectors | null {
  return all.reduce<PaperVectors | null>((most, one) => (one.ids.length > (most?.ids.length ?? 0) ? one : most), null)
}

/** What a file with vectors is said to have, before anything is added. */
export function vectorsNote(all: readonly PaperVectors[], papers: number): string {
  const main = mainVectors(all)
  if (!main) return ''
  const others = all.filter((one) => one !== main).map(({ model, ids }) => `${formatCount(ids.length)} of ${modelName(model)}`)
  const rest = main.ids.length < papers ? ' The others are embedded here.' : ' No model is needed to open this library.'
  return `${countOf(main.ids.length, 'vector')} of ${modelName(main.model)}, ${main.dimension} numbers each, ${main.ids.length === 1 ? 'comes' : 'come'} with the file and ${main.ids.length === 1 ? 'is' : 'are'} used as they are.${rest}${others.length > 0 ? ` Not used: ${others.join(', ')}.` : ''}`
}

const modelName = (model: string) => model || 'a model that the file does not name'

/** Vectors under the ids that their papers have in the library. @param ids By the ids under which the papers were read. */
export function renamed(vectors: PaperVectors, ids: ReadonlyMap<string, string>): PaperVectors {
  return { ...vectors, ids: vectors.ids.map((id) => ids.get(id) ?? id) }
}

/** Vectors of a file without papers, for those of the library that it names. */
export function vectorsFor(papers: readonly PaperRecord[], all: readonly PaperVectors[]): PaperVectors | null {
  const main = mainVectors(all)
  if (!main) return null
  const ids = new Map(papers.flatMap((paper) => vectorNames(paper as unknown as Paper).map((name) => [name, paper.id])))
  const rows = main.ids.flatMap((name, row) => (ids.has(name) ? [row] : []))
  if (rows.length === 0) return null
  const vectors = new Float32Array(rows.length * main.dimension)
  for (const [at, row] of rows.entries())
    vectors.set(main.vectors.subarray(row * main.dimension, (row + 1) * main.dimension), at * main.dimension)
  return { ...main, ids: rows.map((row) => ids.get(main.ids[row]!)!), vectors }
}

/**
 * Gives papers of the library the vectors of a file. If they cannot be used, the papers stay without.
 *
 * @returns What has become of them, for the reader.
 */
export async function useVectors(session: LibrarySession, given: PaperVectors): Promise<string> {
  const model = given.stamp ?? (given.model || { id: given.file, metric: 'cosine' as const })
  let used = 0
  try {
    for (let first = 0; first < given.ids.length; first += PART) {
      const papers = await session.fullPapers(given.ids.slice(first, first + PART))
      if (papers.length > 0) used += await session.addVectors(papers, given, model)
    }
  } catch (error) {
    return `The file's vectors are not used: ${messageOf(error)}`
  }
  return `${formatCount(used)} with vectors of the file.`
}
