import { expect, test } from 'vitest'
import type { Paper } from '../paper.js'
import { read } from '../testing.js'
import { writePapers } from '../write-papers.js'
import { cellText, plainCell } from './formula-cells.js'

test.each(['=1+1', '+1 is a country code', '-omics', '@SUM(A1)', '\t=1', "'=1", '＝1+1', '-1+1'])('%j is no formula', (text) => {
  expect(plainCell(text)).toBe(`'${text}`)
  expect(cellText(plainCell(text))).toBe(text)
})

test.each(['-5', '+5', '-1.5', "'tis", 'a = b', ''])('%j stays as it is', (text) => {
  expect(plainCell(text)).toBe(text)
  expect(cellText(plainCell(text))).toBe(text)
})

test('no cell of a written table is a formula, headings included, and the file is read back as it was', async () => {
  const papers: Paper[] = [
    {
      id: '=a',
      title: '=HYPERLINK("http://a.example","Kites")',
      abstract: '-omics, "quoted"',
      key: '@b',
      fields: { '+x': ['=1'] },
    },
  ]
  const csv = [...(await writePapers(papers, 'csv'))].join('')
  expect(csv).not.toMatch(/(^|[,\n"])[=+@-]/)
  const [paper] = (await read(csv, 'a.csv')).papers
  expect(paper).toMatchObject({ id: '=a', title: papers[0]!.title, abstract: papers[0]!.abstract, fields: { '+x': ['=1'] } })
})

test('rows with quotes that never close are each read up to the end of their line', async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `"Kites"${index}"x,2001`)
  const { papers, problems } = await read(`Title,Year\n"Sails, ""red""",2002\n${rows.join('\n')}\nRigs,2003\n`, 'a.csv')
  expect(papers).toHaveLength(20_002)
  expect(papers[0]).toMatchObject({ title: 'Sails, "red"', year: 2002 })
  expect(papers.at(-1)).toMatchObject({ title: 'Rigs', year: 2003 })
  expect(problems).toHaveLength(20_000)
})
