import type { Paper } from '../src/core/papers/paper.js'
import { seededRandom } from './statistics.js'

export const DIMENSION = 768
/** Number of papers about one topic, whose vectors and words are similar. */
const TOPIC_PAPERS = 40
/** Every so many-th record is a copy of the one before. */
const COPY_EVERY = 10

/**
 * A library in which every tenth record is a copy of the one before: with its title in capitals, its journal abbreviated, no
 * DOI, and a slightly different vector. Titles have ten words, half of them of the paper's topic; vectors have length 1, and a
 * cosine of about 0.5 within a topic.
 */
export function seededLibrary(count: number): { papers: Paper[]; vectors: Float32Array; copies: number } {
  const random = seededRandom(7)
  const word = (rank: number) => `w${rank.toString(36)}${'aeiou'[rank % 5]}n`
  const papers: Paper[] = []
  const vectors = new Float32Array(count * DIMENSION)
  const topic = new Float32Array(DIMENSION)
  let copies = 0
  for (let row = 0; row < count; row++) {
    const vector = vectors.subarray(row * DIMENSION, (row + 1) * DIMENSION)
    if (row % COPY_EVERY === COPY_EVERY - 1) {
      const original = papers[row - 1]!
      const { doi: _, ...rest } = original
      papers.push({ ...rest, id: String(row), title: original.title.toUpperCase(), venue: `J ${original.venue!.slice(8)}` })
      const before = vectors.subarray((row - 1) * DIMENSION, row * DIMENSION)
      for (let k = 0; k < DIMENSION; k++) vector[k] = before[k]! + 0.003 * (random() - 0.5)
      copies++
      continue
    }
    if (row % TOPIC_PAPERS === 0) for (let k = 0; k < DIMENSION; k++) topic[k] = random() - 0.5
    let squares = 0
    for (let k = 0; k < DIMENSION; k++) {
      vector[k] = topic[k]! + random() - 0.5
      squares += vector[k]! ** 2
    }
    for (let k = 0; k < DIMENSION; k++) vector[k]! /= Math.sqrt(squares)
    const topicNumber = Math.floor(row / TOPIC_PAPERS)
    const words = Array.from({ length: 10 }, (_, at) =>
      word(at < 5 ? 31 * (topicNumber % 400) + Math.floor(30 * random()) : Math.floor(8000 * random() ** 2)),
    )
    papers.push({
      id: String(row),
      title: words.join(' '),
      authors: Array.from({ length: 3 }, () => ({ family: `${word(Math.floor(20_000 * random()))}son`, given: 'A' })),
      year: 1990 + Math.floor(30 * random()),
      venue: `Journal ${word(topicNumber % 50)}`,
      volume: String(1 + Math.floor(90 * random())),
      pages: String(1 + Math.floor(2000 * random())),
      doi: `10.1234/${row}`,
    })
  }
  return { papers, vectors, copies }
}
