import { normalizeArxivId, normalizeDoi, normalizePmid } from '../papers/fields/identifiers.js'
import type { PaperText } from '../types.js'

/** The fields whose words are searched, in the order in which {@link fieldTexts} gives them. */
export const SEARCH_FIELDS = ['title', 'abstract', 'author', 'venue', 'year', 'keyword', 'label', 'note', 'identifier'] as const
/** A field that a query can name. */
export type SearchField = (typeof SEARCH_FIELDS)[number]

/** What is searched of a paper. Its other fields may be of any type, since records come from anybody's file. */
export interface SearchedPaper extends PaperText {
  authors?: unknown
  venue?: unknown
  year?: unknown
  keywords?: unknown
  labels?: unknown
  note?: unknown
  doi?: unknown
  pmid?: unknown
  arxivId?: unknown
}

/** The texts of each of {@link SEARCH_FIELDS}; texts of one field are apart, so that no phrase runs from one into the next. */
export function fieldTexts(paper: SearchedPaper): string[][] {
  const { title, abstract, authors, venue, year, keywords, labels, note, doi, pmid, arxivId } = paper
  return [
    [title],
    texts(abstract),
    (Array.isArray(authors) ? authors : [authors]).flatMap(names),
    texts(venue),
    typeof year === 'number' ? [String(year)] : [],
    texts(keywords),
    texts(labels),
    texts(note),
    [doi, pmid, arxivId].flatMap(texts),
  ]
}

/** Keys of a paper's identifiers, as `parseQuery` gives them; an arXiv id counts with any version. */
export function identifierKeys({ doi, pmid, arxivId }: SearchedPaper): string[] {
  const [ownDoi, ownPmid, ownArxiv] = [doi, pmid, arxivId].map((value) => texts(value)[0] ?? '')
  const pubmed = normalizePmid(ownPmid!)
  const arxiv = normalizeArxivId(ownArxiv!)?.replace(/v\d+$/, '').toLowerCase()
  return [normalizeDoi(ownDoi!), pubmed && `pmid:${pubmed}`, arxiv && `arxiv:${arxiv}`].flatMap((key) => key || [])
}

/** A text or texts; numbers, since some exports write identifiers so. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function names(author: unknown): string[] {
  if (typeof author === 'string') return [author]
  if (typeof author !== 'object' || author === null) return []
  const { given, family, suffix, name } = author as Record<string, unknown>
  const full = [given, family, suffix, name].filter((part) => typeof part === 'string').join(' ')
  return full === '' ? [] : [full]
}
