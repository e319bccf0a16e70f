import { expect, test } from 'vitest'
import { refuseFiles } from './refuse-files.js'
import { guessColumns, tableOf } from './table-mapping.js'

const file = (text: BlobPart, name = 'x.csv') => new File([text], name)

test('a table with unknown headings is recognized because its rows are equally long, and its columns by their values', async () => {
  const long = 'We looked at moss for years and wrote down what it did in each of them. '.repeat(5)
  const table = await tableOf(
    file(
      `Werk;Wer;Jahr;Inhalt;Nummer\nMoss on garden walls;Okoro, A.; Lind, B.;2019;${long};10.5555/a\n`.replace(
        '; Lind, B.',
        ' and Lind, B.',
      ),
    ),
  )
  expect(table?.headings).toEqual(['Werk', 'Wer', 'Jahr', 'Inhalt', 'Nummer'])
  expect(guessColumns(table!)).toEqual(['title', 'authors', 'year', 'abstract', 'doi'])
})

test('prose and binary files are no tables', async () => {
  expect(await tableOf(file('A sentence, and more.\nAnother one without.\nA third, with, many, commas.\n'))).toBeNull()
  expect(await tableOf(file(new Uint8Array([0, 1, 2, 44, 10, 44])))).toBeNull()
})

test('files that hold no records are refused by what they are', async () => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
  const kinds = {
    PDF: bytes('%PDF-1.7\n'),
    JPEG: bytes('\xff\xd8\xff\xe0\x00\x10JFIF'),
    PNG: bytes('\x89PNG\r\n\x1a\n'),
    Word: bytes('PK\x03\x04\x14\x00[Content_Types].xml…PK\x03\x04word/document.xml'),
    Office: bytes('\xd0\xcf\x11\xe0\xa1\xb1'),
  }
  for (const [kind, content] of Object.entries(kinds)) {
    const { readable, refused } = await refuseFiles(new Map([['a', file(content, 'a')]]))
    expect(readable.size, kind).toBe(0)
    expect(refused[0]!.reason).toContain(kind)
  }
  // A zip of bibliographies is read.
  expect((await refuseFiles(new Map([['a.zip', file(bytes('PK\x03\x04\x14\x00refs.bib'), 'a.zip')]]))).readable.size).toBe(1)
})
