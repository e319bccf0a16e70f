import type { Hit, PaperRecord, ParsedQuery, SearchCounts, SearchMode } from '../../src/index.js'
import { type Filters, predicateOf } from '../list/filters.js'
import type { Row } from '../list/paper-list.js'
import type { LibrarySession } from './library-session.js'

export type SortOrder = 'added' | 'latest' | 'newest' | 'oldest' | 'title'

/** What the list shows: all papers, papers that match a text, or papers like some and unlike others. */
export interface Query {
  text: string
  mode: SearchMode
  filters: Filters
  liked: readonly string[]
  disliked: readonly string[]
  /** Papers selected on the map; `null`: all. */
  only: ReadonlySet<string> | null
  /** Default: the best first of a ranking, as added otherwise. */
  sort: SortOrder
}

export interface QueryResult {
  rows: readonly Row[]
  /** How many papers pass the filters. */
  allowed: number
  isRanked: boolean
  /** How many papers the search found; `null` if it was none, or the papers are like examples. */
  counts: SearchCounts | null
  /** What the search was understood as. */
  understood: ParsedQuery | null
  /** Rows above the line below which papers are only loosely alike; `null` if there is no line among the rows. */
  above: number | null
  /** Why a search by meaning ran by words alone. */
  unavailable: Error | null
  /** The side that ranked these rows while the other is still searching. */
  partial: SearchMode | null
  /** Papers whose words are still being read. */
  unread: number
  /** Whether `more()` would load more hits. */
  hasMore: boolean
  tookMs: number
}

/** A few screens of hits. */
const PAGE_HITS = 100
const MAX_HITS = 2000
/** Likeness from which papers are alike. */
const ALIKE = 0.5

/**
 * Runs queries; the latest wins. Running the same query again, after the library has changed, loads as many hits as were
 * shown.
 */
export class QueryRunner {
  readonly #onResult: (result: QueryResult) => void
  #shown: { session: LibrarySession; query: Query; result: QueryResult } | null = null
  #current = new AbortController()
  #next: (() => Promise<void>) | null = null

  constructor(onResult: (result: QueryResult) => void) {
    this.#onResult = onResult
  }

  cancel(): void {
    this.#current.abort()
    this.#next = null
  }

  /**
   * @param all Whether all papers that are found are needed at once, and none below the line.
   * @throws what the search throws, unless a later query has replaced this one.
   */
  async run(session: LibrarySession, query: Query, all = false): Promise<void> {
    this.cancel()
    this.#current = new AbortController()
    const { signal } = this.#current
    const startedAt = performance.now()
    const { text, mode, filters, liked, disliked, only } = query
    const predicate = predicateOf(filters, session.withAbstract)
    const allowed = session.papers.filter((paper) => (only?.has(paper.id) ?? true) && (predicate?.(paper) ?? true))
    const shown = this.#shown?.session === session && isSame(query, this.#shown.query) ? this.#shown.result : null
    const report = (part: Partial<QueryResult> & Pick<QueryResult, 'rows'>) => {
      if (signal.aborted) return
      const tookMs = shown?.tookMs ?? performance.now() - startedAt
      const rest = {
        allowed: allowed.length,
        isRanked: true,
        counts: null,
        understood: null,
        above: null,
        unavailable: null,
        partial: null,
        unread: 0,
        hasMore: false,
        tookMs,
      }
      const result = { ...rest, ...part }
      this.#shown = result.partial === null ? { session, query, result } : null
      this.#onResult(result)
    }
    if (text === '' && liked.length === 0)
      return report({ rows: sorted(allowed, query.sort).map((paper) => ({ paper, hit: null })), isRanked: false })
    const options = { signal, filter: predicate, ids: only ?? undefined }
    const isSorted = query.sort !== 'added'
    // Without a ranking there is no place for what is only loosely alike.
    const isWhole = isSorted || all
    let rows: Row[] = []
    const reportPage = (hits: readonly Hit[], k: number, part: Partial<QueryResult> = {}) => {
      rows = [...rows, ...rowsOf(hits)]
      // In another order than the ranking's there is one page, of all that is found.
      const hasMore = !isWhole && hits.length === k && rows.length < MAX_HITS
      this.#next = hasMore ? () => page(rows.length, PAGE_HITS) : null
      report({ rows: isSorted ? sortedRows(rows, query.sort, allowed) : rows, hasMore, ...part })
    }
    const page = async (offset: number, k: number) => {
      if (liked.length > 0) {
        const hits = await session.index.similar(
          { liked, disliked },
          { ...options, k, offset, ...(isWhole && { minLikeness: ALIKE }) },
        )
        const end = [...rows.map(({ hit }) => hit!), ...hits].findIndex(({ likeness }) => likeness !== null && likeness < ALIKE)
        return reportPage(hits, k, { above: end < 0 ? null : end })
      }
      const result = await session.index.search(text, {
        ...options,
        ...(isWhole && { minLikeness: ALIKE }),
        mode,
        k,
        offset,
        concurrent: offset > 0,
        onUpdate: ({ hits, mode, counts, query, unread }) => {
          if (offset === 0 && !shown && !isSorted)
            report({ rows: rowsOf(hits), partial: mode, counts, understood: query, unread })
        },
      })
      const { counts, query: understood, unavailable } = result
      reportPage(result.hits, k, { counts, understood, unavailable, above: isWhole ? null : counts.found })
    }
    try {
      await page(0, isWhole ? MAX_HITS : Math.max(PAGE_HITS, shown?.rows.length ?? 0))
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Loads the next hits of a ranking. */
  async more(): Promise<void> {
    const next = this.#next
    this.#next = null
    const { signal } = this.#current
    await next?.().catch((error) => {
      if (!signal.aborted) throw error
    })
  }
}

const rowsOf = (hits: readonly Hit[]): Row[] => hits.map((hit) => ({ paper: hit.paper, hit }))

function isSame(a: Query, b: Query): boolean {
  return (Object.keys(a) as (keyof Query)[]).every((key) => a[key] === b[key])
}

/** Hits in another order than the ranking's. */
function sortedRows(rows: readonly Row[], by: SortOrder, papers: readonly PaperRecord[]): Row[] {
  const rowOf = new Map(rows.map((row) => [row.paper.id, row]))
  const own = papers.filter(({ id }) => rowOf.has(id))
  return sorted(own, by).map(({ id }) => rowOf.get(id)!)
}

function sorted(papers: readonly PaperRecord[], by: SortOrder): readonly PaperRecord[] {
  const year = ({ year }: PaperRecord, missing: number) => (typeof year === 'number' ? year : missing)
  switch (by) {
    case 'added':
      return papers
    case 'latest':
      return papers.toReversed()
    case 'newest':
      return papers.toSorted((a, b) => year(b, -1e9) - year(a, -1e9))
    case 'oldest':
      return papers.toSorted((a, b) => year(a, 1e9) - year(b, 1e9))
    case 'title':
      return papers.toSorted((a, b) => a.title.localeCompare(b.title))
  }
}
