import type { SearchMode } from '../../src/index.js'
import { FACETS, type Filters, NO_FILTERS } from '../list/filters.js'
import type { Query, SortOrder } from './query-runner.js'

/** The part of a query that the address of the page holds, so that it survives a reload and can be linked to. */
export type LinkedQuery = Pick<Query, 'text' | 'mode' | 'sort' | 'filters'>

const MODES: readonly string[] = ['hybrid', 'semantic', 'lexical'] satisfies SearchMode[]
const ORDERS: readonly string[] = ['added', 'latest', 'newest', 'oldest', 'title'] satisfies SortOrder[]

/** `#q=…&sort=newest`; '' for a query that asks for nothing. */
export function toFragment({ text, mode, sort, filters }: LinkedQuery): string {
  const entries = new URLSearchParams()
  if (text !== '') entries.set('q', text)
  if (mode !== 'hybrid') entries.set('by', mode)
  if (sort !== 'added') entries.set('sort', sort)
  if (filters.yearFrom !== null) entries.set('from', String(filters.yearFrom))
  if (filters.yearTo !== null) entries.set('to', String(filters.yearTo))
  for (const facet of FACETS) if (filters[facet] !== '') entries.set(facet, filters[facet])
  if (filters.abstract !== '') entries.set('abstract', filters.abstract)
  const written = entries.toString()
  return written === '' ? '' : `#${written}`
}

/** The query of a fragment; what is not of its form is left out. `null` if it asks for nothing. */
export function fromFragment(fragment: string): LinkedQuery | null {
  const entries = new URLSearchParams(fragment.replace(/^#/, ''))
  const year = (name: string) => (/^\d{1,4}$/.test(entries.get(name) ?? '') ? Number(entries.get(name)) : null)
  const filters: Filters = { ...NO_FILTERS, yearFrom: year('from'), yearTo: year('to') }
  for (const facet of FACETS) filters[facet] = entries.get(facet) ?? ''
  const abstract = entries.get('abstract')
  if (abstract === 'with' || abstract === 'without') filters.abstract = abstract
  const [mode, sort] = [entries.get('by') ?? '', entries.get('sort') ?? '']
  const query: LinkedQuery = {
    text: entries.get('q')?.trim() ?? '',
    mode: MODES.includes(mode) ? (mode as SearchMode) : 'hybrid',
    sort: ORDERS.includes(sort) ? (sort as SortOrder) : 'added',
    filters,
  }
  return toFragment(query) === '' ? null : query
}
