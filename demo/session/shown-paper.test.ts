import { expect, test } from 'vitest'
import { withMergedAnnotations } from './shown-paper.js'

test('a merged paper has the labels and notes of all that went into it', () => {
  const before = [
    { id: 'a', title: 'A', labels: ['x'], note: 'first' },
    { id: 'b', title: 'A', labels: ['x', 'y'], note: 'second' },
    { id: 'c', title: 'A' },
  ]
  const merged = { id: 'a', title: 'A', doi: '10.1/1', labels: ['x'], note: 'first' }
  const removed = [
    { id: 'b', keptId: 'a' },
    { id: 'c', keptId: 'a' },
  ]
  expect(withMergedAnnotations([merged], before, removed)).toEqual([{ ...merged, labels: ['x', 'y'], note: 'first\n\nsecond' }])
})
