import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { never, recordOutput, temporaryFolder } from '../testing.js'
import { evaluateCommand } from './evaluate.js'

let folder: string

const lines = (records: readonly unknown[]) => records.map((record) => JSON.stringify(record)).join('\n')
/** 100 papers, of which ten are about ferns and included. */
const review = Array.from({ length: 100 }, (_, row) => ({
  id: String(row),
  title: row % 10 === 4 ? `Spores of ferns ${row}` : `Harbours and their tides ${row}`,
  abstract: null,
  included: row % 10 === 4,
}))

beforeAll(async () => {
  folder = await temporaryFolder()
  await mkdir(join(folder, 'reviews'))
  await writeFile(join(folder, 'reviews/ferns.jsonl'), lines(review))
  await writeFile(join(folder, 'reviews/other.jsonl'), lines([{ id: '1', title: 'Not screened' }]))
  await writeFile(join(folder, 'questions.json'), JSON.stringify({ ferns: 'How do ferns spread?' }))
})
afterAll(() => rm(folder, { recursive: true }))

async function evaluate(data: string, ...args: string[]): Promise<Record<string, unknown>[]> {
  const json = join(folder, 'rows.json')
  const given = ['--task', 'screening', '--data', join(folder, data), '--vectors', 'no', '--json', json]
  await evaluateCommand([...given, ...args], recordOutput().output, never)
  return JSON.parse(await readFile(json, 'utf8')).rows
}

test('a review is simulated from one paper of each kind, from its question and from nothing', async () => {
  const rows = await evaluate(
    'reviews',
    '--seeds',
    '2',
    '--questions',
    join(folder, 'questions.json'),
    '--start',
    'priors,question,random',
  )
  expect(rows.map(({ set, model, start }) => [set, model, start])).toEqual([
    ['ferns', 'words', 'priors'],
    ['ferns', 'words', 'question'],
    ['ferns', 'words', 'random'],
  ])
  const [priors, question, random] = rows
  // All ferns one after the other: eleven papers read with the excluded prior, of which the first ten hold nine.
  expect(priors).toMatchObject({ wss95: expect.closeTo(0.84, 12), recallAt10: 0.9, loss: 0, answers: 9 })
  expect(question).toMatchObject({ wss95: expect.closeTo(0.85, 12), recallAt10: 1, loss: 0, answers: 10 })
  expect(random!.wss95).toBeLessThan(0.85)
  expect(Object.keys(priors!)).toEqual([
    'set',
    'model',
    'start',
    'wss95',
    'recallAt10',
    'loss',
    'seconds',
    'answers',
    'msPerAnswer',
  ])
})

test.each([
  ['{"id":"1","title":"A","included":"perhaps"}', 1],
  ['{"id":"1","title":"A","included":1}\n{"id":"1","title":"B","included":0}', 2],
  ['{"id":"1","title":"A","included":1}\n{"id":"2","title":"B"}', 2],
  ['{"id":"1","title":"A","included":true}', undefined],
])('%j is refused', async (text, line) => {
  await mkdir(join(folder, 'bad'), { recursive: true })
  await writeFile(join(folder, 'bad/set.jsonl'), text)
  const error = await evaluate('bad').catch((reason) => reason)
  expect(error).toMatchObject({ code: 'DAMAGED_FILE' })
  expect(error.details.line).toBe(line)
})

test('a folder without a screened review is refused', async () => {
  await mkdir(join(folder, 'empty'))
  await expect(evaluate('empty')).rejects.toMatchObject({ code: 'DAMAGED_FILE', details: { folder: join(folder, 'empty') } })
})
