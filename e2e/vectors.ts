import { expect, type Reference, readReference } from './site.js'

export const ADAPTERS = ['base', 'proximity', 'adhoc_query', 'classification', 'regression'] as const

/** The fixture's texts with their vectors by the adapters library. */
export const tiny = readReference<
  Reference & { vectors: Record<'papers' | 'queries', Record<(typeof ADAPTERS)[number], number[][]>> }
>('../testing/fixtures/specter2-tiny/reference.json')

/** Texts with their fp32 vectors of the default model, by sentence-transformers. */
export const minilm = readReference<
  Reference & {
    vectors: Record<'papers' | 'queries', number[][]>
    adapterVectors: { adhoc_query: Record<'papers' | 'queries', number[][]> }
  }
>('../testing/fixtures/minilm-reference.json')

/** The largest absolute difference of two components. NaN counts as infinitely large. */
export function largestDifference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  expect(a.map((row) => row.length)).toEqual(b.map((row) => row.length))
  const differences = a.flatMap((row, index) => row.map((value, column) => Math.abs(value - b[index]![column]!)))
  return Math.max(...differences.map((difference) => (Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)))
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, index) => sum + value * y[index]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

/** The rows of vectors that are stored one after another. */
export function rowsOf(vectors: readonly number[], dimension: number): number[][] {
  return Array.from({ length: vectors.length / dimension }, (_, row) => vectors.slice(row * dimension, (row + 1) * dimension))
}
