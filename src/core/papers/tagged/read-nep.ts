import { normalizeDoi, parseYear } from '../fields/identifiers.js'
import { parseName } from '../fields/names.js'
import { draftOf } from '../json/json-record.js'
import type { Found, RecordReader } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { LineSplitter } from '../text/line-splitter.js'

/**
 * Reads a report of New Economics Papers: after the list of titles and a rule, each paper has its number and title, indented
 * authors, an abstract, and lines such as `Keywords:`.
 */
export function readNep(): RecordReader {
  const lines = new LineSplitter()
  let number = 0
  let afterList = false
  let listed = false
  let entry: { line: number; lines: string[] } | undefined
  const finish = (): Found[] => {
    const done = entry
    entry = undefined
    return done ? [paperOf(done.line, done.lines)] : []
  }
  const read = (line: string): Found[] => {
    number++
    if (/^In this issue we have/i.test(line)) listed = true
    if (/^-{20,}\s*$/.test(line)) {
      // The first rule after the announcement begins the list of titles, the next one ends it, and each further one ends a paper.
      if (entry || afterList) return finish()
      afterList = listed && listRules++ > 0
      return []
    }
    if (afterList && /^\d+\.\s+\S/.test(line)) {
      const before = finish()
      entry = { line: number, lines: [line] }
      return before
    }
    entry?.lines.push(line)
    return []
  }
  let listRules = 0
  return {
    push: (text) => lines.push(text).flatMap(read),
    end: () => [...lines.end().flatMap(read), ...finish()],
  }
}

function paperOf(line: number, lines: readonly string[]): Found {
  const labels = new Map<string, string>()
  const body: string[] = []
  let label = ''
  for (const text of lines) {
    const match = /^([A-Z][A-Za-z]+):\s*(.*)$/.exec(text)
    if (match && body.length > 0) {
      label = match[1]!
      labels.set(label, match[2]!)
    } else if (label !== '' && text.trim() !== '') labels.set(label, `${labels.get(label)} ${text.trim()}`)
    else if (label === '') body.push(text)
  }
  const title: string[] = []
  while (body.length > 0 && body[0]!.trim() !== '') title.push(body.shift()!)
  while (body.length > 0 && body[0]!.trim() === '') body.shift()
  const people: string[] = []
  while (body.length > 0 && /^\s+\S/.test(body[0]!)) people.push(body.shift()!)
  const url = labels.get('URL')?.trim()
  const date = labels.get('Date') ?? ''
  const fields = [...labels]
    .filter(([name, value]) => name !== 'URL' && name !== 'Keywords' && value.trim() !== '')
    .map(([name, value]) => [name, [value.trim()]])
  return {
    line,
    draft: draftOf({
      type: 'report',
      title: cleanText(title.join(' ').replace(/^\d+\.\s+/, '')),
      authors: people
        .map((name) => name.replace(/\([^)]*\)\s*$/, '').trim())
        .flatMap((name) => parseName(name.replace(/\s*,\s*/, ', ')) ?? []),
      abstract: cleanAbstract(body.join(' ')),
      year: parseYear(date),
      doi: normalizeDoi(url ?? ''),
      url,
      keywords: (labels.get('Keywords') ?? '')
        .split(/[;,]/)
        .map((word) => word.trim())
        .filter((word) => word !== ''),
      key: /RePEc:[\w:]+/.exec(url ?? '')?.[0],
      fields: fields.length > 0 ? Object.fromEntries(fields) : undefined,
    }),
  }
}
