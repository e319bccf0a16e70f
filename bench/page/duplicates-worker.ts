import { expose } from 'comlink'
import { HNSW } from 'hnsw'
import { DuplicateFinder } from '../../src/core/duplicates/duplicate-finder.js'
import { findDuplicates } from '../../src/core/duplicates/find-duplicates.js'
import { distanceOf, typicalDistance } from '../../src/core/duplicates/typical-distance.js'
import { DIMENSION, seededLibrary } from '../seeded-library.js'

export type Method = 'ours' | 'bare' | 'added' | 'loop' | 'hnsw'
export interface DuplicatesFigures {
  seconds: number
  /** Share of the work that was done in time. */
  done: number
  found: number
}

/** As in the finder: papers farther apart than this share of the typical distance are different. */
const NEAR = 0.45
const NEIGHBOURS = 10
const ADDED = 100

/** Seconds without generating the library, and how many duplicates were found. */
async function run(method: Method, count: number, limitMs: number): Promise<DuplicatesFigures> {
  const { papers, vectors } = seededLibrary(count)
  let startedAt = performance.now()
  const isOver = () => performance.now() - startedAt > limitMs

  /** Compares every pair of rows. */
  function plainLoop() {
    const near = NEAR * typicalDistance(vectors, DIMENSION)
    let found = 0
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < a; b++) if (distanceOf(vectors, a, b, DIMENSION) <= near) found++
      if (isOver()) return { found, done: ((a + 1) * a) / (count * (count - 1)) }
    }
    return { found, done: 1 }
  }

  /** Indexes all vectors and searches the neighbours of each. */
  async function hnsw() {
    const near = NEAR * typicalDistance(vectors, DIMENSION)
    const index = new HNSW(16, 200, DIMENSION, 'euclidean')
    const row = (at: number) => vectors.subarray(at * DIMENSION, (at + 1) * DIMENSION)
    for (let at = 0; at < count; at++) {
      await index.addPoint(at, row(at))
      if (isOver()) return { found: 0, done: (at + 1) / (2 * count) }
    }
    let found = 0
    for (let at = 0; at < count; at++) {
      for (const { id } of index.searchKNN(row(at), NEIGHBOURS + 1))
        if (id < at && distanceOf(vectors, at, id, DIMENSION) <= near) found++
      if (isOver()) return { found, done: 0.5 + (at + 1) / (2 * count) }
    }
    return { found, done: 1 }
  }

  /** Adds the last hundred to all others. */
  async function added() {
    const before = count - ADDED
    const part = (first: number, end?: number) => ({
      vectors: { vectors: vectors.subarray(first * DIMENSION, end && end * DIMENSION), dimension: DIMENSION },
    })
    const finder = new DuplicateFinder()
    await finder.add(papers.slice(0, before), part(0, before))
    startedAt = performance.now()
    await finder.add(papers.slice(before), part(before))
    return { found: finder.result().counts.removable, done: 1 }
  }

  async function ours(withVectors: boolean) {
    const result = await findDuplicates(papers, withVectors ? { vectors: { vectors, dimension: DIMENSION } } : {})
    return { found: result.counts.removable, done: 1 }
  }

  const methods = { loop: async () => plainLoop(), hnsw, added, ours: () => ours(true), bare: () => ours(false) }
  const { found, done } = await methods[method]()
  return { seconds: (performance.now() - startedAt) / 1000, done, found }
}

const race = { run }
export type DuplicatesRace = typeof race
expose(race)
