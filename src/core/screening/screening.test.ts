import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import { createScreening, type Screening, type ScreeningOptions } from './screening.js'
import { parseScreeningLog, type ScreeningAnswer } from './screening-log.js'

/** 60 papers, of which every sixth is about ferns: its words and its vector say so. */
const COUNT = 60
const isFern = (row: number) => row % 6 === 3
const papers = Array.from({ length: COUNT }, (_, row) => ({
  id: `p${row}`,
  title: isFern(row) ? `Spores of ferns, part ${row}` : `Harbours and their tides, part ${row}`,
  abstract: `Common words of every abstract ${row % 7}`,
}))
const vectors = Float32Array.from({ length: COUNT * 3 }, (_, at) => {
  const row = Math.floor(at / 3)
  return at % 3 === 2 ? 0.1 * (row % 5) : at % 3 === Number(isFern(row)) ? 1 : 0.2
})
const truth = (id: string): ScreeningAnswer => (isFern(Number(id.slice(1))) ? 'include' : 'exclude')

const fieldOf = (call: () => unknown) => {
  try {
    call()
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.field
    throw error
  }
  return undefined
}

/** Screens so many papers as the truth says. */
function screen(screening: Screening, count: number): string[] {
  const seen: string[] = []
  for (let turn = 0; turn < count; turn++) {
    const [id] = screening.next()
    if (id === undefined) break
    seen.push(id)
    screening.answer(id, truth(id))
  }
  return seen
}

const WAYS: readonly (readonly [name: string, options: Partial<ScreeningOptions>])[] = [
  ['words', {}],
  ['vectors', { papers: papers.map(({ id }) => ({ id, title: '' })), vectors }],
  ['both', { vectors }],
]

describe.each(WAYS)('by %s', (_, options) => {
  const start = (more: Partial<ScreeningOptions> = {}) => createScreening({ papers, ...options, ...more })

  test('papers like the included one come first', () => {
    const screening = start()
    screening.answer('p3', 'include')
    screening.answer('p0', 'exclude')
    expect(screening.next(9).every((id) => truth(id) === 'include')).toBe(true)
    expect(screening.next(COUNT)).toHaveLength(COUNT - 2)
  })

  test('one class alone ranks too', () => {
    const included = start()
    included.answer('p3', 'include')
    expect(included.next(9).every((id) => truth(id) === 'include')).toBe(true)
    const excluded = start()
    for (const id of ['p0', 'p1', 'p2', 'p4', 'p5']) excluded.answer(id, 'exclude')
    expect(excluded.next(10).every((id) => truth(id) === 'include')).toBe(true)
  })

  test('a seed gives one order, and another seed another', () => {
    expect(start({ seed: 7 }).next(COUNT)).toEqual(start({ seed: 7 }).next(COUNT))
    expect(start({ seed: 7 }).next(COUNT)).not.toEqual(start({ seed: 8 }).next(COUNT))
    expect(screen(start({ seed: 7 }), 30)).toEqual(screen(start({ seed: 7 }), 30))
  })

  test('a screening resumed from its log goes on as one that was not interrupted', () => {
    const whole = screen(start({ seed: 3 }), COUNT)
    const first = start({ seed: 3 })
    const before = screen(first, 17)
    const resumed = start({ log: parseScreeningLog(JSON.stringify(first)) })
    expect([...before, ...screen(resumed, COUNT)]).toEqual(whole)
    expect(whole).toHaveLength(COUNT)
  })

  test('undo restores ranking, progress and log', () => {
    const screening = start({ seed: 1 })
    screen(screening, 12)
    const state = () => [screening.next(COUNT), screening.progress, screening.stopping(), screening.toJSON()]
    const before = state()
    const [id = ''] = screening.next()
    for (const answer of ['include', 'exclude', 'maybe', 'skip'] as const) screening.answer(id, answer, 'a reason')
    screening.answer('p59', 'exclude')
    expect(state()).not.toEqual(before)
    for (let step = 0; step < 5; step++) screening.undo()
    expect(state()).toEqual(before)
  })
})

test('a question ranks before any answer, by its words or its vector', () => {
  const byWords = createScreening({ papers, question: 'How do ferns spread their spores?' })
  expect(byWords.next(10).every((id) => truth(id) === 'include')).toBe(true)
  const untitled = papers.map(({ id }) => ({ id, title: '' }))
  const byVector = createScreening({ papers: untitled, vectors, question: 'How?', questionVector: Float32Array.of(0, 1, 0.2) })
  expect(byVector.next(10).every((id) => truth(id) === 'include')).toBe(true)
})

