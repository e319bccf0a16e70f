import { expect, test } from 'vitest'
import { compareReviewers } from './compare-reviewers.js'
import type { ScreeningAnswer, ScreeningLog } from './screening-log.js'

const logOf = (answers: Record<string, ScreeningAnswer>): ScreeningLog => ({
  format: 1,
  seed: 0,
  question: '',
  steps: Object.entries(answers).map(([id, answer]) => ({ id, answer })),
})

/** Logs of two reviewers who keep so many papers both, only the first, only the second, and neither. */
function table(both: number, first: number, second: number, neither: number): [ScreeningLog, ScreeningLog] {
  const total = both + first + second + neither
  const answers = (keeps: (at: number) => boolean) =>
    logOf(Object.fromEntries(Array.from({ length: total }, (_, at) => [`p${at}`, keeps(at) ? 'include' : 'exclude'])))
  return [answers((at) => at < both + first), answers((at) => at < both || (at >= both + first && at < both + first + second))]
}

test("kappa is Cohen's", () => {
  // 20, 5, 10, 15 of 50: agreement .7, chance .5.
  expect(compareReviewers(...table(20, 5, 10, 15))).toMatchObject({ agreement: 0.7, kappa: expect.closeTo(0.4, 12) })
  expect(compareReviewers(...table(4, 0, 0, 9)).kappa).toBe(1)
  expect(compareReviewers(...table(0, 5, 5, 0)).kappa).toBe(-1)
  expect(compareReviewers(...table(5, 0, 0, 0)).kappa).toBeNull()
  expect(compareReviewers(...table(0, 0, 0, 0))).toMatchObject({ agreement: null, kappa: null })
})

test('conflicts, and papers of one reviewer, are listed; a maybe keeps a paper and a skip is no answer', () => {
  const first = logOf({ a: 'include', b: 'maybe', c: 'exclude', d: 'include', e: 'skip', f: 'exclude' })
  const second = logOf({ f: 'exclude', d: 'exclude', a: 'maybe', b: 'exclude', c: 'skip', e: 'include' })
  const { agreed, conflicts, onlyFirst, onlySecond } = compareReviewers(first, second)
  expect(agreed.map(({ id }) => id)).toEqual(['a', 'f'])
  expect(conflicts).toEqual([
    { id: 'b', first: { id: 'b', answer: 'maybe' }, second: { id: 'b', answer: 'exclude' } },
    { id: 'd', first: { id: 'd', answer: 'include' }, second: { id: 'd', answer: 'exclude' } },
  ])
  expect(onlyFirst).toEqual([{ id: 'c', answer: 'exclude' }])
  expect(onlySecond).toEqual([{ id: 'e', answer: 'include' }])
})

test('the last answer counts', () => {
  const first = logOf({ a: 'include' })
  const changed = { ...first, steps: [...first.steps, { id: 'a', answer: 'exclude' as const }] }
  expect(compareReviewers(changed, first).conflicts).toHaveLength(1)
})
