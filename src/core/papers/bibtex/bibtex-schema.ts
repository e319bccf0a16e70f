import { normalizeArxivId, normalizeDoi, normalizePmid, parseYear } from '../fields/identifiers.js'
import { typeTable } from '../fields/paper-types.js'
import { type RawFields, type Schema, single } from '../fields/schema.js'
import type { PaperType } from '../paper.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText, escapeMarkup } from '../text/clean-text.js'
import { escapeLatex } from '../text/escape-latex.js'
import { latexToText } from '../text/latex-to-text.js'
import { formatBibtexNames, parseBibtexNames } from './bibtex-names.js'

/** The name under which the entry's type is among its fields. */
export const ENTRY_TYPE = 'entrytype'

const TYPES = typeTable({
  article: 'article|article-journal|periodical|suppperiodical|review',
  conference: 'inproceedings|conference|proceedings|mvproceedings|presentation',
  preprint: 'preprint|unpublished|eprint',
  book: 'book|booklet|mvbook|collection|mvcollection|reference|mvreference',
  chapter: 'inbook|incollection|bookinbook|suppbook|suppcollection|inreference',
  thesis: 'thesis|phdthesis|mastersthesis|bachelorsthesis',
  report: 'manual|report|techreport|standard',
  dataset: 'dataset|data',
  software: 'software|softwareversion',
  patent: 'patent',
  web: 'online|electronic|www|webpage',
})
const ENTRY_TYPES: Readonly<Record<PaperType, string>> = {
  article: 'article',
  conference: 'inproceedings',
  preprint: 'unpublished',
  book: 'book',
  chapter: 'incollection',
  thesis: 'phdthesis',
  report: 'techreport',
  dataset: 'dataset',
  software: 'software',
  patent: 'patent',
  web: 'online',
  other: 'misc',
}

