import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { LIMITS } from '../limits.js'
import { readPapers } from '../read-papers.js'
import { fileOf, read } from '../testing.js'
import { writePapers } from '../write-papers.js'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
/** A workbook of sheets by name, each the XML within `sheetData`. */
function workbook(sheets: Record<string, string>, parts: Record<string, string> = {}): Uint8Array {
  const names = Object.keys(sheets)
  return zipSync({
    'docProps/app.xml': strToU8('<Properties/>'),
    'xl/workbook.xml': strToU8(
      `<workbook xmlns="${MAIN}" xmlns:r="r"><sheets>${names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index}"/>`).join('')}</sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': strToU8(
      `<Relationships>${names.map((_, index) => `<Relationship Id="rId${index}" Target="/xl/worksheets/s${index}.xml"/>`).join('')}</Relationships>`,
    ),
    ...Object.fromEntries(
      names.map((name, index) => [
        `xl/worksheets/s${index}.xml`,
        strToU8(`<worksheet xmlns="${MAIN}"><sheetData>${sheets[name]}</sheetData></worksheet>`),
      ]),
    ),
    ...Object.fromEntries(Object.entries(parts).map(([path, xml]) => [path, strToU8(xml)])),
  })
}
const inline = (reference: string, text: string) => `<c r="${reference}" t="inlineStr"><is><t>${text}</t></is></c>`
const HEAD = `<row r="1">${inline('A1', 'Title')}${inline('B1', 'Year')}${inline('C1', 'Journal')}</row>`

test('the first sheet with headings is read: shared and rich text, dates, numbers, formulas, errors, gaps', async () => {
  const bytes = workbook(
    {
      Notes: `<row r="1">${inline('A1', 'Searched in May')}</row>`,
      Papers: `<row r="3">${inline('A3', 'My library')}</row><row r="5">${['Title', 'Publication date', 'Journal', 'Volume', 'PMID', 'Authors'].map((name, index) => inline(`${'ABCDEF'[index]}5`, name)).join('')}</row>
        <row r="6"><c r="A6" t="s"><v>0</v></c><c r="B6" s="1"><v>43556</v></c><c r="D6"><v>12</v></c><c r="E6"><v>31000001</v></c><c r="F6" t="str"><f>A1</f><v>Finch, Ann; Heron, Bo</v></c></row>
        <row r="7"><c r="A7" t="s"><v>1</v></c><c r="B7"><v>2001</v></c><c r="C7" t="e"><v>#N/A</v></c></row>`,
    },
    {
      'xl/sharedStrings.xml': `<sst xmlns="${MAIN}"><si><r><t>On </t></r><r><rPr><i/></rPr><t xml:space="preserve">Milvus </t></r><r><t>kites</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t>A_x000D_B</t></si></sst>`,
      'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    },
  )
  const { papers, files, problems } = await readPapers([fileOf(bytes, 'a.xlsx', 100)])
  expect(problems).toEqual([])
  expect(files).toMatchObject([{ format: 'xlsx', records: 2, failed: false }])
  expect(papers).toMatchObject([
    {
      title: 'On Milvus kites',
      year: 2019,
      volume: '12',
      pmid: '31000001',
      source: { line: 6 },
      authors: [
        { family: 'Finch', given: 'Ann' },
        { family: 'Heron', given: 'Bo' },
      ],
    },
    { title: 'A B', year: 2001 },
  ])
  expect(papers[1]!.venue).toBeUndefined()
})

test('days are counted from 1904 if the workbook says so', async () => {
  const head = `<row r="1">${inline('A1', 'Title')}${inline('B1', 'Date')}</row>`
  const bytes = workbook(
    { S: `${head}<row r="2">${inline('A2', 'Kites')}<c r="B2" s="0"><v>42094</v></c></row>` },
    {
      'xl/workbook.xml': `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="S" r:id="rId0"/></sheets></workbook>`,
      'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
    },
  )
  expect((await read(bytes, 'a.xlsx')).papers).toMatchObject([{ year: 2019 }])
})

test('other sheets of records are named, and a workbook within a zip is read', async () => {
  const rows = (title: string) => `${HEAD}<row r="2">${inline('A2', title)}</row>`
  const bytes = workbook({ Included: rows('Kites'), Excluded: rows('Sails') })
  const { papers, problems } = await readPapers([fileOf(zipSync({ 'deep/a.xlsx': bytes }), 'all.zip')])
  expect(papers).toMatchObject([{ title: 'Kites', source: { file: 'all.zip/deep/a.xlsx' } }])
  expect(problems).toMatchObject([{ kind: 'noted', reason: expect.stringContaining('Excluded') }])
})

describe('a hostile workbook is refused by the name of the limit', () => {
  const limited = async (bytes: Uint8Array) => (await read(bytes, 'a.xlsx')).problems
  test.each<[keyof typeof LIMITS, () => Uint8Array]>([
    ['MAX_XML_ENTITIES', () => workbook({}, { 'xl/workbook.xml': '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>' })],
    ['MAX_XML_DEPTH', () => workbook({ S: '<a>'.repeat(200) })],
    ['MAX_COLUMNS', () => workbook({ S: `${HEAD}<row r="2">${inline('XFD2', 'x')}</row>` })],
    ['MAX_UNPACK_RATIO', () => workbook({ S: `${HEAD}<row r="2">${' '.repeat(2 ** 25)}</row>` })],
    [
      'MAX_RECORD_CHARACTERS',
      () =>
        workbook(
          { S: `${HEAD}<row r="2">${Array.from({ length: 1_500 }, () => '<c t="s"><v>0</v></c>').join('')}</row>` },
          {
            'xl/sharedStrings.xml': `<sst><si><t>${Array.from({ length: 2_000 }, (_, index) => index).join(' ')}</t></si></sst>`,
          },
        ),
    ],
  ])('%s', async (name, build) => {
    expect(await limited(build())).toMatchObject([{ code: 'LIMIT_EXCEEDED', reason: expect.stringContaining(name) }])
  })
})

test('a damaged, cut or foreign package is reported, whatever its bytes', async () => {
  const bytes = workbook({ S: `${HEAD}<row r="2">${inline('A2', 'Kites')}</row>` })
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), fc.uint8Array({ maxLength: 20 }), async (at, noise) => {
      const changed = bytes.slice()
      changed.set(noise.subarray(0, Math.max(0, changed.length - at)), at)
      for (const hostile of [changed, bytes.subarray(0, at)]) {
        const { files } = await read(hostile, 'a.xlsx')
        expect(files.map(({ failed }) => failed)).not.toContain(true)
        expect(files.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: 100 },
  )
  expect((await read(bytes.subarray(0, bytes.length - 40), 'a.xlsx')).problems).toMatchObject([{ code: 'UNREADABLE_FILE' }])
})

test('a text that is too long for a cell is cut, and years are numbers', async () => {
  const pieces = [...(await writePapers([{ id: 'a', title: 'x'.repeat(40_000), year: 2001 }], 'xlsx'))]
  const bytes = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer())
  const { papers } = await read(bytes, 'a.xlsx')
  expect([papers[0]!.title.length, papers[0]!.year]).toEqual([32_767, 2001])
})
