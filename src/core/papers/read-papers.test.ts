import fc from 'fast-check'
import { gzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import { unpackGzip, unpackZip } from './archives/unpack.js'
import { LIMITS } from './limits.js'
import { readPapers, streamPapers } from './read-papers.js'
import { fileOf, read } from './testing.js'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const ENTRY = '@article{a, title = {A title}, year = 2001}\n'

describe('the format is detected from the content', () => {
  test.each([
    ['bibtex', '% a comment\n@article{a, title={T}}'],
    ['ris', 'TY  - JOUR\nTI  - T\nER  - \n'],
    ['nbib', '\nPMID- 1\nTI  - T\n'],
    ['wos', 'FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI T\nER\n\nEF'],
    ['refworks', 'RT Journal Article\nSR Print(0)\nID 7\nA1 Lee,Ann\nT1 T\nJF J\nYR 2001\n'],
    ['refer', '%0 Journal Article\n%T T\n'],
    ['copac', 'TI- T\nAU- A, B\n'],
    ['ovid', '<1>\nAccession Number\n  1\nTitle\n  T\n'],
    [
      'pubmed-xml',
      '<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>',
    ],
    [
      'endnote-xml',
      '<xml><records><record><titles><title><style face="normal">T</style></title></titles></record></records></xml>',
    ],
    ['mods-xml', '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo></mods>'],
    [
      'bibtexml',
      '<bibtex:file xmlns:bibtex="http://bibtexml.sf.net/"><bibtex:entry id="a"><bibtex:book><bibtex:title>T</bibtex:title></bibtex:book></bibtex:entry></bibtex:file>',
    ],
    ['ms-office-xml', '<b:Sources xmlns:b="x"><b:Source><b:Title>T</b:Title></b:Source></b:Sources>'],
    ['json', '[{"type":"book","title":"T"}]'],
    ['json', '{"paperId":"x","title":"T"}\n{"paperId":"y","title":"T"}\n'],
    ['csv', 'Title,Year\nT,2001\n'],
    ['csv', 'Title\tYear\nT\t2001\n'],
  ])('%s', async (format, text) => {
    const { papers, problems, files } = await read(text, 'no-extension')
    expect(files[0]).toMatchObject({ format, failed: false, empty: false, reported: 0 })
    expect(papers[0]!.title).toBe('T')
    expect(problems).toEqual([])
  })

  test.each([
    ['a PDF', '%PDF-1.4\n%âãÏÓ\n1 0 obj\n@article{a, title={T}}'],
    ['a web page', '<!DOCTYPE html><html><body>Not found</body></html>'],
    ['prose', 'Dear colleague, please find attached…'],
  ])('%s is reported as unknown format', async (_, text) => {
    const { papers, problems, files } = await read(text)
    expect(papers).toEqual([])
    expect(problems).toMatchObject([{ code: 'UNKNOWN_FORMAT', kind: 'lost', raw: text.slice(0, 1000) }])
    expect(files).toMatchObject([{ format: 'unknown', records: 0, reported: 1, failed: false, empty: false }])
  })

  test('a blank file is empty, not an error', async () => {
    expect(await read(' \n')).toMatchObject({ papers: [], problems: [], files: [{ empty: true, reported: 0 }] })
  })
})

describe('encodings', () => {
  const text = '@article{a, title = {Überraschung — “Šibenik” naïve}}'
  const utf16 = (littleEndian: boolean, mark: boolean) => {
    const bytes = new Uint8Array(2 * (text.length + 1))
    const view = new DataView(bytes.buffer)
    view.setUint16(0, 0xfeff, littleEndian)
    for (const [index, unit] of [...text].entries()) view.setUint16(2 * (index + 1), unit.charCodeAt(0), littleEndian)
    return mark ? bytes : bytes.subarray(2)
  }
  test.each([
    ['utf-8', bytesOf(text)],
    ['utf-8', bytesOf(`\ufeff${text}`)],
    ['utf-16le', utf16(true, true)],
    ['utf-16be', utf16(false, true)],
    ['utf-16le', utf16(true, false)],
    ['utf-16be', utf16(false, false)],
  ])('%s', async (encoding, bytes) => {
    const { papers, files } = await readPapers([fileOf(bytes, 'a.bib', 3)])
    expect(papers[0]!.title).toBe('Überraschung — “Šibenik” naïve')
    expect(files[0]!.encoding).toBe(encoding)
  })

  test('Windows-1252, even if the file declares UTF-8 and mixes both', async () => {
    const bytes = Uint8Array.from([...bytesOf('% Encoding: UTF-8\n@article{a, title = {Test'), 0x92, ...bytesOf('s é}}')])
    const { papers, files } = await readPapers([fileOf(bytes, 'a.bib', 1)])
    expect(papers[0]!.title).toBe('Test’s é')
    expect(files[0]!.encoding).toBe('windows-1252')
  })

  test('another encoding that the file declares', async () => {
    const bytes = Uint8Array.from([...bytesOf('% Encoding: windows-1250\n@article{a, title = {'), 0xe8, ...bytesOf('}}')])
    expect((await read(bytes)).papers[0]!.title).toBe('č')
  })
})

describe('archives', () => {
  test('each file of a zip is read separately; folders and macOS metadata are skipped', async () => {
    const zip = zipSync({
      'a.bib': bytesOf(ENTRY),
      'folder/b.ris': bytesOf('TY  - JOUR\nTI  - T\nER  - \n'),
      '__MACOSX/._a.bib': bytesOf('x'),
    })
    const { papers, files } = await readPapers([fileOf(zip, 'all.zip', 100)])
    expect(files.map(({ file, format }) => [file, format])).toEqual([
      ['all.zip/a.bib', 'bibtex'],
      ['all.zip/folder/b.ris', 'ris'],
    ])
    expect(papers.map(({ title }) => title)).toEqual(['A title', 'T'])
  })

  test('a gz file is unpacked', async () => {
    expect((await readPapers([fileOf(gzipSync(bytesOf(ENTRY)), 'a.bib.gz', 10)])).papers).toMatchObject([
      { title: 'A title', year: 2001 },
    ])
  })

  test('a damaged archive yields what can be read and is reported', async () => {
    const gz = gzipSync(bytesOf(ENTRY.repeat(5_000)))
    const { problems, files } = await read(gz.subarray(0, gz.length - 20), 'a.gz')
    expect(problems).toMatchObject([{ code: 'UNREADABLE_FILE', kind: 'lost' }])
    expect(files[0]!.failed).toBe(false)
  })

  test('a bomb is refused for its ratio', async () => {
    // A title of 24 MiB.
    const content = new Uint8Array(24 * 2 ** 20).fill(0x20)
    content.set(bytesOf('@article{a, title = {'))
    const { papers, problems } = await read(gzipSync(content), 'bomb.gz')
    expect(papers).toEqual([])
    expect(problems.at(-1)).toMatchObject({ code: 'LIMIT_EXCEEDED', reason: expect.stringContaining('MAX_UNPACK_RATIO') })
    const zip = await read(zipSync({ 'bomb.bib': content }), 'bomb.zip')
    expect(zip.problems.at(-1)).toMatchObject({ code: 'LIMIT_EXCEEDED', reason: expect.stringContaining('MAX_UNPACK_RATIO') })
  })

  test('an archive with too many files is refused', async () => {
    const filesOf = async (count: number) => {
      const names = Array.from({ length: count }, (_, index) => `${index}.bib`)
      const zip = zipSync(Object.fromEntries(names.map((name) => [name, bytesOf('%')])), { level: 0 })
      let files = 0
      for await (const { last } of unpackZip(fileOf(zip, 'many.zip').stream() as AsyncIterable<Uint8Array>)) if (last) files++
      return files
    }
    expect(await filesOf(LIMITS.MAX_ARCHIVE_FILES)).toBe(LIMITS.MAX_ARCHIVE_FILES)
    await expect(filesOf(LIMITS.MAX_ARCHIVE_FILES + 1)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { limit: 'MAX_ARCHIVE_FILES' },
    })
  })

  test('an archive that unpacks to more than the limit is refused at once', async () => {
    const content = bytesOf(ENTRY.repeat(100_000))
    let packed = 0
    const stream = async function* (bytes: Uint8Array) {
      for (let at = 0; at < bytes.length; at += 1_000) {
        packed += 1_000
        yield bytes.subarray(at, at + 1_000)
      }
    }
    for (const [unpack, bytes] of [
      [unpackGzip, gzipSync(content)],
      [unpackZip, zipSync({ 'a.bib': content })],
    ] as const) {
      const unpackAll = async (maxBytes: number) => {
        packed = 0
        let unpacked = 0
        for await (const piece of unpack(stream(bytes), maxBytes)) unpacked += piece.bytes.length
        return unpacked
      }
      expect(await unpackAll(content.length)).toBe(content.length)
      await expect(unpackAll(content.length / 4)).rejects.toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { limit: 'MAX_UNPACKED_BYTES' },
      })
      expect(packed).toBeLessThan(bytes.length / 2)
    }
  })
})

