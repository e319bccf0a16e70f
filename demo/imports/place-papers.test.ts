import { expect, test } from 'vitest'
import { placePapers } from './place-papers.js'

const library = (papers: { id: string; title: string; [field: string]: unknown }[]) => (id: string) =>
  papers.find((paper) => paper.id === id)

test('new papers keep their ids', () => {
  const placed = placePapers([{ id: 'a', title: 'On bees' }], library([]))
  expect(placed).toEqual({ papers: [{ id: 'a', title: 'On bees' }], added: 1, known: 0 })
})

test('the same record replaces the one in the library and takes over its labels and note', () => {
  const there = { id: 'a', title: 'On Bees.', year: 1999, labels: ['read'], note: 'good' }
  const { papers, known } = placePapers([{ id: 'a', title: 'On bees', year: 1999, abstract: 'New.' }], library([there]))
  expect(known).toBe(1)
  expect(papers).toEqual([{ id: 'a', title: 'On bees', year: 1999, abstract: 'New.', labels: ['read'], note: 'good' }])
})

test('another work with the same id gets a new id, and so does a second one', () => {
  const there = { id: 'smith2020', title: 'On bees', year: 2020 }
  const other = { id: 'smith2020', title: 'On ants', year: 2020 }
  const placed = placePapers([other, { ...other, title: 'On wasps' }], library([there]))
  expect(placed.papers.map(({ id }) => id)).toEqual(['smith2020~2', 'smith2020~3'])
  expect(placed).toMatchObject({ added: 2, known: 0 })
  // Imported again, it is known.
  const again = placePapers([other], library([there, ...placed.papers]))
  expect(again).toMatchObject({ added: 0, known: 1 })
})