const plain = (raw: string) => cleanText(latexToText(raw))
const latex = (text: string) => escapeLatex(escapeMarkup(text))
/** URLs are not LaTeX, though exporters escape them. */
const address = (raw: string) =>
  raw
    .replace(/\{?\\([_%&#~$])\}?/g, '$1')
    .replace(/\\([{}])/g, '$1')
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\\url\s*\{(.*)\}$/s, '$1')
    .trim()
const text = (...names: string[]) =>
  single(
    names,
    ([raw]) => plain(raw!),
    (value: string) => [latex(value)],
  )

/** The fields of BibTeX and BibLaTeX, lower case. */
export const BIBTEX: Schema = {
  type: {
    read(fields) {
      const entry = fields.get(ENTRY_TYPE)?.[0]
      if (entry === undefined) return undefined
      const type = TYPES.get(entry) ?? 'other'
      return { value: LOOSE.has(type) && isPreprint(fields, type) ? 'preprint' : type, used: [ENTRY_TYPE] }
    },
    write: (value) => [[ENTRY_TYPE, [ENTRY_TYPES[value]]]],
  },
  title: {
    read(fields) {
      const whole = ['book', 'conference'].includes(TYPES.get(fields.get(ENTRY_TYPE)?.[0] ?? '') ?? '')
      for (const name of whole ? ['title', 'booktitle', 'maintitle'] : ['title', 'maintitle']) {
        const raw = fields.get(name)?.[0]
        if (raw === undefined || plain(raw) === '') continue
        const subtitle = plain(fields.get(name === 'title' ? 'subtitle' : '')?.[0] ?? '')
        const value = plain(raw)
        return { value: subtitle === '' ? value : `${value.replace(/:$/, '')}: ${subtitle}`, used: [name] }
      }
      return undefined
    },
    write: (value) => [['title', [latex(value)]]],
  },
  abstract: single(
    ['abstract', 'annotation-abstract'],
    ([raw]) => cleanAbstract(latexToText(raw!)),
    (value: string) => [latex(value)],
  ),
  authors: single(
    ['author', 'authors'],
    ([raw]) => parseBibtexNames(raw!),
    (value) => [formatBibtexNames(value)],
    'freely spelled',
  ),
  year: single(
    ['year', 'date', 'origdate'],
    ([raw]) => parseYear(plain(raw!)),
    (value) => [String(value)],
  ),
  venue: {
    read(fields) {
      const names = IN_BOOK.has(fields.get(ENTRY_TYPE)?.[0] ?? '')
        ? ['booktitle', 'journal', 'journaltitle', 'maintitle']
        : ['journal', 'journaltitle', 'booktitle']
      for (const name of names) {
        const value = plain(fields.get(name)?.[0] ?? '')
        if (value !== '') return { value, used: [name] }
      }
      return undefined
    },
    write: (value, { type }) => [
      [type === 'conference' || type === 'chapter' || type === 'book' ? 'booktitle' : 'journal', [latex(value)]],
    ],
  },
  volume: text('volume'),
  // Only an article's number is an issue: a book has its number in a series, a report a number of its own.
  issue: {
    read(fields) {
      for (const name of isArticle(fields) ? ['number', 'issue'] : ['issue']) {
        const value = plain(fields.get(name)?.[0] ?? '')
        if (value !== '') return { value, used: [name] }
      }
      return undefined
    },
    write: (value, { type }) => [[type === 'article' ? 'number' : 'issue', [latex(value)]]],
  },
  pages: single(
    ['pages', 'eid', 'articleno', 'article-number', 'article_number', 'art_number'],
    ([raw]) => plain(raw!.replace(/\s*(?:-{2,}|[–—])\s*/g, '-')),
    (value: string) => [latex(value).replace(/(?<=[\p{L}\d])-(?=[\p{L}\d])/gu, '--')],
    'freely spelled',
  ),
  doi: {
    read(fields) {
      for (const name of ['doi', 'url', 'ee', 'howpublished', 'note', 'eprint']) {
        const raw = plainDoi(fields.get(name)?.[0] ?? '')
        const value = name === 'doi' || /\bdoi(?:\.org\/|:)/i.test(raw) ? normalizeDoi(raw) : undefined
        if (value !== undefined) return { value, used: [name] }
      }
      return undefined
    },
    write: (value) => [['doi', [value]]],
    freelySpelled: true,
  },
  pmid: single(
    ['pmid', 'eprint'],
    ([raw]) => normalizePmid(plain(raw!)),
    (value: string) => [value],
  ),
  arxivId: {
    read(fields) {
      const eprint = fields.get('eprint')?.[0]
      const archive = (fields.get('archiveprefix') ?? fields.get('eprinttype'))?.[0]?.toLowerCase()
      const id =
        eprint !== undefined && (archive === undefined || archive === 'arxiv') ? normalizeArxivId(plain(eprint)) : undefined
      if (id !== undefined) return { value: id, used: ['eprint', fields.has('eprinttype') ? 'eprinttype' : 'archiveprefix'] }
      for (const name of ['arxivid', 'arxiv', 'url', 'journal', 'note', 'howpublished']) {
        const value = fields.get(name)?.[0]
        const found = value === undefined || !/arxiv/i.test(name + value) ? undefined : normalizeArxivId(address(value))
        if (found !== undefined) return { value: found, used: [name] }
      }
      return undefined
    },
    write: (value) => [
      ['eprint', [value]],
      ['archiveprefix', ['arXiv']],
    ],
  },
  url: {
    read(fields) {
      const url = address(fields.get('url')?.[0] ?? '')
      if (url !== '') return { value: url, used: ['url'] }
      for (const name of ['ee', 'link', 'howpublished']) {
        const value = /\b(?:https?|ftp):\/\/[^\s{}]+/i.exec(address(fields.get(name)?.[0] ?? ''))?.[0]
        if (value !== undefined) return { value, used: [name] }
      }
      return undefined
    },
    write: (value) => [['url', [value]]],
  },
  keywords: single(
    ['keywords', 'keyword', 'author_keywords', 'author-keywords'],
    ([raw]) => splitKeywords(plain(raw!)),
    (value) => [joinKeywords(value.map(latex))],
    'freely spelled',
  ),
  key: single(
    ['citekey'],
    ([raw]) => raw!,
    (value: string) => [value],
  ),
}

/** Without the LaTeX that exporters write into DOIs: `10.1000/{\textless}1::{\_}2{\textgreater}`. */
function plainDoi(raw: string): string {
  return address(raw)
    .replace(/\{?(?:\\textless|\$<\$)\s*(?:\{\})?\}?/g, '<')
    .replace(/\{?(?:\\textgreater|\$>\$)\s*(?:\{\})?\}?/g, '>')
    .replace(/[{}]/g, '')
}

/** Types whose entries may be preprints: exporters have no entry for those. */
const LOOSE: ReadonlySet<PaperType> = new Set(['other', 'article', 'web'])
const PREPRINT_SERVER = /^(?:arxiv|corr$|bio-?rxiv|med-?rxiv|chem-?rxiv|psyarxiv|socarxiv|research square|ssrn)/i

function isPreprint(fields: RawFields, type: PaperType): boolean {
  const venue = ['journal', 'journaltitle', 'booktitle']
    .map((name) => plain(fields.get(name)?.[0] ?? ''))
    .find((text) => text !== '')
  if (venue !== undefined || type === 'article') return PREPRINT_SERVER.test(venue ?? '')
  const archive = (fields.get('archiveprefix') ?? fields.get('eprinttype'))?.[0]?.toLowerCase()
  const server = ['publisher', 'howpublished'].some((name) => PREPRINT_SERVER.test(plain(fields.get(name)?.[0] ?? '')))
  return server || (archive === 'arxiv' && fields.has('eprint'))
}

function isArticle(fields: RawFields): boolean {
  return TYPES.get(fields.get(ENTRY_TYPE)?.[0] ?? '') === 'article'
}

/** Entry types whose venue is the book that they are part of. */
const IN_BOOK = new Set(['inproceedings', 'conference', 'incollection', 'inbook', 'suppbook', 'bookinbook', 'inreference'])

/** Splits at semicolons if there are any, otherwise at commas. */
function splitKeywords(text: string): string[] {
  const parts = text.split(text.includes(';') ? ';' : ',')
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))]
}

/** The opposite of {@link splitKeywords}. */
function joinKeywords(keywords: readonly string[]): string {
  if (!keywords.some((keyword) => keyword.includes(','))) return keywords.join(', ')
  return keywords.length === 1 ? `${keywords[0]};` : keywords.join('; ')
}
