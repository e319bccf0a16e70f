import { expect, test } from 'vitest'
import type { PaperRecord } from '../../src/index.js'
import { byPlace, placePapers } from '../imports/place-papers.js'
import { countsOf, type HistoryAction, type HistoryEntry, overlapsOf, replay, sourceRows } from './history.js'
import { contentKey, fileKey, recordKey } from './record-keys.js'
import { restoredPapers } from './restore.js'

const entries = (...actions: HistoryAction[]): HistoryEntry[] =>
  actions.map((action, index) => ({ ...action, id: `e${index}`, at: 1000 * index }))

const imported = (
  source: string,
  added: number,
  more: Partial<Extract<HistoryAction, { kind: 'import' }>> = {},
): HistoryAction => ({
  kind: 'import',
  source,
  files: [`${source}.ris`],
  fileKey: 0,
  format: 'ris',
  read: added,
  leftOut: 0,
  known: 0,
  merged: 0,
  removed: 0,
  added,
  restored: [],
  ...more,
})

const method = { preset: 'balanced', model: null, version: '1.0.0' } as const

const merged = (...pairs: [id: string, source: string, keptId: string, byHand?: boolean][]): HistoryAction => ({
  kind: 'merge',
  ...method,
  removed: pairs.map(([id, source, keptId, byHand = false]) => ({ id, source, key: 0, keptId, byHand })),
  kept: [],
  bytes: 0,
})

const judged = { same: 1, different: 0 }

test('counts are the same before and after a merge, and the library has as many papers as remain', () => {
  const before = entries(imported('PubMed', 10), imported('Embase', 8))
  const found = [{ byHand: false }, { byHand: true }]
  const counts = countsOf(before, found, judged)
  expect(counts).toMatchObject({ total: 18, duplicates: 2, byHand: 1, removed: 0, screened: 16, judged })
  const after = entries(
    imported('PubMed', 10),
    imported('Embase', 8),
    merged(['b1', 'Embase', 'a1'], ['b2', 'Embase', 'a2', true]),
  )
  expect(countsOf(after, [], judged)).toEqual(counts)
})

test('a removal counts apart, and undoing brings back the counts', () => {
  const removal: HistoryAction = { kind: 'removal', removed: [{ id: 'a3', source: 'PubMed', key: 0 }], bytes: 10 }
  const before = entries(imported('PubMed', 10), merged(['a2', 'PubMed', 'a1']), removal)
  expect(countsOf(before, [], judged)).toMatchObject({ total: 10, duplicates: 1, removed: 1, screened: 8 })
  const undone = [...before, { kind: 'undo', of: 'e1', restored: ['a2'], id: 'e3', at: 9 } as const]
  expect(countsOf(undone, [], judged)).toMatchObject({ total: 10, duplicates: 0, removed: 1, screened: 9 })
})

test('the same file again identifies nothing new, unless merged records are brought back', () => {
  const all = entries(
    imported('PubMed', 10),
    merged(['a2', 'PubMed', 'a1']),
    imported('PubMed', 0, { read: 10, known: 9, merged: 1 }),
  )
  expect(countsOf(all, [], judged)).toMatchObject({ total: 10, duplicates: 1, screened: 9 })
  expect(sourceRows(all)).toMatchObject([{ source: 'PubMed', read: 20, known: 9, merged: 1, added: 10, imported: [0, 2000] }])
  const back = [...all, ...entries(imported('PubMed', 0, { read: 10, known: 9, restored: ['a2'] }))]
  expect(countsOf(back, [], judged)).toMatchObject({ total: 10, duplicates: 0, screened: 10 })
})

test('works in two sources are counted by what was merged, also in two steps', () => {
  const all = entries(merged(['b1', 'Embase', 'a1']), merged(['a1', 'PubMed', 'c1']), merged(['b2', 'Embase', 'b3']))
  const sources: Record<string, string> = { c1: 'Scopus', b3: 'Embase', a9: 'PubMed', b9: 'Embase' }
  expect(overlapsOf(replay(all), [{ ids: ['a9', 'b9'] }], (id) => sources[id] ?? null)).toEqual([
    { a: 'Embase', b: 'PubMed', works: 2 },
    { a: 'Embase', b: 'Scopus', works: 1 },
    { a: 'PubMed', b: 'Scopus', works: 1 },
  ])
})

