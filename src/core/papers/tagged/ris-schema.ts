import { TYPE_WORDS, type TypeTable, typeTable } from '../fields/paper-types.js'
import { plainSchema, splitLines } from '../fields/plain-schema.js'
import type { RawFields, Schema } from '../fields/schema.js'
import type { PaperType } from '../paper.js'

const RIS_TYPES: TypeTable = new Map([
  ...TYPE_WORDS,
  ...typeTable({
    article: 'jour|jfull|mgzn|news|ejour|ejou|abst|inpr',
    conference: 'cpaper|conf',
    preprint: 'unpb|unpd|manscpt',
    book: 'book|ebook|edbook|whole|clswk',
    chapter: 'chap|echap|encyc|dict',
    thesis: 'thes',
    report: 'rprt|govdoc|stand',
    dataset: 'data|dbase|aggr',
    software: 'comp',
    patent: 'pat',
    web: 'elec|web|blog|icomm|multi',
    other: 'gen',
  }),
])
const TYPE_NAMES: Readonly<Record<PaperType, string>> = {
  article: 'JOUR',
  conference: 'CPAPER',
  preprint: 'UNPB',
  book: 'BOOK',
  chapter: 'CHAP',
  thesis: 'THES',
  report: 'RPRT',
  dataset: 'DATA',
  software: 'COMP',
  patent: 'PAT',
  web: 'ELEC',
  other: 'GEN',
}

const VENUES = ['T2', 'JF', 'JO', 'JA', 'J2', 'J1', 'SO', 'BT', 'C3'] as const

/**
 * The tags that may hold the venue. JF is always a journal; T2 is the journal or the book, but in Ovid's exports the original
 * title; C3 is the proceedings' title, or Cochrane's source.
 */
function venueTags(fields: RawFields): readonly string[] {
  const said = (tag: string) => fields.get(tag)?.join(' ') ?? ''
  const present = VENUES.filter((tag) => fields.has(tag))
  if (present.length < 2 && present[0] !== 'C3') return present
  const chapter = /^(?:E?CHAP|ENCYC|DICT)/i.test(said('TY'))
  const ovid = /\bovid/i.test(['DB', 'DP', 'UR', 'L2'].map(said).join(' '))
  const tags: readonly string[] = chapter
    ? VENUES
    : ovid
      ? ['JF', 'JO', 'JA', 'J2', 'T2', 'SO']
      : ['JF', ...VENUES.filter((tag) => tag !== 'JF')]
  // Of the same journal in both, T2 is what is written.
  if (said('JF') === said('T2')) return VENUES
  return tags.filter((tag) => tag !== 'C3' || !/^(?:PUBMED|EMBASE|CINAHL|CTGOV|ICTRP)\b/i.test(said('C3')))
}

/** RIS as EndNote, Zotero, Scopus, PubMed Central and publishers write it. */
export const RIS: Schema = risSchema()

function risSchema(): Schema {
  const schema = plainSchema(
    {
      title: ['TI', 'T1', 'CT', 'BT', 'ST', 'TT'],
      abstract: ['AB', 'N2'],
      authors: ['AU', 'A1'],
      year: ['PY', 'Y1', 'YR', 'DA'],
      venue: VENUES,
      volume: ['VL'],
      issue: ['IS', 'CP'],
      pages: ['SP', 'C7', 'AR'],
      lastPage: 'EP',
      doi: ['DO', 'DOI', 'DI'],
      pmid: ['PM'],
      arxivId: ['M1'],
      url: ['UR', 'L2', 'LK'],
      keywords: ['KW', 'K1'],
      type: ['TY'],
      key: ['ID', 'AN'],
    },
    { types: RIS_TYPES, typeNames: TYPE_NAMES, splitKeywords: splitLines },
  )
  const elsewhere = (own: Schema['doi'], names: readonly string[], pattern: RegExp): Schema['doi'] => ({
    read(fields) {
      const direct = own.read(fields)
      if (direct) return direct
      for (const name of names)
        for (const value of fields.get(name) ?? []) {
          const found = pattern.test(value) ? own.read(new Map([[own.write('', {})[0]![0], [value]]])) : undefined
          if (found) return { value: found.value, used: [] }
        }
      return undefined
    },
    write: own.write,
  })
  return {
    ...schema,
    doi: elsewhere(schema.doi, ['M3', 'L3', 'UR', 'LK', 'N1'], /^\s*(?:doi:?\s*)?10\.\d{4,}|doi\.org\/|^\s*doi:/i),
    venue: {
      read(fields) {
        for (const tag of venueTags(fields)) {
          const found = fields.has(tag) ? schema.venue.read(new Map([[tag, fields.get(tag)!]])) : undefined
          if (found) return found
        }
        return undefined
      },
      write: schema.venue.write,
    },
    // RIS has no field for PMIDs. PubMed Central writes `U1  - 23690738[pmid]`.
    pmid: {
      read(fields) {
        for (const name of ['U1', 'U2', 'U3', 'PM', 'C3', 'AN', 'UR', 'N1'])
          for (const value of fields.get(name) ?? []) {
            const id =
              /^\s*(\d{1,8})\s*\[pmid\]\s*$/i.exec(value)?.[1] ??
              /(?:ncbi\.nlm\.nih\.gov\/(?:m\/)?(?:pubmed\/)?|^\s*(?:PMID|PUBMED):?\s*)(\d{1,8})\/?(?!\d|\S*PMC)\s*$/i.exec(
                value,
              )?.[1] ??
              (name === 'AN' && /pubmed|medline|nlm/i.test(fields.get('DB')?.join(' ') ?? '')
                ? /^\s*(\d{1,8})\s*$/.exec(value)?.[1]
                : undefined)
            if (id !== undefined && !/^0+$/.test(id))
              return { value: id, used: name === 'U1' && fields.get('U1')!.length === 1 ? ['U1'] : [] }
          }
        return undefined
      },
      write: (value) => [['U1', [`${value}[pmid]`]]],
    },
    arxivId: {
      ...elsewhere(schema.arxivId, ['UR', 'AN', 'JF', 'JO', 'T2', 'N1', 'M3'], /arxiv/i),
      write: (value) => [['M1', [`arXiv:${value}`]]],
    },
  }
}
