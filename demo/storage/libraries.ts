import { PaperIndex } from '../../src/index.js'
import { BIN_DAYS } from '../history/library-history.js'
import type { ModelChoice } from '../model/model-choice.js'
import type { PageStore } from './page-store.js'

/** A library: the name of its index, and what the page knows about it. */
export interface LibraryRecord {
  /** Also the name of its index. */
  id: string
  name: string
  origin: 'sample' | 'own'
  createdAt: number
  /** When it was put into the bin; `null` if it was not. */
  deletedAt: number | null
  /** What it then took. */
  bytes?: number
  /** The model that embeds its papers; `null` before one is chosen. */
  model: ModelChoice | null
  /** Whether opening the library resumes the embedding of its papers. */
  embedding: 'run' | 'paused'
}

const KEY = 'libraries'
/** Deleted libraries stay in the bin for so long. */
const BIN_MS = BIN_DAYS * 86_400_000

/** The libraries in this browser, oldest first. */
export class Libraries {
  readonly #store: PageStore
  #records: readonly LibraryRecord[] = []

  /** @param onChange Called after every change in this tab or another. */
  constructor(store: PageStore, onChange: () => void) {
    this.#store = store
    store.onChange((key) => {
      if (key === KEY) void this.load().then(onChange)
    })
  }

  get all(): readonly LibraryRecord[] {
    return this.#records.filter(({ deletedAt }) => deletedAt === null)
  }

  /** Deleted libraries, which can be restored. */
  get binned(): readonly LibraryRecord[] {
    return this.#records.filter(({ deletedAt }) => deletedAt !== null)
  }

  get(id: string): LibraryRecord | undefined {
    return this.all.find((record) => record.id === id)
  }

  async load(): Promise<void> {
    this.#records = (await this.#store.get<LibraryRecord[]>(KEY)) ?? []
  }

  async create(name: string, origin: LibraryRecord['origin'] = 'own'): Promise<LibraryRecord> {
    const names = new Set(this.all.map((record) => record.name))
    const wanted = name.trim().slice(0, 120) || 'My papers'
    let unique = wanted
    for (let count = 2; names.has(unique); count++) unique = `${wanted} ${count}`
    const record: LibraryRecord = {
      id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      name: unique,
      origin,
      createdAt: Date.now(),
      deletedAt: null,
      model: null,
      embedding: 'run',
    }
    await this.#change((records) => [...records, record])
    return record
  }

  async update(id: string, fields: Partial<Omit<LibraryRecord, 'id'>>): Promise<void> {
    await this.#change((records) => records.map((record) => (record.id === id ? { ...record, ...fields } : record)))
  }

  /** Lists a library again if its record is gone, as after its site's data was cleared. */
  async keep(record: LibraryRecord): Promise<void> {
    await this.#change((records) => (records.some(({ id }) => id === record.id) ? records : [...records, record]))
  }

  /** Puts a library into the bin; {@link restore} brings it back until {@link purge}. */
  delete(id: string, bytes = 0): Promise<void> {
    return this.update(id, { deletedAt: Date.now(), bytes })
  }

  restore(id: string): Promise<void> {
    return this.update(id, { deletedAt: null })
  }

  /** Deletes for good the libraries that have been in the bin for long, and those of `ids`. */
  async purge(...ids: readonly string[]): Promise<void> {
    const purged = this.#records.filter(
      ({ deletedAt, ...record }) => deletedAt !== null && (ids.includes(record.id) || Date.now() - deletedAt > BIN_MS),
    )
    for (const record of purged) {
      await PaperIndex.delete(record.id)
      for (const kind of ['review', 'layout']) await this.#store.delete(`${record.id}:${kind}`)
      await this.#change((records) => records.filter((other) => other.id !== record.id))
    }
  }

  async #change(change: (records: LibraryRecord[]) => LibraryRecord[]): Promise<void> {
    await this.#store.update<LibraryRecord[]>(KEY, (records) => change(records ?? []))
    await this.load()
  }
}
