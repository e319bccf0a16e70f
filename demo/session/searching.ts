import type { Hit, PaperRecord, SearchMode } from '../../src/index.js'
import { type Filters, predicateOf } from '../list/filters.js'
import type { Row } from '../list/paper-list.js'
import type { LibrarySession } from './library-session.js'

/** What the list shows: all papers, those found by a text, or those like some and unlike others. */
export interface Query {
  text: string
  mode: SearchMode
  filters: Filters
  liked: readonly string[]
  disliked: readonly string[]
  /** Papers chosen elsewhere, as on the map; `null`: all. */
  only: ReadonlySet<string> | null
  sort: 'added' | 'newest' | 'oldest' | 'title'
}

export interface Found {
  rows: readonly Row[]
  /** How many papers the filters allow. */
  allowed: number
  ranked: boolean
  /** By words alone, though meaning was asked for; and why. */
  byWords: Error | null
  /** The side that the rows are by while the other is still to come. */
  partial: SearchMode | null
  /** Whether more hits can be had by more(). */
  hasMore: boolean
  tookMs: number
}

/** Hits that are asked for at once: a few screens of them. */
const PAGE_HITS = 100
const MAX_HITS = 2000

/** Turns queries into rows; the latest wins. One that is run again, since the library has changed, keeps as many rows as it had. */
export class Searching {
  readonly #onFound: (found: Found) => void
  #shown: { session: LibrarySession; query: Query; found: Found } | null = null
  #current = new AbortController()
  #next: (() => Promise<void>) | null = null

  constructor(onFound: (found: Found) => void) {
    this.#onFound = onFound
  }

  cancel(): void {
    this.#current.abort()
    this.#next = null
  }

  /** @throws what the search throws, but not for one that a later one has ended. */
  async run(session: LibrarySession, query: Query): Promise<void> {
    this.cancel()
    this.#current = new AbortController()
    const { signal } = this.#current
    const startedAt = performance.now()
    const { text, mode, filters, liked, disliked, only } = query
    const predicate = predicateOf(filters)
    const allowed = session.papers.filter((paper) => (only?.has(paper.id) ?? true) && (predicate?.(paper) ?? true))
    const shown = this.#shown?.session === session && isSame(query, this.#shown.query) ? this.#shown.found : null
    const tell = (part: Partial<Found> & Pick<Found, 'rows'>) => {
      if (signal.aborted) return
      const tookMs = shown?.tookMs ?? performance.now() - startedAt
      const rest = { allowed: allowed.length, ranked: true, byWords: null, partial: null, hasMore: false, tookMs }
      const found = { ...rest, ...part }
      this.#shown = found.partial === null ? { session, query, found } : null
      this.#onFound(found)
    }
    if (text.trim() === '' && liked.length === 0)
      return tell({ rows: sorted(allowed, query.sort).map((paper) => ({ paper, hit: null })), ranked: false })
    const options = { signal, filter: predicate, ids: only ?? undefined }
    let rows: Row[] = []
    const show = (hits: readonly Hit[], k: number, rest: Partial<Found> = {}) => {
      rows = [...rows, ...hits.map((hit) => ({ paper: hit.paper, hit }))]
      const hasMore = hits.length === k && rows.length < MAX_HITS
      this.#next = hasMore ? () => page(rows.length, PAGE_HITS) : null
      tell({ rows, hasMore, ...rest })
    }
    const page = async (offset: number, k: number) => {
      if (liked.length > 0) return show(await session.index.similar({ liked, disliked }, { ...options, k, offset }), k)
      const result = await session.index.search(text, {
        ...options,
        mode,
        k,
        offset,
        concurrent: offset > 0,
        onUpdate: ({ hits, mode }) => {
          if (offset === 0 && !shown) tell({ rows: hits.map((hit) => ({ paper: hit.paper, hit })), partial: mode })
        },
      })
      show(result.hits, k, { byWords: result.unavailable })
    }
    try {
      await page(0, Math.max(PAGE_HITS, shown?.rows.length ?? 0))
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Adds the next hits of a ranking. */
  async more(): Promise<void> {
    const next = this.#next
    this.#next = null
    const { signal } = this.#current
    await next?.().catch((error) => {
      if (!signal.aborted) throw error
    })
  }
}

function isSame(a: Query, b: Query): boolean {
  return (Object.keys(a) as (keyof Query)[]).every((key) => a[key] === b[key])
}

function sorted(papers: readonly PaperRecord[], by: Query['sort']): readonly PaperRecord[] {
  const year = ({ year }: PaperRecord, none: number) => (typeof year === 'number' ? year : none)
  switch (by) {
    case 'added':
      return papers
    case 'newest':
      return papers.toSorted((a, b) => year(b, -1e9) - year(a, -1e9))
    case 'oldest':
      return papers.toSorted((a, b) => year(a, 1e9) - year(b, 1e9))
    case 'title':
      return papers.toSorted((a, b) => a.title.localeCompare(b.title))
  }
}
