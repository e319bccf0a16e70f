import type { Metric } from '../types.js'
import { exactDistance } from './exact-distance.js'
import { pointOf } from './points.js'

/** Likeness from which papers are alike, rather than like any other paper. */
export const ALIKE = 0.5

/** Chosen on SciFact and Cranfield: see docs/decisions/likeness.md. */
const FLOOR_SHARE = 0.6

/** Least distance of a floor from 0, and of a ceiling from its floor: of a model that does not tell related texts from others. */
const LEAST_RANGE = 0.01

/** Where on a model's scale of nearness papers begin to be alike, and where they are as alike as can be expected. */
export interface LikenessRange {
  /** Nearness from which papers are alike: the share, 0 … 1, by which a squared distance is below the expected one. */
  floor: number
  /** Nearness from which likeness is 1. */
  ceiling: number
}

/**
 * What turns a model's distances into likeness, measured once for each model: its distances mean nothing by themselves, and unrelated
 * papers may be near by one model's and far by another's.
 */
export interface LikenessScale {
  /** Adapters of the papers' and of the queries' vectors. */
  adapters: { paper: string; query: string }
  /** Mean of the points of papers of many fields, [dimension]. */
  mean: readonly number[]
  /** Mean of their squared lengths. */
  square: number
  /** From a query to a paper. */
  query: LikenessRange
  /** From a paper to another one. */
  paper: LikenessRange
}

/** A scale for one vector: its expected squared distance from a paper of any field. */
export interface VectorScale extends LikenessRange {
  expected: number
  metric: Metric
}

/** Vectors of texts whose relation is known, each [texts][dimension]. */
export interface LikenessProbes {
  /** Papers of many fields. */
  papers: readonly Float32Array[]
  /** Their titles, as queries. */
  titles: readonly Float32Array[]
  /** Their abstracts alone; `null` for a paper without one. */
  abstracts: readonly (Float32Array | null)[]
  /** Both halves of their abstracts. */
  halves: readonly (readonly [Float32Array, Float32Array] | null)[]
}

/**
 * Measures a scale. Related are a title and its abstract, and the halves of an abstract; unrelated, a title or paper and the other papers.
 * From the mean of unrelated pairs to the median of related ones, the floor lies at {@link FLOOR_SHARE}; the ceiling lies at the best
 * twentieth of the related ones.
 */
export function measureLikeness(probes: LikenessProbes, metric: Metric, adapters: LikenessScale['adapters']): LikenessScale {
  const { papers, titles, abstracts, halves } = probes
  const points = papers.flatMap((vector) => pointOf(vector, metric) ?? [])
  const mean = Array.from(papers[0]!, (_, column) => average(points.map((point) => point[column]!)))
  const base = { adapters, mean, square: average(points.map(squaredLength)) }
  const nearnessOf = (from: Float32Array, to: Float32Array) => {
    const scale = scaleFor(from, { ...base, query: NO_RANGE, paper: NO_RANGE }, 'query', metric)
    return nearness(exactDistance(from, metric)(to, 0), scale)
  }
  const unrelated = (from: readonly Float32Array[]) =>
    from.flatMap((vector, index) => papers.flatMap((paper, other) => (other === index ? [] : nearnessOf(vector, paper))))
  const range = (related: readonly number[], others: readonly number[]): LikenessRange => {
    const sorted = related.toSorted((a, b) => a - b)
    const median = sorted[sorted.length >> 1]!
    const mean = average(others)
    const floor = Math.max(LEAST_RANGE, mean + FLOOR_SHARE * (median - mean))
    return { floor, ceiling: Math.max(floor + LEAST_RANGE, sorted[Math.floor(sorted.length * 0.95)]!) }
  }
  const ownAbstracts = titles.flatMap((title, index) => (abstracts[index] ? nearnessOf(title, abstracts[index]) : []))
  const ownHalves = halves.flatMap((pair) => (pair ? nearnessOf(...pair) : []))
  return { ...base, query: range(ownAbstracts, unrelated(titles)), paper: range(ownHalves, unrelated(papers)) }
}

/** The scale of distances from one vector. @param vector [dimension]; borrowed. */
export function scaleFor(
  vector: Float32Array,
  { mean, square, ...ranges }: LikenessScale,
  kind: 'query' | 'paper',
  metric: Metric,
): VectorScale {
  const point = pointOf(vector, metric) ?? new Float64Array(vector.length)
  const dot = point.reduce((sum, value, column) => sum + value * mean[column]!, 0)
  return { ...ranges[kind], metric, expected: squaredLength(point) - 2 * dot + square }
}

/**
 * Likeness, 0 … 1: 0 as far as a paper of any field is expected to be, {@link ALIKE} where papers begin to be alike, 1 from the ceiling
 * on. It falls as the distance grows.
 */
export function likenessOf(distance: number, scale: VectorScale): number {
  const near = nearness(distance, scale)
  const { floor, ceiling } = scale
  if (Number.isNaN(near) || near <= 0) return 0
  return near < floor ? (ALIKE * near) / floor : Math.min(1, ALIKE + ((1 - ALIKE) * (near - floor)) / (ceiling - floor))
}

/** The share of the expected squared distance by which a vector is nearer: 0 as expected, 1 the same point. */
function nearness(distance: number, { expected, metric }: Pick<VectorScale, 'expected' | 'metric'>): number {
  return 1 - (metric === 'cosine' ? 2 * distance : distance ** 2) / expected
}

const NO_RANGE: LikenessRange = { floor: 0, ceiling: 1 }
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
const squaredLength = (point: Float64Array) => point.reduce((sum, value) => sum + value * value, 0)
