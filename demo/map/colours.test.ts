import { expect, test } from 'vitest'
import { colourPapers } from './colours.js'
import type { MapPaper } from './map-source.js'

const papers: MapPaper[] = Array.from({ length: 110 }, (_, index) => ({
  id: `p${index}`,
  title: '',
  authors: '',
  year: index === 0 ? 1066 : index === 1 ? null : 1990 + (index % 30),
  venue: `venue ${Math.floor(Math.sqrt(index))}`,
  labels: index % 2 ? ['odd'] : [],
  terms: '',
}))
const clusters = { labels: papers.map((_, index) => (index % 4) - 1), names: ['one', 'two', 'three'] }

test('the seven most common categories have their own colours, and all others share one', () => {
  const { legend, colours } = colourPapers(papers, 'venue', clusters, 'light')
  expect(legend).toHaveLength(8)
  expect(legend.map(({ name }) => name).slice(0, 2)).toEqual(['venue 9', 'venue 8'])
  expect(legend.at(-1)).toMatchObject({ name: 'other or unknown', count: 110 - 10 - 19 - 17 - 15 - 13 - 11 - 9 })
  expect(new Set(legend.map(({ colour }) => colour.join())).size).toBe(8)
  expect([...colours.subarray(109 * 3)]).toEqual(legend.find(({ name }) => name === 'venue 10')!.colour)
  expect(legend.reduce((sum, { count }) => sum + count, 0)).toBe(110)
})

test('papers between clusters and papers without a label are counted', () => {
  expect(colourPapers(papers, 'cluster', clusters, 'light').legend.at(-1)!.name).toBe('between clusters')
  expect(colourPapers(papers, 'label', clusters, 'dark').legend.map(({ name, count }) => [name, count])).toEqual([
    ['odd', 55],
    ['other or none', 55],
  ])
})

test('each of many clusters has a colour, and none that of the papers between clusters', () => {
  const many = { labels: papers.map((_, index) => (index % 20) - 1), names: Array.from({ length: 19 }, (_, n) => `cluster ${n}`) }
  for (const theme of ['light', 'dark'] as const) {
    const { legend, entries, colours } = colourPapers(papers, 'cluster', many, theme)
    expect(new Set(legend.map(({ colour }) => colour.join())).size).toBe(20)
    expect(legend[entries[1]!]!.name).toBe('cluster 0')
    expect([...colours.subarray(0, 3)]).toEqual(legend.at(-1)!.colour)
  }
})

test('years are a scale that one misprint does not stretch', () => {
  const { sequence, colours, legend } = colourPapers(papers, 'year', clusters, 'light')
  expect(sequence).toMatchObject({ from: '1990', to: '2019' })
  expect([...colours.subarray(0, 3)]).toEqual([...colours.subarray(30 * 3, 31 * 3)])
  expect(legend).toMatchObject([{ name: 'year unknown', count: 1 }])
})
