import type { PaperIndex, PaperRecord } from '../../src/index.js'
import { newEntry } from './entry-id.js'
import { type Bin, type HistoryAction, type HistoryEntry, type HistoryState, reconstructed, replay } from './history.js'
import { readBin, readHistory } from './read-history.js'

/** The bin keeps what was merged or removed for so long. */
export const BIN_DAYS = 30
const ENTRY = 'history:'
const BIN = 'bin:'
const REVIEW = 'review'

/** What was done to a library, kept with its papers and in its file; and the bin, from which that can be undone. */
export class LibraryHistory {
  readonly #index: PaperIndex
  #entries: readonly HistoryEntry[] = []
  #state: HistoryState = replay([])
  #isStored = false

  constructor(index: PaperIndex) {
    this.#index = index
  }

  /** Oldest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries
  }

  get state(): HistoryState {
    return this.#state
  }

  /**
   * Reads the history again. A library that has none gets one import for each source of its papers.
   *
   * @param papers The papers of the library.
   */
  async load(papers: readonly PaperRecord[]): Promise<void> {
    const stored = readHistory((await this.#index.data.get(ENTRY)).values())
    this.#isStored = stored.length > 0
    this.#set(this.#isStored ? stored : reconstructed(papers).map((action) => this.#entry(action)))
  }

  /** If an entry says that papers are gone which are here, since the page was closed in the middle of a merge: they are not gone. */
  async settle(has: (id: string) => boolean): Promise<void> {
    const present = new Map<string, string[]>()
    for (const [id, { entry }] of this.#state.gone) if (has(id)) present.set(entry.id, [...(present.get(entry.id) ?? []), id])
    for (const [of, restored] of present) await this.append({ kind: 'undo', of, restored })
  }

  /** @param bin What can undo it. */
  async append(action: HistoryAction, bin?: Bin): Promise<HistoryEntry> {
    const entry = this.#entry(action)
    const values: Record<string, unknown> = { [ENTRY + entry.id]: entry }
    if (bin) values[BIN + entry.id] = bin
    if (!this.#isStored) for (const other of this.#entries) values[ENTRY + other.id] = other
    await this.#index.data.set(values)
    this.#isStored = true
    this.#set([...this.#entries, entry])
    return entry
  }

  /** `null` if the bin no longer has it. */
  async bin(entry: string): Promise<Bin | null> {
    return readBin((await this.#index.data.get(BIN + entry)).get(BIN + entry))
  }

  /** Deletes from the bin what entries put there; they stay in the history. */
  async empty(entries: readonly string[]): Promise<void> {
    if (entries.length === 0) return
    await this.#index.data.set(Object.fromEntries(entries.map((id) => [BIN + id, null])))
    await this.append({ kind: 'emptied', of: entries })
  }

  /** Entries with records in the bin. */
  get binned(): Extract<HistoryEntry, { kind: 'merge' | 'removal' }>[] {
    const { undone, emptied } = this.#state
    return this.#entries.filter(
      (entry): entry is Extract<HistoryEntry, { kind: 'merge' | 'removal' }> =>
        (entry.kind === 'merge' || entry.kind === 'removal') && !undone.has(entry.id) && !emptied.has(entry.id),
    )
  }

  /** Empties the bin of what is older than {@link BIN_DAYS}. */
  async emptyOld(): Promise<void> {
    const oldest = Date.now() - BIN_DAYS * 86_400_000
    await this.empty(this.binned.filter(({ at }) => at < oldest).map(({ id }) => id))
  }

  /** Notes a search for duplicates, unless the last one found the same. */
  async noteSearch(found: Omit<Extract<HistoryAction, { kind: 'duplicates' }>, 'kind'>): Promise<void> {
    const { model, ...rest } = found
    const stamp = model && { id: model.id, dtype: model.dtype, adapter: model.adapter }
    const action = { kind: 'duplicates', ...rest, model: stamp } as const
    const last = this.#entries.findLast(({ kind }) => kind === 'duplicates')
    const isSame =
      last && Object.entries(action).every(([name, value]) => JSON.stringify(last[name as 'kind']) === JSON.stringify(value))
    if (!isSame) await this.append(action).catch(() => {})
  }

  /** Decisions on pairs, and the settings of the review; `null` if there are none. */
  async review(): Promise<unknown> {
    return (await this.#index.data.get(REVIEW)).get(REVIEW) ?? null
  }

  async saveReview(review: unknown): Promise<void> {
    await this.#index.data.set({ [REVIEW]: review })
  }

  #set(entries: readonly HistoryEntry[]): void {
    this.#entries = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    this.#state = replay(this.#entries)
  }

  #entry(action: HistoryAction): HistoryEntry {
    return { ...action, ...newEntry(this.#entries.at(-1)?.at) }
  }
}
