import { expect, type Reference, readReference } from './site.js'

export const ADAPTERS = ['base', 'proximity', 'adhoc_query', 'classification', 'regression'] as const

interface TinyReference extends Reference {
  vectors: Record<'papers' | 'queries', Record<(typeof ADAPTERS)[number], number[][]>>
}

/** The fixture's texts with their vectors from the adapters library. */
export const tiny = readReference<TinyReference>('../testing/fixtures/specter2-tiny/reference.json')

/** Largest absolute difference of two components. NaN counts as infinitely far. */
export function largestDifference(a: readonly number[][], b: readonly number[][]): number {
  expect(a.map((row) => row.length)).toEqual(b.map((row) => row.length))
  const differences = a.flatMap((row, index) => row.map((value, column) => Math.abs(value - b[index]![column]!)))
  return Math.max(...differences.map((difference) => (Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)))
}
