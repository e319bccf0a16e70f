import { expect, test } from 'vitest'
import { matchPapers } from './match-papers.js'
import { cutAtWords, ownWords } from './own-words.js'
import {
  type Answer,
  answersIn,
  answersOf,
  countsOfAnswers,
  isLogEntry,
  type LogEntry,
  lastAnswer,
  NO_SETTINGS,
  ownAnswers,
  readSettings,
} from './screening-log.js'

const answer = (id: string, paper: string, verdict: Answer['verdict'], reason?: string): Answer => ({
  id,
  at: 0,
  paper,
  verdict,
  ...(reason !== undefined && { reason }),
})

test('the log says what holds: later answers replace earlier ones, and an undo brings the earlier one back', () => {
  const log: LogEntry[] = [
    answer('1', 'a', 'include'),
    answer('2', 'b', 'exclude', 'no trial'),
    answer('3', 'a', 'exclude'),
    answer('4', 'c', 'skip'),
  ]
  expect([...answersOf(log).values()].map(({ paper, verdict }) => [paper, verdict])).toEqual([
    ['a', 'exclude'],
    ['b', 'exclude'],
    ['c', 'skip'],
  ])
  expect(countsOfAnswers(answersOf(log), 5)).toEqual({
    papers: 5,
    screened: 2,
    include: 0,
    exclude: 2,
    maybe: 0,
    skipped: 1,
    ranked: 0,
    sinceInclusion: 2,
    reasons: [
      ['no trial', 1],
      ['', 1],
    ],
  })
  const undone: LogEntry[] = [...log, { id: '5', at: 0, undo: '4' }, { id: '6', at: 0, undo: '3' }]
  expect(answersOf(undone).get('a')?.verdict).toBe('include')
  expect(answersOf(undone).has('c')).toBe(false)
  expect(lastAnswer(undone)?.id).toBe('2')
  expect(countsOfAnswers(answersOf(undone), 5)).toMatchObject({ screened: 2, include: 1, sinceInclusion: 1 })
})

test('what a library file has in place of a log or of settings is left out', () => {
  const right = answer('1', 'a', 'include')
  const wrong = [
    null,
    [],
    'x',
    { ...right, at: 1e20 },
    { ...right, verdict: 'constructor' },
    { ...right, reason: 7 },
    { ...right, paper: null },
  ]
  expect([...wrong, right, { id: '2', at: 0, undo: '1' }].filter(isLogEntry)).toHaveLength(2)
  const read = readSettings({ question: 7, reasons: ['a', 1], order: 'x', reviewer: 'Ada', seed: 1.5, more: 1 })
  expect(read).toEqual({ ...NO_SETTINGS, reasons: ['a'], reviewer: 'Ada' })
  expect(readSettings('x')).toBeNull()
})

test('what was settled with another reviewer is no answer of one’s own', () => {
  const log = [answer('1', 'a', 'include'), { ...answer('2', 'a', 'exclude'), by: 'agreed by both' }]
  expect(answersOf(log).get('a')?.verdict).toBe('exclude')
  expect(ownAnswers(log).get('a')?.verdict).toBe('include')
})

test('a paper that stayed of duplicates has their answer unless it has its own', () => {
  const answers = answersOf([answer('1', 'gone', 'include'), answer('2', 'old', 'include'), answer('3', 'kept', 'exclude')])
  const keptId = (id: string) => ({ gone: 'between', between: 'heir', old: 'kept' })[id]
  const inside = answersIn(answers, (id) => ['heir', 'kept'].includes(id), keptId)
  expect([...inside].map(([id, { paper, verdict }]) => [id, paper, verdict])).toEqual([
    ['kept', 'kept', 'exclude'],
    ['heir', 'heir', 'include'],
  ])
})

test('own words are marked whole, in the plural, by their beginning and as phrases; nothing else changes', () => {
  const text = 'Randomised trials (a trial of mice-models), trialled in "Control groups"'
  const pieces = cutAtWords(text, ownWords('random*, trial; control group'), ownWords('mice\nC++'))
  expect(pieces.map((piece) => piece.text).join('')).toBe(text)
  expect(pieces.filter(({ kind }) => kind === 'for').map((piece) => piece.text)).toEqual([
    'Randomised',
    'trials',
    'trial',
    'Control groups',
  ])
  expect(pieces.filter(({ kind }) => kind === 'against').map((piece) => piece.text)).toEqual(['mice'])
  expect([ownWords(''), ownWords(' , ;')]).toEqual([null, null])
})

test('papers of another library are matched by id, DOI or title, but never by chance', () => {
  const own = [
    { id: '1', title: 'Sleep and memory in mice', year: 2001 },
    { id: '2', title: 'Editorial', year: 2001 },
    { id: '3', title: 'Bread prices in Paris', doi: '10.1/x' },
    { id: '4', title: 'Twice the same title', year: 1990 },
    { id: '5', title: 'Twice the same title', year: 1990 },
  ]
  const other = [
    { id: '1', title: 'Another work altogether' },
    { id: 'x', title: 'Sleep and Memory in Mice.', year: 2001 },
    { id: 'y', title: 'Editorial', year: 2001 },
    { id: 'z', title: 'Prices', doi: '10.1/X' },
    { id: 'w', title: 'Twice the same title', year: 1990 },
    { id: '4', title: 'Twice the same title', year: 1990 },
  ]
  expect([...matchPapers(own, other)]).toEqual([
    ['x', '1'],
    ['z', '3'],
    ['4', '4'],
  ])
})
