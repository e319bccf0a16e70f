import { normalizeDoi } from '../fields/identifiers.js'
import { parseInitialedName, parseName } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { plainSchema } from '../fields/plain-schema.js'
import type { RawFields, Schema } from '../fields/schema.js'
import { cleanText } from '../text/clean-text.js'
import { ovidName, ovidNames, ovidText } from './ovid-text.js'
import { RIS } from './ris-schema.js'

/** How a format writes its records: a tag and a value on a line, and lines that continue the value. */
export interface Dialect {
  schema: Schema
  /** Matches the tag and the value of a line, which may be missing. */
  line: RegExp
  /** A line that begins a record and is not a field. */
  starts?: RegExp
  /** A line that ends a record. */
  ends?: RegExp
  /** The tag with which each record begins, if the format has one. */
  first?: string
  /** Whether a blank line separates records; `unless-first`: only records without the first tag. */
  blankSeparates: boolean | 'unless-first'
  /** Lines between records that are not of any record. */
  between?: RegExp
  /** Tags of the file, not of a record. */
  header?: ReadonlySet<string>
  /** Tags whose continuation lines are further values. */
  lists?: ReadonlySet<string>
  /** Title tags. If the end of a record is missing, the next one begins only once it has a title of its own. */
  titles?: readonly string[]
}

const semicolons = (value: string) => value.split(';')

