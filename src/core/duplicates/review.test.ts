import { describe, expect, test } from 'vitest'
import { Specter2Error } from '../errors.js'
import type { PairEvidence } from './evidence.js'
import type { DuplicateResult } from './group-duplicates.js'
import { addStep, choicesFor, decisionsOf, emptyReview, parseReview, type ReviewStep, reviewQueue, undoStep } from './review.js'

const pair = (a: string, b: string, confidence: number) => ({ a, b, confidence, veto: null }) as PairEvidence
const review = (...steps: ReviewStep[]) => steps.reduce(addStep, emptyReview)
const decide = (a: string, b: string, verdict: 'same' | 'different' | 'later'): ReviewStep => ({
  type: 'decide',
  pairs: [[a, b]],
  verdict,
})

const result = {
  groups: [{ ids: ['a', 'b', 'c'], confidence: 0.8, pairs: [pair('a', 'b', 0.999), pair('b', 'c', 0.8)] }],
  doubtful: [pair('d', 'e', 0.52), pair('f', 'g', 0.1)],
  versions: [pair('h', 'i', 0.02)],
} as unknown as DuplicateResult

describe('reviewQueue', () => {
  const asked = (state = emptyReview) => reviewQueue(result, state).map(({ a, b }) => a + b)

  test('has the most doubtful pairs first, and no certain ones', () => {
    expect(asked()).toEqual(['de', 'bc', 'fg', 'hi'])
  })

  test('leaves out decided pairs, in either order, and has postponed ones last', () => {
    expect(asked(review(decide('e', 'd', 'different'), decide('b', 'c', 'later')))).toEqual(['fg', 'hi', 'bc'])
    expect(asked(review(decide('d', 'e', 'same'), decide('d', 'e', 'later')))).toEqual(['bc', 'fg', 'hi', 'de'])
  })
})

describe('a review', () => {
  test('gives the finder the last verdict on each pair, latest last, unless it was postponed', () => {
    const state = review(
      decide('b', 'a', 'same'),
      decide('c', 'd', 'different'),
      decide('e', 'f', 'later'),
      decide('a', 'b', 'different'),
    )
    expect(decisionsOf(state)).toEqual([
      { a: 'c', b: 'd', verdict: 'different' },
      { a: 'a', b: 'b', verdict: 'different' },
    ])
  })

  test('is undone step by step, and steps do not change earlier states', () => {
    const one = addStep(emptyReview, {
      type: 'decide',
      pairs: [
        ['a', 'b'],
        ['a', 'c'],
      ],
      verdict: 'same',
    })
    const two = addStep(one, decide('a', 'b', 'different'))
    expect(decisionsOf(two)).toHaveLength(2)
    expect(undoStep(two)).toEqual(one)
    expect(decisionsOf(undoStep(undoStep(two)))).toEqual([])
    expect(undoStep(emptyReview)).toEqual(emptyReview)
    expect(one.steps).toHaveLength(1)
  })

  test('has choices for merging by paper, so that they remain valid when a group grows', () => {
    const state = review(
      { type: 'keep', id: 'a' },
      { type: 'field', field: 'year', id: 'b' },
      { type: 'keep', id: 'c' },
      { type: 'keep', id: 'x' },
    )
    expect(choicesFor(state, ['a', 'b', 'c', 'd'])).toEqual({ keeper: 'c', fields: { year: 'b' } })
    expect(choicesFor(undoStep(undoStep(state)), ['a', 'b'])).toEqual({ keeper: 'a', fields: { year: 'b' } })
  })

  test('survives JSON, and anything else is refused', () => {
    const state = review(decide('a', 'b', 'later'), { type: 'keep', id: 'a' }, { type: 'field', field: 'doi', id: 'b' })
    expect(parseReview(JSON.stringify(state))).toEqual(state)
    for (const wrong of [
      '',
      '[]',
      'null',
      '{"format":2,"steps":[]}',
      '{"format":1}',
      '{"format":1,"steps":[null]}',
      '{"format":1,"steps":[{"type":"decide","pairs":[["a"]],"verdict":"same"}]}',
      '{"format":1,"steps":[{"type":"decide","pairs":[["a","b"]],"verdict":"maybe"}]}',
      '{"format":1,"steps":[{"type":"field","field":"__proto__","id":"a"}]}',
    ])
      expect(() => parseReview(wrong)).toThrow(Specter2Error)
  })
})
