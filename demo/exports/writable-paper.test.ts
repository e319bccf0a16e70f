import { expect, test } from 'vitest'
import { writePapers } from '../../src/core/papers/index.js'
import { writablePaper } from './writable-paper.js'

const record = (format: string, fields: Record<string, string[]> = {}) => ({
  id: 'a',
  title: 'On moss',
  keywords: ['moss'],
  labels: ['core', 'to read'],
  note: 'Compare with ferns.',
  source: { file: 'x', record: 1, format },
  fields,
})
const answer = { id: '1', at: 0, paper: 'a', verdict: 'exclude', reason: 'Wrong plant' } as const
const written = async (format: 'bibtex' | 'ris' | 'csl-json' | 'csv', from: string, fields?: Record<string, string[]>) =>
  [...(await writePapers([writablePaper(record(from, fields), format, answer)], format))].join('')

test.each(['bibtex', 'ris', 'csl', 'nbib'])('a note and labels of a record read from %s go out in every format', async (from) => {
  expect(await written('bibtex', from)).toMatch(/annote = \{Compare with ferns\.\}[\s\S]*labels = \{core; to read\}/)
  expect(await written('ris', from)).toMatch(/N1 {2}- Compare with ferns\.\r\nLB {2}- core; to read/)
  expect(JSON.parse(await written('csl-json', from))[0]).toMatchObject({ note: 'Compare with ferns.', labels: 'core; to read' })
  expect(await written('csv', from)).toMatch(/note,labels[\s\S]*Compare with ferns\.,"?core; to read"?/)
  // The file's own keywords stay what they were.
  expect(await written('ris', from)).toMatch(/KW {2}- moss\r\n(?!KW)/)
})

test.each(['bibtex', 'ris', 'csl', 'nbib'])('the decision of a screening goes out of a record read from %s', async (from) => {
  expect(await written('bibtex', from)).toMatch(/screening = \{excluded\}[\s\S]*screening-reason = \{Wrong plant\}/)
  expect(await written('ris', from)).toMatch(/C4 {2}- excluded\r\nC5 {2}- Wrong plant/)
  expect(JSON.parse(await written('csl-json', from))[0]).toMatchObject({
    screening: 'excluded',
    'screening-reason': 'Wrong plant',
  })
  expect(await written('csv', from)).toMatch(/decision,reason,included[\s\S]*excluded,Wrong plant,0/)
})

test('what other files keep in these fields is no decision', async () => {
  const foreign = writablePaper({ ...record('ris', { C4: ['Of the file.'] }), labels: [], note: '' }, 'bibtex')
  expect([...(await writePapers([foreign], 'bibtex'))].join('')).not.toContain('screening')
})

test('the file’s own note stays beside the reader’s', async () => {
  expect(await written('ris', 'ris', { N1: ['Of the file.'] })).toMatch(/N1 {2}- Of the file\.\r\nN1 {2}- Compare with ferns\./)
})