const record = (id: string, file: string, more: Partial<PaperRecord> = {}): PaperRecord => ({
  id,
  title: 'On bees',
  year: 1999,
  source: { file, record: 1 },
  ...more,
})

const place = async (...given: Parameters<typeof placePapers>) => byPlace(await placePapers(...given))

test('the same record of the same source is known; that of another source is new, under an id of its own', async () => {
  const there = record('a', 'PubMed', { labels: ['read'] })
  const placed = await place([record('a', 'PubMed', { title: 'On Bees.' }), record('a', 'Embase')], [there], [])
  expect(placed).toMatchObject({ known: [{ id: 'a' }], added: [{ id: 'a~2' }], merged: [], removed: [] })
  // Imported again, in another order: both are known.
  const again = await place([record('a', 'Embase'), record('a~2', 'PubMed')], [there, ...placed.added], [])
  expect(again.known.map(({ id }) => id)).toEqual(['a~2', 'a'])
})

test('another work with the same id gets a new id, and so does a second one', async () => {
  const there = record('smith2020', 'x.bib')
  const others = ['On ants', 'On wasps'].map((title) => record('smith2020', 'x.bib', { title }))
  const placed = await place(others, [there], [])
  expect(placed.added.map(({ id }) => id)).toEqual(['smith2020~2', 'smith2020~3'])
})

test('a record that was edited is known by what its file said', async () => {
  const there = record('a', 'PubMed', { title: 'On wild bees', original: { title: 'On bees' } })
  expect((await place([record('a', 'PubMed')], [there], [])).known).toHaveLength(1)
})

test('records that were merged or removed are known, as is a paper whose title came from another in a merge', async () => {
  const [gone, kept, out] = [record('b', 'Embase'), record('a', 'PubMed'), record('c', 'PubMed', { title: 'On wasps' })]
  const key = (paper: PaperRecord) => ({ id: paper.id, key: recordKey(paper) })
  const history = entries(
    {
      ...merged(),
      kind: 'merge',
      ...method,
      bytes: 0,
      kept: [key(kept)],
      removed: [{ ...key(gone), source: 'Embase', keptId: 'a' }],
    },
    { kind: 'removal', removed: [{ ...key(out), source: 'PubMed' }], bytes: 0 },
  )
  const library = [record('a', 'PubMed', { title: 'On bees in spring' })]
  const placed = await place([gone, kept, out], library, history)
  expect(placed).toMatchObject({ merged: [{ id: 'b' }], known: [{ id: 'a' }], removed: [{ id: 'c' }], added: [] })
})

test('records without keys are known when their file has another name', async () => {
  const there = record('old.csv#1', 'Scopus')
  const now = record('new.csv#1', 'Scopus')
  expect((await place([now], [there], [])).known.map(({ id }) => id)).toEqual(['old.csv#1'])
  expect(fileKey([contentKey(there)])).toBe(fileKey([contentKey(now)]))
  expect(contentKey(record('a', 'x', { volume: '2' }))).not.toBe(contentKey(there))
})

test('undoing a merge keeps what the reader changed since', () => {
  const [a, b] = [record('a', 'PubMed', { labels: ['read'] }), record('b', 'Embase', { doi: '10.1/x' })]
  const after = { ...a, doi: '10.1/x', labels: ['read', 'embase'] }
  const bin = { before: [a, b], after: [after] }
  const undo = (now: PaperRecord | undefined) => restoredPapers(bin, new Set(['b']), (id) => (id === 'a' ? now : undefined))
  expect(undo(after)).toEqual([a, b])
  expect(undo({ ...after, note: 'good', labels: ['core'] })).toEqual([{ ...a, note: 'good', labels: ['core'] }, b])
  // The paper that stayed was removed since.
  expect(undo(undefined)).toEqual([b])
})
