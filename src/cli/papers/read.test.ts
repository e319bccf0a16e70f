import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { never, recordOutput, temporaryFolder } from '../testing.js'
import { readCommand } from './read.js'

let folder: string

beforeEach(async () => {
  folder = await temporaryFolder()
  await mkdir(join(folder, 'in'))
  await writeFile(join(folder, 'in/a.bib'), '@article{a, title = {A}}\n@article{b, title = {B}}\n')
  await writeFile(join(folder, 'in/b.jsonl'), '{"title":"C","year":2001}\n{"title":\n')
  await writeFile(join(folder, 'in/empty.txt'), '')
})
afterEach(() => rm(folder, { recursive: true }))

test('read prints a row for each file of a folder, lists the problems, and writes the records in another format', async () => {
  const [to, json] = [join(folder, 'all.ris'), join(folder, 'rows.json')]
  const { output, stdout } = recordOutput()
  expect(await readCommand([join(folder, 'in'), '--to', to, '--json', json], output, never)).toBe(0)
  const { rows } = JSON.parse(await readFile(json, 'utf8'))
  expect(rows).toMatchObject([
    { file: join(folder, 'in/a.bib'), format: 'bibtex', records: 2, reported: 0, failed: false, empty: false },
    { file: join(folder, 'in/b.jsonl'), format: 'json', records: 1, reported: 1, failed: false, empty: false },
    { file: join(folder, 'in/empty.txt'), format: 'unknown', records: 0, reported: 0, failed: false, empty: true },
  ])
  expect(stdout()).toContain('b.jsonl:2: not read: ')
  expect((await readFile(to, 'utf8')).split('\n').filter((line) => line.startsWith('TI'))).toEqual([
    'TI  - A\r',
    'TI  - B\r',
    'TI  - C\r',
  ])
})

test.each<[string, string[], string]>([
  ['missing paths', ['FOLDER/none'], 'path'],
  ['no path', [], 'path'],
  ['a file name that does not tell the format', ['FOLDER/in', '--to', 'x.doc'], '--to'],
  ['a number of problems that is not one', ['FOLDER/in', '--problems', 'all'], '--problems'],
])('read refuses %s', async (_, args, field) => {
  const work = readCommand(
    args.map((arg) => arg.replace('FOLDER', folder)),
    recordOutput().output,
    never,
  )
  await expect(work).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
})

test('read stops with the reason of its signal', async () => {
  const reason = new Error('Interrupted.')
  await expect(readCommand([join(folder, 'in')], recordOutput().output, AbortSignal.abort(reason))).rejects.toBe(reason)
})
