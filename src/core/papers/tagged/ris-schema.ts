import { TYPE_WORDS, type TypeTable, typeTable } from '../fields/paper-types.js'
import { plainSchema } from '../fields/plain-schema.js'
import type { Schema } from '../fields/schema.js'
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

/** RIS as EndNote, Zotero, Scopus, PubMed Central and publishers write it. */
export const RIS: Schema = risSchema()

function risSchema(): Schema {
  const schema = plainSchema(
    {
      title: ['TI', 'T1', 'CT', 'BT', 'ST', 'TT'],
      abstract: ['AB', 'N2'],
      authors: ['AU', 'A1'],
      year: ['PY', 'Y1', 'YR', 'DA'],
      venue: ['T2', 'JF', 'JO', 'JA', 'J2', 'J1', 'BT'],
      volume: ['VL'],
      issue: ['IS', 'CP'],
      pages: ['SP'],
      lastPage: 'EP',
      doi: ['DO', 'DOI', 'DI'],
      pmid: ['PM'],
      arxivId: ['M1'],
      url: ['UR', 'L2', 'LK'],
      keywords: ['KW', 'K1'],
      type: ['TY'],
      key: ['ID', 'AN'],
    },
    { types: RIS_TYPES, typeNames: TYPE_NAMES },
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
    // RIS has no field for PMIDs. PubMed Central writes `U1  - 23690738[pmid]`.
    pmid: {
      read(fields) {
        for (const name of ['U1', 'U2', 'U3', 'PM', 'AN', 'UR', 'N1'])
          for (const value of fields.get(name) ?? []) {
            const id =
              /^\s*(\d{1,8})\s*\[pmid\]\s*$/i.exec(value)?.[1] ??
              /(?:ncbi\.nlm\.nih\.gov\/(?:m\/)?(?:pubmed\/)?|^\s*PMID:?\s*)(\d{1,8})\/?(?!\d|\S*PMC)\s*$/i.exec(value)?.[1] ??
              (name === 'AN' && /pubmed|medline|nlm/i.test(fields.get('DB')?.join(' ') ?? '')
                ? /^\s*(\d{1,8})\s*$/.exec(value)?.[1]
                : undefined)
            if (id !== undefined) return { value: id, used: name === 'U1' && fields.get('U1')!.length === 1 ? ['U1'] : [] }
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
