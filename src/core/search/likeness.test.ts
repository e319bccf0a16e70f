import { describe, expect, test } from 'vitest'
import { ALIKE, likenessOf, measureLikeness, scaleFor } from './likeness.js'

/** Texts on random topics: papers near their topic, queries and abstracts near their paper, all of them away from the origin. */
function probes(dimension: number, offset: number) {
  let seed = 7
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647 - 0.5
  }
  const topics = Array.from({ length: 20 }, () => Array.from({ length: dimension }, random))
  const near = (topic: number[], spread: number) => Float32Array.from(topic, (value) => offset + value + spread * random())
  const papers = topics.map((topic) => near(topic, 0.2))
  const abstracts = topics.map((topic) => near(topic, 0.3))
  return {
    papers,
    abstracts,
    titles: topics.map((topic) => near(topic, 0.5)),
    halves: topics.map((topic): [Float32Array, Float32Array] => [near(topic, 0.5), near(topic, 0.5)]),
  }
}

const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, column) => value - b[column]!))
const cosineDistance = (a: Float32Array, b: Float32Array) => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, column) => sum + value * y[column]!, 0)
  return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

describe.each([
  ['euclidean', distance],
  ['cosine', cosineDistance],
] as const)('likeness by %s distances', (metric, distanceOf) => {
  // With an offset all raw distances and cosines are alike, as those of SPECTER2 are.
  test.each([0, 0.8])('parts a title and its paper from other papers, wherever the vectors lie (offset %d)', (offset) => {
    const texts = probes(384, offset)
    const scale = measureLikeness(texts, metric, { paper: 'base', query: 'base' })
    for (const [index, title] of texts.titles.entries()) {
      const own = scaleFor(title, scale, 'query', metric)
      for (const [other, paper] of texts.papers.entries()) {
        const likeness = likenessOf(distanceOf(title, paper), own)
        if (other === index) expect(likeness).toBeGreaterThan(ALIKE)
        else expect(likeness).toBeLessThan(ALIKE)
      }
    }
  })

  test('falls with the distance, from 1 at the same place to 0', () => {
    const texts = probes(384, 0.3)
    const scale = measureLikeness(texts, metric, { paper: 'base', query: 'base' })
    const own = scaleFor(texts.papers[0]!, scale, 'paper', metric)
    const values = Array.from({ length: 50 }, (_, step) => likenessOf(step / 3, own))
    expect(values[0]).toBe(1)
    expect(values.at(-1)).toBe(0)
    expect(values).toEqual(values.toSorted((a, b) => b - a))
  })
})
