import { bracketList, parseInitialedName, parseName, splitNames } from '../fields/names.js'
import { TYPE_WORDS } from '../fields/paper-types.js'
import { plainSchema } from '../fields/plain-schema.js'
import type { RawFields, Schema } from '../fields/schema.js'
import type { Paper } from '../paper.js'

/** The properties that a column can hold. */
export const COLUMN_PROPERTIES = [
  'id',
  'title',
  'abstract',
  'authors',
  'year',
  'venue',
  'volume',
  'issue',
  'pages',
  'doi',
  'pmid',
  'arxivId',
  'url',
  'keywords',
  'type',
  'key',
] as const satisfies (keyof Paper)[]
/** One of {@link COLUMN_PROPERTIES}. */
export type ColumnProperty = (typeof COLUMN_PROPERTIES)[number]

/** The heading of the column for each property, for tables whose headings are not recognised, or wrongly. */
export type ColumnMapping = Partial<Readonly<Record<ColumnProperty | 'lastPage', string>>>

/** Headings used by Scopus, Web of Science, Embase, PubMed, Zotero, EndNote, Dimensions, Lens, IEEE, ASReview and handmade tables. */
const HEADINGS: Readonly<Record<ColumnProperty | 'lastPage', string>> = {
  id: 'id|record id|paper id|_id|corpus id|openalex id',
  title:
    'title|primary title|article title|document title|paper title|t1|ti|titles|name of article|publication title original|original title',
  abstract: 'abstract|abstract note|abstracts|notes abstract|n2|ab|abstract text|description|summary',
  authors:
    'authors|author|author names|first authors|author full names|authors with affiliations raw|au|inventors|creator|creators|a1|author s',
  year: 'year|publication year|published year|py|pub year|date|publication date|date published|issued|published|cover date|y1|year published',
  venue:
    'journal|source title|publication title|venue|source|journal title|publication name|container title|secondary title|journal book|book title|host|jt|t2|so|conference|booktitle|publication|journal name',
  volume: 'volume|vl|vol',
  issue: 'issue|is|number|issue number|no',
  pages: 'pages|page|pagination|start page|page start|first page|sp|bp|pg|article number|art no',
  lastPage: 'end page|page end|last page|ep',
  doi: 'doi|di|do|digital object identifier|doi link|doi url|article doi',
  pmid: 'pmid|pubmed id|pm|pubmedid|pubmed pmid|medline pmid',
  arxivId: 'arxiv|arxiv id|arxivid|eprint',
  url: 'url|link|urls|ur|pdf link|web address|doi link|source url|open url link|file attachments2',
  keywords: 'keywords|author keywords|kw|de|tags|manual tags|index terms|mesh terms|subjects|ieee terms|keyword',
  type: 'type|document type|item type|type of reference|publication type|dt|ty|reference type|entry type',
  key: 'key|citation key|citekey|accession number|ut unique wos id|eid|ut|an|accession|bibtex key',
}

/** Prefix of the heading of a raw field that has the same name as a property. */
export const RAW_HEADING = 'raw: '

/** Normalises a heading for comparison. */
function headingKey(heading: string): string {
  return heading
    .replace(/^\ufeff/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[\s_.,:()/-]+/g, ' ')
    .trim()
}

/** The column of each property: the one that the caller names, or the first whose heading is known. */
export function recogniseColumns(
  headings: readonly string[],
  mapping: ColumnMapping = {},
): Map<ColumnProperty | 'lastPage', string> {
  const found = new Map<ColumnProperty | 'lastPage', string>()
  for (const [property, names] of Object.entries(HEADINGS) as [ColumnProperty | 'lastPage', string][]) {
    const mapped = mapping[property]
    const wanted = mapped === undefined ? names.split('|') : [headingKey(mapped)]
    for (const name of wanted) {
      const heading = headings.find((candidate) => headingKey(candidate) === name && ![...found.values()].includes(candidate))
      if (heading === undefined) continue
      found.set(property, heading)
      break
    }
  }
  return found
}

/** Whether headings are those of a bibliography: titles, abstracts, DOIs or PMIDs, and something else. */
export function isBibliography(headings: readonly string[]): boolean {
  const columns = recogniseColumns(headings)
  return (
    headings.length > 1 &&
    (columns.has('title') || (columns.has('abstract') && columns.size > 1) || columns.has('doi') || columns.has('pmid'))
  )
}

/** The schema that reads and writes rows with these columns. */
export function columnSchema(columns: ReadonlyMap<ColumnProperty | 'lastPage', string>): Schema {
  const names = Object.fromEntries(COLUMN_PROPERTIES.map((property) => [property, [columns.get(property) ?? property]]))
  const lastPage = columns.get('lastPage')
  return plainSchema(
    { ...names, ...(lastPage !== undefined && { lastPage }) },
    {
      types: TYPE_WORDS,
      splitNames,
      name: parseTableName,
      // A semicolon even after a single name: without it, `Ann Lee, Bo Chen` would be two people.
      joinNames: (written) => [written.length === 1 ? `${written[0]};` : written.join('; ')],
      splitKeywords: splitTableKeywords,
      joinKeywords: (written) => [written.length === 1 ? `${written[0]};` : written.join('; ')],
    },
  )
}

/** Parses `Lee, Ann` and `Lee A.`; `Ann Lee` could be a group, so it is not taken apart. */
export function parseTableName(text: string): ReturnType<typeof parseName> {
  return text.includes(',') ? parseName(text) : parseInitialedName(text)
}

export function splitTableKeywords(value: string): string[] {
  return bracketList(value) ?? value.split(value.includes(';') ? ';' : value.includes('|') ? '|' : /,(?![^(]*\))/)
}

/** The row's id, if the table has ids. */
export function rowId(fields: RawFields, columns: ReadonlyMap<ColumnProperty | 'lastPage', string>): string | undefined {
  const name = columns.get('id')
  const id = name === undefined ? undefined : fields.get(name)?.[0]?.trim()
  return id === '' ? undefined : id
}