test('skipped papers come last and count as screened when they are', () => {
  const screening = createScreening({ papers })
  const [skipped = ''] = screening.next()
  screening.answer(skipped, 'skip')
  expect(screening.progress).toMatchObject({ screened: 0, skipped: 1 })
  const rest = screen(screening, COUNT)
  expect(rest.at(-1)).toBe(skipped)
  expect(screening.progress).toMatchObject({ papers: COUNT, screened: COUNT, included: 10, excluded: 50, skipped: 0 })
  expect(screening.next()).toEqual([])
})

test('papers come as they are given, if that is asked for', () => {
  const screening = createScreening({ papers, vectors })
  screening.answer('p1', 'exclude')
  expect(screening.next(3, 'given')).toEqual(['p0', 'p2', 'p3'])
})

test('progress has the curve, and a maybe on it', () => {
  const screening = createScreening({ papers })
  const answers: ScreeningAnswer[] = ['exclude', 'include', 'exclude', 'maybe', 'exclude', 'exclude']
  for (const [row, answer] of answers.entries()) screening.answer(`p${row}`, answer)
  expect(screening.progress).toEqual({
    papers: COUNT,
    screened: 6,
    included: 1,
    excluded: 4,
    maybe: 1,
    skipped: 0,
    sinceLastInclusion: 2,
    foundAt: [2, 4],
    missing: 0,
  })
  screening.answer('p3', 'exclude', 'wrong design')
  expect(screening.progress).toMatchObject({ screened: 6, excluded: 5, maybe: 0, sinceLastInclusion: 4, foundAt: [2] })
  expect(screening.answerOf('p3')).toEqual({ id: 'p3', answer: 'exclude', reason: 'wrong design' })
})

test('answers on papers that are gone stay in the log and do not count', () => {
  const before = createScreening({ papers })
  before.answer('p3', 'include')
  before.answer('p0', 'exclude')
  const after = createScreening({ papers: papers.slice(1), log: before.toJSON() })
  expect(after.progress).toMatchObject({ papers: COUNT - 1, screened: 1, included: 1, missing: 1 })
  expect(after.toJSON()).toEqual(before.toJSON())
  expect(after.stopping()).toEqual(
    createScreening({
      papers: papers.slice(1),
      log: { ...before.toJSON(), steps: [{ id: 'p3', answer: 'include' }] },
    }).stopping(),
  )
})

test('papers without any text keep their places by seed', () => {
  const empty = papers.map(({ id }) => ({ id, title: '', abstract: null }))
  const screening = createScreening({ papers: empty, seed: 5 })
  screening.answer('p3', 'include')
  screening.answer('p4', 'exclude')
  expect(new Set(screening.next(COUNT)).size).toBe(COUNT - 2)
  expect(createScreening({ papers: [] }).next()).toEqual([])
  expect(createScreening({ papers: [] }).progress).toMatchObject({ papers: 0, screened: 0, foundAt: [] })
})

test.each<[field: string, options: ScreeningOptions]>([
  [
    'papers[1].id',
    {
      papers: [
        { id: 'a', title: '' },
        { id: 'a', title: '' },
      ],
    },
  ],
  ['papers[0].id', { papers: [{ id: '', title: '' }] }],
  ['options.vectors.length', { papers, vectors: new Float32Array(COUNT * 3 + 1) }],
  ['options.vectors.length', { papers, vectors: new Float32Array(0) }],
  ['options.vectors[4]', { papers, vectors: new Float32Array(COUNT).fill(NaN, 4) }],
  ['options.questionVector.length', { papers, questionVector: new Float32Array(3) }],
  ['options.questionVector.length', { papers, vectors, questionVector: new Float32Array(2) }],
  ['options.seed', { papers, seed: 0.5 }],
])('%s is refused if it does not fit', (field, options) => {
  expect(fieldOf(() => createScreening(options))).toBe(field)
})

test('an answer must be one, on a paper that is there', () => {
  const screening = createScreening({ papers })
  expect(fieldOf(() => screening.answer('p99', 'include'))).toBe('id')
  expect(fieldOf(() => screening.answer('p1', 'yes' as ScreeningAnswer))).toBe('answer')
  expect(screening.undo()).toBeUndefined()
  expect(screening.toJSON().steps).toEqual([])
})

test.each([
  ['', ''],
  ['null', 'log'],
  ['{"format":2}', 'log.format'],
  ['{"format":1,"seed":0,"question":"","steps":[{"id":"a","answer":"yes"}]}', 'log.steps[0].answer'],
  ['{"format":1,"seed":0,"question":"","steps":[{"id":7,"answer":"skip"}]}', 'log.steps[0].id'],
])('%j is no log', (json, field) => {
  expect(() => parseScreeningLog(json)).toThrow(expect.objectContaining({ code: 'DAMAGED_FILE', details: { field } }))
})