export const DIALECTS = {
  ris: {
    schema: RIS,
    line: /^\s{0,3}\ufeff?([A-Z][A-Z0-9])[ \t]{0,3}- ?(.*)$|^([A-Z][A-Z0-9]) {2}-$/,
    ends: /^\s*ER[ \t]{0,3}-(?:\s|$)/,
    first: 'TY',
    blankSeparates: false,
    titles: ['TI', 'T1', 'CT', 'BT'],
    // The Cochrane Library's.
    between: /^(?:Record #?\d+ of \d+\s*$|(?:Provider|Content|Database): )/,
  },
  nbib: {
    schema: medline(),
    line: /^([A-Z]{2,4}) {0,2}- ?(.*)$/,
    first: 'PMID',
    blankSeparates: true,
  },
  wos: {
    schema: wos(),
    line: /^\ufeff?([A-Z][A-Z0-9]) (.*)$|^(PT|ER|EF)\s*$/,
    ends: /^ER\s*$/,
    first: 'PT',
    blankSeparates: false,
    header: new Set(['FN', 'VR', 'EF']),
    lists: new Set(['AU', 'AF', 'CA', 'BA', 'BF', 'BE', 'CR', 'C1', 'RI', 'OI', 'GP']),
  },
  refworks: {
    schema: refworks(),
    // CNKI writes `vo`, and tags without a value.
    line: /^\ufeff?(vo|[A-Z][A-Z0-9]) (.*)$|^(ER|RT|SR|ID|A\d|T\d|J[FO]|YR|FD|VO|IS|SP|OP|K1|AB|NO|ED|PB|PP|SN|AV|AD|AN|LA|CL|SF|OT|LK|DO|CN|DB|DS|IP|RD|ST|UL)$/,
    ends: /^ER\s*$/,
    first: 'RT',
    blankSeparates: false,
  },
  refer: {
    schema: plainSchema(
      {
        title: ['T', '!'],
        abstract: ['X'],
        authors: ['A'],
        year: ['D', '8'],
        venue: ['J', 'B', 'S'],
        volume: ['V'],
        issue: ['N'],
        pages: ['P'],
        doi: ['R'],
        url: ['U', '>'],
        keywords: ['K'],
        type: ['0'],
        key: ['F', 'M'],
      },
      { types: TYPE_WORDS },
    ),
    line: /^\s{0,2}\ufeff?%(\S)(?:\s(.*))?$/,
    first: '0',
    blankSeparates: 'unless-first',
    titles: [],
  },
  copac: {
    schema: plainSchema(
      {
        title: ['TI'],
        abstract: ['AB'],
        authors: ['AU'],
        year: ['PY'],
        venue: ['SO'],
        url: ['UR'],
        keywords: ['KW'],
      },
      { types: TYPE_WORDS },
    ),
    line: /^([A-Z]{2,3})- (.*)$/,
    first: 'TI',
    blankSeparates: true,
  },
  biblioscape: {
    schema: plainSchema(
      {
        title: ['TI'],
        abstract: ['AB'],
        authors: ['AU'],
        year: ['YP'],
        venue: ['ST', 'JN'],
        volume: ['VL'],
        issue: ['NB'],
        pages: ['PS'],
        lastPage: 'PE',
        url: ['AT', 'UR'],
        keywords: ['KW'],
        type: ['RT'],
        key: ['ID'],
      },
      { types: TYPE_WORDS, splitNames: semicolons, splitKeywords: semicolons },
    ),
    line: /^--([A-Z]{2})-- ?(.*)$/,
    ends: /^-{6,}\s*$/,
    blankSeparates: false,
  },
  // What CNKI and Wanfang export for NoteExpress.
  noteexpress: {
    schema: plainSchema(
      {
        title: ['Title'],
        abstract: ['Abstract'],
        authors: ['Author'],
        year: ['Year', 'Date'],
        venue: ['Journal', 'Secondary Title', 'Tertiary Title', 'Publisher'],
        volume: ['Volume'],
        issue: ['Issue'],
        pages: ['Pages'],
        doi: ['DOI'],
        url: ['URL'],
        keywords: ['Keywords'],
        type: ['Reference Type'],
      },
      { types: TYPE_WORDS },
    ),
    line: /^\ufeff?\{([^{}]{2,40})\}:\s?(.*)$/,
    first: 'Reference Type',
    blankSeparates: false,
  },
  silverplatter: {
    schema: plainSchema(
      {
        title: ['TI'],
        abstract: ['AB'],
        authors: ['AU'],
        year: ['PY', 'SO'],
        venue: ['JN', 'SO'],
        volume: ['VL'],
        issue: ['IS'],
        pages: ['PG'],
        keywords: ['DE', 'ID', 'KW'],
        doi: ['DO', 'DI'],
        type: ['DT', 'RT'],
        key: ['AN'],
      },
      { types: TYPE_WORDS, splitNames: (value) => value.replaceAll(',-', ', ').split(';'), splitKeywords: semicolons },
    ),
    line: /^([A-Z]{2})(?::| ?-)\s+(.*)$/,
    starts: /^\s*\*{0,2}\s*Record\b.*\d/,
    blankSeparates: false,
  },
  ovid: {
    schema: plainSchema(
      {
        title: ['Title', 'TI', 'Book Title'],
        abstract: ['Abstract', 'AB'],
        authors: ['Author', 'Authors', 'Author(s)', 'Authors Full Name', 'AU'],
        year: [
          'Year of Publication',
          'Publication Year',
          'Date of Publication',
          'Publication Date',
          'Source',
          'Citation',
          'Status',
        ],
        venue: ['Journal Name', 'Journal Title', 'Source', 'Citation'],
        volume: ['Volume'],
        issue: ['Issue'],
        pages: ['Page', 'Pages'],
        doi: ['DOI Number', 'Digital Object Identifier', 'DOI', 'Link to the Ovid Full Text or citation'],
        pmid: ['PMID', 'PubMed ID'],
        url: ['URL', 'Link to the Ovid Full Text or citation'],
        keywords: ['Author Keywords', 'Keywords', 'Keyword Heading', 'Subject Headings', 'MeSH Subject Headings', 'Key Concepts'],
        type: ['Publication Type', 'Document Type'],
        key: ['Accession Number', 'Unique Identifier'],
      },
      {
        types: TYPE_WORDS,
        clean: ovidText,
        splitNames: ovidNames,
        splitKeywords: (value) => value.replace(/\.$/, '').split(/;|(?<=\w)\.\s{2,}/),
        name: ovidName,
      },
    ),
    line: /^([A-Z][A-Za-z()/ &-]{1,60}?)\.?\s*$|^([A-Z][A-Za-z()/ &-]{1,40})\.? {2}(\S.*)$/,
    starts: /^\s*<\s*\d+\s*>/,
    blankSeparates: false,
  },
} as const satisfies Record<string, Dialect>

export type DialectName = keyof typeof DIALECTS

function wos(): Schema {
  const schema = plainSchema(
    {
      title: ['TI'],
      abstract: ['AB'],
      authors: ['AF', 'AU', 'BF', 'BA', 'CA'],
      year: ['PY', 'PD', 'EY', 'EA'],
      venue: ['SO', 'JI', 'J9'],
      volume: ['VL'],
      issue: ['IS'],
      pages: ['BP', 'AR', 'PS'],
      lastPage: 'EP',
      doi: ['DI'],
      pmid: ['PM'],
      url: ['UR'],
      keywords: ['DE', 'ID'],
      type: ['DT', 'PT'],
      key: ['UT', 'AN'],
    },
    { types: TYPE_WORDS, splitKeywords: semicolons },
  )
  const groups = (fields: RawFields) => (fields.get('CA') ?? []).map((name) => ({ name: cleanText(name) }))
  const { read, write } = schema.authors
  return {
    ...schema,
    // CA has the groups among the authors.
    authors: {
      read(fields) {
        const people = read(new Map([...fields].filter(([tag]) => tag !== 'CA')))
        const all = [...(people?.value ?? []), ...groups(fields)]
        return all.length === 0 ? undefined : { value: all, used: people?.used ?? [] }
      },
      write,
    },
  }
}

function refworks(): Schema {
  const schema = plainSchema(
    {
      title: ['T1'],
      abstract: ['AB'],
      authors: ['A1'],
      year: ['YR', 'FD'],
      venue: ['JF', 'JO', 'T2'],
      volume: ['VO', 'vo'],
      issue: ['IS'],
      pages: ['SP'],
      lastPage: 'OP',
      doi: ['DO'],
      url: ['LK', 'UL'],
      keywords: ['K1'],
      type: ['RT'],
      key: ['ID', 'AN'],
    },
    { types: TYPE_WORDS },
  )
  const { read, write } = schema.pages
  return {
    ...schema,
    // OP is the last page, or a range, or a number of pages.
    pages: {
      read: (fields) =>
        read(fields) ??
        (/\d\s*-\s*\d/.test(fields.get('OP')?.[0] ?? '') ? { value: fields.get('OP')![0]!, used: ['OP'] } : undefined),
      write,
    },
  }
}

function medline(): Schema {
  const schema = plainSchema(
    {
      title: ['TI', 'BTI', 'CTI', 'TT', 'VTI'],
      abstract: ['AB', 'OAB', 'OABL'],
      authors: ['FAU', 'AU', 'CN'],
      year: ['DP', 'DEP', 'EDAT', 'DA'],
      venue: ['JT', 'TA', 'BTI', 'CTI'],
      volume: ['VI'],
      issue: ['IP'],
      pages: ['PG'],
      doi: ['LID', 'AID', 'SO'],
      pmid: ['PMID'],
      url: ['URL'],
      keywords: ['OT', 'MH'],
      type: ['PT'],
      key: ['PMID'],
    },
    { types: TYPE_WORDS, splitKeywords: (value) => [value] },
  )
  const doi = (value: string) => (/\[doi\]|^\s*doi|doi:/i.test(value) ? normalizeDoi(value) : undefined)
  return {
    ...schema,
    // FAU has full names; AU has `Rennie MJ`.
    authors: {
      read(fields) {
        const groups = (fields.get('CN') ?? []).map((name) => ({ name }))
        const full = fields.get('FAU')?.flatMap((name) => parseName(name) ?? [])
        const people = full ?? fields.get('AU')?.flatMap((name) => parseInitialedName(name) ?? []) ?? []
        if (people.length + groups.length === 0) return undefined
        return { value: [...people, ...groups], used: full && groups.length === 0 ? ['FAU'] : [] }
      },
      write: schema.authors.write,
    },
    doi: {
      read(fields) {
        for (const name of ['LID', 'AID', 'SO', 'LR-doi'])
          for (const value of fields.get(name) ?? []) {
            const found = doi(value)
            if (found !== undefined) return { value: found, used: [] }
          }
        return undefined
      },
      write: schema.doi.write,
    },
    // Of several types, anything more specific than an article takes precedence.
    type: {
      read(fields) {
        const types = (fields.get('PT') ?? [])
          .map((value) => TYPE_WORDS.get(value.trim().toLowerCase()))
          .filter((type) => type !== undefined)
        const value = types.find((type) => type !== 'article') ?? types[0]
        return value === undefined ? (fields.has('PT') ? { value: 'other', used: [] } : undefined) : { value, used: [] }
      },
      write: schema.type.write,
    },
  }
}
