import { expect, test } from 'vitest'
import { overlapsOf, replay } from './history.js'
import { readBin, readHistory } from './read-history.js'

const removal = { id: '3', at: 3, kind: 'removal', removed: [{ id: 'd', source: '', key: 4 }], bytes: 1 }

test('entries of a library file are read; what is none is left out', () => {
  const wrong = [
    null,
    'text',
    [],
    {},
    { ...removal, kind: 'constructor' },
    { ...removal, kind: '__proto__' },
    { ...removal, removed: null },
    { ...removal, removed: [{ id: 1 }] },
    { ...removal, at: 1e20 },
    { ...removal, at: 'today' },
    { ...removal, id: undefined },
    { id: '4', at: 4, kind: 'undo', of: '3' },
  ]
  expect(readHistory([...wrong, removal])).toEqual([removal])
})

test('a bin that holds something other than papers is empty', () => {
  expect(readBin(undefined)).toBeNull()
  expect(readBin({ before: [null], after: [] })).toBeNull()
  const bin = { before: [{ id: 'a', title: 'Kites', year: 2001 }], after: [] }
  expect(readBin(bin)).toEqual(bin)
})

test('papers that were merged in a circle are one work', () => {
  const gone = (id: string, keptId: string) => ({ id, source: id, key: 1, keptId })
  const method = { preset: 'balanced', model: null, version: '1', bytes: 0, kept: [] }
  const removed = [gone('a', 'b'), gone('b', 'c'), gone('c', 'a')]
  const entries = readHistory([{ ...method, id: '1', at: 1, kind: 'merge', removed }])
  expect(overlapsOf(replay(entries), [], () => null)).toEqual([
    { a: 'a', b: 'b', works: 1 },
    { a: 'a', b: 'c', works: 1 },
    { a: 'b', b: 'c', works: 1 },
  ])
})
