import type { PaperRecord } from '../../src/index.js'
import { parsePasted } from './parse-pasted.js'
import { NUMBER, parseReference } from './parse-reference.js'

/** What a pasted text is. */
export type Pasted =
  /** Records in a format that files have. */
  | { kind: 'file' }
  | { kind: 'references' | 'texts'; papers: PaperRecord[]; note: string }
  /** Only identifiers or addresses, which cannot be looked up here. */
  | { kind: 'identifiers'; ids: readonly string[]; names: string }

const BIBLIOGRAPHY = /^\s*(?:@\w+\s*[{(]|TY {1,2}- |PMID- |%0 |FN |PT J|<\?xml|<\w|\[\s*\{|\{)/
const IDENTIFIERS: readonly (readonly [name: string, form: RegExp])[] = [
  ['DOIs', /^(?:doi:\s*|(?:https?:\/\/)?(?:dx\.)?doi\.org\/)?10\.\d{4,9}\/\S+$/i],
  [
    'arXiv ids',
    /^(?:arxiv:\s*|(?:https?:\/\/)?arxiv\.org\/(?:abs|pdf)\/)?(?:\d{4}\.\d{4,5}|[a-z-]+\/\d{7})(?:v\d+)?(?:\.pdf)?$/i,
  ],
  ['PMIDs', /^(?:PMID:?\s*|(?:https?:\/\/)?pubmed\.ncbi\.nlm\.nih\.gov\/)?\d{5,9}\/?$/i],
  ['PMC ids', /^(?:PMCID:?\s*)?PMC\d{4,9}$/i],
  ['ISBNs', /^(?:ISBN(?:-1[03])?:?\s*)?(?:97[89][\s-]?)?(?:\d[\s-]?){9}[\dX]$/i],
  ['web addresses', /^https?:\/\/\S+$/i],
]
const FILE = 'Pasted text'

/** Tells what a text is, and reads what can be read of it. */
export function readPasted(text: string): Pasted {
  if (BIBLIOGRAPHY.test(text) || isTable(text)) return { kind: 'file' }
  const lines = text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  const words = lines.flatMap((line) => (/\s/.test(line.replace(NUMBER, '')) ? line.split(/[,;]\s*|\s+(?=10\.|\d{6})/) : [line]))
  const kinds = words.map(
    (word) => IDENTIFIERS.find(([, form]) => form.test(word.replace(NUMBER, '').replace(/[.,;]$/, '')))?.[0],
  )
  if (kinds.length > 0 && kinds.every((kind) => kind !== undefined))
    return { kind: 'identifiers', ids: words, names: [...new Set(kinds)].join(' and ') }
  const references = asReferences(text, lines)
  if (references) {
    const parsed = references.map(parseReference)
    const doubtful = parsed.filter(({ doubt }) => doubt !== null).length
    const papers = parsed.map(
      ({ text: written, doubt, ...paper }, index): PaperRecord => ({
        ...paper,
        id: `${FILE}#${index + 1}`,
        source: { file: FILE, record: index + 1 },
        fields: { reference: [written] },
        ...(doubt !== null && { doubt }),
      }),
    )
    const note =
      doubtful === 0
        ? 'These were read as references.'
        : `These were read as references; ${doubtful} of them ${doubtful === 1 ? 'is' : 'are'} doubtful and marked. Check them.`
    return { kind: 'references', papers, note }
  }
  const papers = parsePasted(text).map(
    (paper, index): PaperRecord => ({ ...paper, id: `${FILE}#${index + 1}`, source: { file: FILE, record: index + 1 } }),
  )
  return { kind: 'texts', papers, note: 'These were read as titles and abstracts, with blank lines between papers.' }
}

/** A first line with at least two headings, and as many cells in the next. */
function isTable(text: string): boolean {
  const [first = '', second = ''] = text.trimStart().split(/\r\n?|\n/)
  return ['\t', ';', ','].some((delimiter) => {
    const cells = first.split(delimiter).map((cell) => cell.trim().replace(/^"|"$/g, ''))
    if (cells.length < 2 || cells.some((cell) => cell === '' || cell.length > 40 || /[.?!:]$/.test(cell))) return false
    // Prose has commas as well, with spaces after them.
    const isProse = delimiter === ',' && first.includes(', ')
    return !isProse && second.split(delimiter).length >= cells.length
  })
}

/** The references of a list: numbered, or one a line or block, most of them with a year; `null` if the text is no such list. */
function asReferences(text: string, lines: readonly string[]): readonly string[] | null {
  const numbered = lines.filter((line) => NUMBER.test(line)).length
  const blocks = text
    .split(/(?:\r\n?|\n)\s*(?:\r\n?|\n)/)
    .map((block) => block.trim())
    .filter(Boolean)
  // Numbers begin references; lines without one continue the last.
  if (numbered >= 2 && NUMBER.test(lines[0]!)) {
    const joined: string[] = []
    for (const line of lines) {
      if (NUMBER.test(line) || joined.length === 0) joined.push(line)
      else joined[joined.length - 1] += ` ${line}`
    }
    return joined
  }
  const candidates = blocks.length > 1 ? blocks.map((block) => block.replace(/\s+/g, ' ')) : lines
  const likely = candidates.filter((candidate) => isReference(candidate.replace(/\s+/g, ' '))).length
  return likely >= Math.max(1, 0.6 * candidates.length) ? candidates : null
}

/** Whether it has a year and, before a title, names with initials, or an identifier: an abstract seldom has. */
function isReference(text: string): boolean {
  if (text.length > 900 || !/\b(?:1[6-9]\d\d|20\d\d)[a-z]?\b/.test(text)) return false
  const start = text.replace(NUMBER, '').slice(0, 80)
  const hasNames =
    /^(?:\p{Lu}[\p{L}'’-]+,?\s+(?:\p{Lu}\.?[\s,-]*){1,4}[,.&(]?|(?:\p{Lu}\.[\s-]?){1,4}\s*\p{Lu}[\p{L}'’-]+)/u.test(start)
  const isFull = /^\p{Lu}[\p{L}'’-]+(?:,\s*\p{Lu}[\p{L}.'’-]+)+.*?[([]?(?:1[6-9]\d\d|20\d\d)/u.test(text.slice(0, 200))
  return hasNames || isFull || /\b10\.\d{4,9}\/\S+/.test(text)
}