describe('a file that exceeds a limit is refused, naming the limit', () => {
  test.each([
    ['MAX_BRACE_DEPTH', `@article{a, title = ${'{'.repeat(1_000_000)}`],
    ['MAX_BRACE_DEPTH', `@article{a, title = ${'{'.repeat(200)}x${'}'.repeat(200)}}\n`],
    ['MAX_XML_DEPTH', `<records>${'<record>'.repeat(100_000)}`],
    [
      'MAX_XML_ENTITIES',
      '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><records><record><titles><title>&b;</title></titles></record></records>',
    ],
    ['MAX_JSON_DEPTH', `[{"title":${'['.repeat(100_000)}`],
    [
      'MAX_RECORD_CHARACTERS',
      `TY  - JOUR\nTI  - T\nAB  - ${`${'x'.repeat(1_000)}\n`.repeat(LIMITS.MAX_RECORD_CHARACTERS / 999)}`,
    ],
    ['MAX_COLUMNS', `title,abstract${',x'.repeat(3_000)}\n`],
    [
      'MAX_RECORD_CHARACTERS',
      `@string{a = {${'x'.repeat(1_000)}}}\n${Array.from({ length: 20 }, (_, index) => `@string{${'a'.repeat(index + 2)} = ${'a'.repeat(index + 1)} # ${'a'.repeat(index + 1)}}\n`).join('')}@article{k, title = ${'a'.repeat(20)} }`,
    ],
  ])('%s', async (limit, text) => {
    const { problems, files } = await read(text)
    expect(problems.map(({ reason }) => reason).join()).toContain(limit)
    expect(files[0]!.failed).toBe(false)
  })
})

describe('reading', () => {
  test('reports its progress in bytes', async () => {
    const text = ENTRY.repeat(3_000)
    const seen: unknown[] = []
    await readPapers([fileOf(text, 'a.bib', 10_000)], { onProgress: (progress) => seen.push(progress) })
    expect(seen.at(-1)).toMatchObject({ file: 'a.bib', loaded: text.length, total: text.length })
    expect(seen.length).toBe(Math.ceil(text.length / 10_000))
  })

  test('rejects with the reason of its signal, and closes the file', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    let closed = false
    const endless = {
      name: 'a.bib',
      async *stream() {
        try {
          for (;;) yield bytesOf(ENTRY.repeat(1_000))
        } finally {
          closed = true
        }
      },
    }
    const reading = readPapers([endless], {
      signal: abort.signal,
      onProgress: ({ loaded }) => loaded > 1_000_000 && abort.abort(reason),
    })
    await expect(reading).rejects.toBe(reason)
    expect(closed).toBe(true)
    await expect(readPapers([fileOf(ENTRY)], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('yields a hundred thousand records while it reads, with only a few pieces in memory', async () => {
    let given = 0
    let produced = 0
    const file = {
      name: 'a.bib',
      async *stream() {
        for (let index = 0; index < 100; index++) {
          produced++
          yield bytesOf(ENTRY.repeat(1_000))
        }
      },
    }
    for await (const { papers } of streamPapers([file])) {
      given += papers.length
      // Each piece of 44,000 bytes has 1,000 records; two pieces are needed to detect the format.
      expect(produced * 1_000 - given).toBeLessThan(4_000)
    }
    expect(given).toBe(100_000)
  })

  test('reports a file that cannot be read to its end, and reads the others', async () => {
    const gone = (name: string, text: string) => ({
      name,
      async *stream(): AsyncGenerator<Uint8Array> {
        yield bytesOf(text)
        throw new Error('gone')
      },
    })
    const read = await readPapers([gone('a.bib', ''), gone('b.bib', ENTRY.repeat(3_000)), fileOf(ENTRY, 'c.bib')])
    expect(read.problems.map(({ file, kind, code }) => [file, kind, code])).toEqual([
      ['a.bib', 'lost', 'UNREADABLE_FILE'],
      ['b.bib', 'lost', 'UNREADABLE_FILE'],
    ])
    expect(read.problems[0]!.reason).toContain('gone')
    expect(read.files.map(({ file, records, reported }) => [file, records > 0, reported])).toEqual([
      ['a.bib', false, 1],
      ['b.bib', true, 1],
      ['c.bib', true, 0],
    ])
  })

  test('rejects with what onProgress throws', async () => {
    const enough = new Error('enough')
    const onProgress = () => {
      throw enough
    }
    await expect(readPapers([fileOf(ENTRY)], { onProgress })).rejects.toBe(enough)
  })

  test('gives papers unique ids and their sources', async () => {
    const { papers } = await readPapers([fileOf(ENTRY + ENTRY, 'a.bib'), fileOf('@book{, title = {B}}', 'b.bib')])
    expect(papers.map(({ id, key, source }) => [id, key, source!.file, source!.record, source!.line])).toEqual([
      ['a', 'a', 'a.bib', 1, 1],
      ['a~2', 'a', 'a.bib', 2, 2],
      ['b.bib#1', undefined, 'b.bib', 1, 1],
    ])
  })

  test('reads columns as mapped by the caller', async () => {
    const text = 'Study,Wer,Wann\nA title,"Lee, Ann",2001\n'
    const mapping = { title: 'Study', authors: 'Wer', year: 'Wann' }
    expect((await read(text, 'a.csv', { mapping })).papers).toMatchObject([
      { title: 'A title', year: 2001, authors: [{ family: 'Lee', given: 'Ann' }] },
    ])
    const wrong = read(text, 'a.csv', { mapping: { titel: 'Study' } as never })
    await expect(wrong).rejects.toThrow(InvalidArgumentError)
  })
})

test.each([
  ['bibtex', '@constructor{a, title = {T}, constructor = {x}, crossref = {b}}'],
  ['ris', 'TY  - constructor\nTI  - T\nER  - \n'],
  ['zotero', '[{"itemType":"constructor","title":"T"}]'],
  ['openalex', '[{"id":"https://openalex.org/W1","type":"constructor","title":"T"}]'],
  ['csl', '[{"type":"constructor","title":"T","issued":{}}]'],
  ['own', '{"id":"a","type":"constructor","title":"T","source":{"file":"f"}}'],
  ['endnote', '<records><record><ref-type name="constructor"/><titles><title>T</title></titles></record></records>'],
])('a word that every object has, such as constructor, is just a word: %s', async (_, text) => {
  const { papers, files } = await read(text)
  expect(files[0]!.failed).toBe(false)
  expect(papers).toMatchObject([{ title: 'T', type: 'other' }])
})

describe('arbitrary bytes', () => {
  const starts = [
    '',
    '@article{a,',
    '@string{',
    'TY  - JOUR\n',
    'PMID- 1\n',
    'FN ISI\nPT J\n',
    '%0 Book\n',
    '<records><record>',
    '<PubmedArticle>',
    '[{"title":',
    '{"title":"',
    'title,year\n',
    '<1>\nTitle\n',
    '--AU-- ',
    '\u001f\u008b\u0008',
    'PK\u0003\u0004',
    '\ufeff',
  ]
  const pieces = [
    '{',
    '}',
    '"',
    '\\',
    '@',
    ',',
    '=',
    '#',
    '(',
    ')',
    '\n',
    '\r\n',
    '@article{b,',
    'ER  - \n',
    'TY  - BOOK\n',
    'title = {',
    '<record>',
    '</record>',
    '<![CDATA[',
    ']]>',
    '&amp;',
    '&#x0;',
    '&bogus;',
    '%T x',
    '[',
    ']',
    ':',
    '"a":',
    'x',
    'é',
    '\u0000',
    '\ud800',
    '  ',
    '- ',
  ]
  test('make no reader hang or fail, however they are cut', async () => {
    const content = fc.tuple(fc.constantFrom(...starts), fc.array(fc.constantFrom(...pieces), { maxLength: 60 }))
    await fc.assert(
      fc.asyncProperty(content, fc.integer({ min: 1, max: 50 }), async ([start, rest], pieceBytes) => {
        const { files } = await readPapers([fileOf(start + rest.join(''), 'file', pieceBytes)])
        expect(files.every(({ failed }) => !failed)).toBe(true)
      }),
      { numRuns: 600 },
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...starts), async (bytes, start) => {
        const { files } = await read(Uint8Array.from([...new TextEncoder().encode(start), ...bytes]))
        expect(files.every(({ failed }) => !failed)).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  test('give the same papers however they are cut', async () => {
    const content = fc.tuple(fc.constantFrom(...starts.slice(1, 14)), fc.array(fc.constantFrom(...pieces), { maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(content, fc.integer({ min: 1, max: 20 }), async ([start, rest], pieceBytes) => {
        const text = start + rest.join('')
        const whole = await read(text, 'file')
        const cut = await readPapers([fileOf(text, 'file', pieceBytes)])
        expect(cut.papers).toEqual(whole.papers)
      }),
      { numRuns: 400 },
    )
  })
})
