import type { PaperRecord } from '../../src/index.js'
import { labelsOf, shownPaper, sourceOf, text } from '../session/shown-paper.js'

/** Which papers are shown; `''` and `null` allow all. */
export interface Filters {
  yearFrom: number | null
  yearTo: number | null
  venue: string
  type: string
  source: string
  label: string
  author: string
  abstract: '' | 'with' | 'without'
}

export const NO_FILTERS: Filters = {
  yearFrom: null,
  yearTo: null,
  author: '',
  venue: '',
  type: '',
  source: '',
  label: '',
  abstract: '',
}

/** Fields that are filtered by one of the values that occur. */
export const FACETS = ['author', 'venue', 'type', 'source', 'label'] as const
export type Facet = (typeof FACETS)[number]

/** The value of the label filter for papers that have none. */
export const UNLABELLED = '(unlabelled)'

export function isFiltering(filters: Filters): boolean {
  return Object.entries(NO_FILTERS).some(([field, none]) => filters[field as keyof Filters] !== none)
}

/**
 * Whether the filters allow a paper; `undefined` if they allow all.
 *
 * @param withAbstract Ids of the papers that have an abstract, which records lack.
 */
export function predicateOf(filters: Filters, withAbstract: ReadonlySet<string>): ((paper: PaperRecord) => boolean) | undefined {
  if (!isFiltering(filters)) return undefined
  const { yearFrom, yearTo } = filters
  const chosen = FACETS.filter((facet) => filters[facet] !== '')
  return (paper) => {
    if (yearFrom !== null || yearTo !== null) {
      const { year } = paper
      if (typeof year !== 'number' || year < (yearFrom ?? year) || year > (yearTo ?? year)) return false
    }
    if (filters.abstract !== '' && withAbstract.has(paper.id) !== (filters.abstract === 'with')) return false
    return chosen.every((facet) => {
      const values = valuesOf(paper, facet)
      return values.includes(filters[facet]) || (facet === 'label' && filters.label === UNLABELLED && values.length === 0)
    })
  }
}

/** The values of a facet with the number of papers, most frequent first. */
export function countFacet(papers: readonly PaperRecord[], facet: Facet): [value: string, count: number][] {
  const counts = new Map<string, number>()
  for (const paper of papers) for (const value of valuesOf(paper, facet)) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
}

function valuesOf(paper: PaperRecord, facet: Facet): string[] {
  if (facet === 'author') return [...shownPaper(paper).authors]
  if (facet === 'label') return labelsOf(paper)
  const value = facet === 'source' ? sourceOf(paper) : text(paper[facet])
  return value === null ? [] : [value]
}
