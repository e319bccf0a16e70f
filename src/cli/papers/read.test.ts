import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InvalidArgumentError } from '../../core/errors.js'
import { readCommand } from './read.js'

const never = new AbortController().signal
let folder: string
let printed: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  await mkdir(join(folder, 'in'))
  await writeFile(join(folder, 'in/a.bib'), '@article{a, title = {A}}\n@article{b, title = {B}}\n')
  await writeFile(join(folder, 'in/b.jsonl'), '{"title":"C","year":2001}\n{"title":\n')
  await writeFile(join(folder, 'in/empty.txt'), '')
  printed = []
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

test('read prints a row for each file of a folder, lists the problems, and writes the records in another format', async () => {
  const [to, json] = [join(folder, 'all.ris'), join(folder, 'rows.json')]
  expect(await readCommand([join(folder, 'in'), '--to', to, '--json', json], never)).toBe(0)
  const { rows } = JSON.parse(await readFile(json, 'utf8'))
  expect(rows).toMatchObject([
    { file: join(folder, 'in/a.bib'), format: 'bibtex', records: 2, reported: 0, failed: false, empty: false },
    { file: join(folder, 'in/b.jsonl'), format: 'json', records: 1, reported: 1, failed: false, empty: false },
    { file: join(folder, 'in/empty.txt'), format: 'unknown', records: 0, reported: 0, failed: false, empty: true },
  ])
  expect(printed.join('\n')).toContain('b.jsonl:2: not read: ')
  expect((await readFile(to, 'utf8')).split('\n').filter((line) => line.startsWith('TI'))).toEqual([
    'TI  - A\r',
    'TI  - B\r',
    'TI  - C\r',
  ])
})

test('read refuses paths that are not there, names that say no format, and stops when it is told', async () => {
  await expect(readCommand([join(folder, 'none')], never)).rejects.toThrow(InvalidArgumentError)
  await expect(readCommand([], never)).rejects.toThrow(InvalidArgumentError)
  await expect(readCommand([join(folder, 'in'), '--to', 'x.doc'], never)).rejects.toThrow('.bib, .ris, .json, .csv, .jsonl')
  const reason = new Error('Interrupted.')
  await expect(readCommand([join(folder, 'in')], AbortSignal.abort(reason))).rejects.toBe(reason)
})
