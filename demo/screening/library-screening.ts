import type { PaperIndex } from '../../src/index.js'
import { newEntry } from '../history/entry-id.js'
import type { LibrarySession } from '../session/library-session.js'
import {
  type Answer,
  type Answers,
  answersIn,
  answersOf,
  isLogEntry,
  type LogEntry,
  lastAnswer,
  NO_SETTINGS,
  readSettings,
  type ScreeningSettings,
} from './screening-log.js'

const PREFIX = 'screening:'
const SETTINGS = `${PREFIX}settings`
const ENTRY = `${PREFIX}log:`

/** The answers about the papers that the library has now. */
export function currentAnswers(session: LibrarySession, answers: Answers): Answers {
  const { gone } = session.history.state
  return answersIn(
    answers,
    (id) => session.paper(id) !== undefined,
    (id) => gone.get(id)?.record.keptId,
  )
}

/** The screening of a library, kept with its papers and in its file: settings, and the log of all answers. */
export class LibraryScreening {
  readonly #index: PaperIndex
  #log: LogEntry[] = []
  #settings: ScreeningSettings | null = null
  #answers: Answers = new Map()

  private constructor(index: PaperIndex) {
    this.#index = index
  }

  static async of(index: PaperIndex): Promise<LibraryScreening> {
    const screening = new LibraryScreening(index)
    await screening.load()
    return screening
  }

  /** Reads what is stored, which another tab may have changed. */
  async load(): Promise<void> {
    const stored = await this.#index.data.get(PREFIX)
    this.#settings = readSettings(stored.get(SETTINGS))
    const entries = [...stored].flatMap(([key, value]) => (key.startsWith(ENTRY) && isLogEntry(value) ? [value] : []))
    this.#setLog(entries.sort((a, b) => (a.id < b.id ? -1 : 1)))
  }

  /** `null` before the screening was set up. */
  get settings(): ScreeningSettings | null {
    return this.#settings
  }

  get log(): readonly LogEntry[] {
    return this.#log
  }

  get answers(): Answers {
    return this.#answers
  }

  async saveSettings(settings: ScreeningSettings): Promise<void> {
    await this.#index.data.set({ [SETTINGS]: settings })
    this.#settings = settings
  }

  /** Adds answers to the log; they are stored when this resolves. */
  async answer(answers: readonly Omit<Answer, 'id' | 'at'>[]): Promise<Answer[]> {
    const entries: Answer[] = []
    for (const answer of answers) entries.push({ ...answer, ...newEntry((entries.at(-1) ?? this.#log.at(-1))?.at) })
    await this.#append(entries)
    return entries
  }

  /** Takes back these answers; the last one by default. @returns What was taken back. */
  async undo(
    answers: readonly Answer[] = [lastAnswer(this.#log)].filter((last) => last !== undefined),
  ): Promise<readonly Answer[]> {
    await this.#append(answers.map(({ id }) => ({ undo: id, ...newEntry(this.#log.at(-1)?.at) })))
    return answers
  }

  /** Deletes all answers and the reviewer's name; the question, reasons and words stay. */
  async clear(): Promise<void> {
    const log = this.#log.map(({ id }) => [ENTRY + id, null] as const)
    const settings = { ...(this.#settings ?? NO_SETTINGS), reviewer: '' }
    await this.#index.data.set({ ...Object.fromEntries(log), [SETTINGS]: settings })
    await this.load()
  }

  /** All that the order of the papers depends on, and every answer with its time, also those taken back. */
  toFile(titleOf: (id: string) => string | null): Blob {
    const { question, seed, order } = this.#settings ?? NO_SETTINGS
    const log = this.#log.map((entry) => {
      const at = new Date(entry.at).toISOString()
      return 'undo' in entry ? { ...entry, at } : { ...entry, at, title: titleOf(entry.paper) }
    })
    return new Blob([JSON.stringify({ question, seed, order, log }, null, 1)], { type: 'application/json' })
  }

  async #append(entries: readonly LogEntry[]): Promise<void> {
    await this.#index.data.set(Object.fromEntries(entries.map((entry) => [ENTRY + entry.id, entry])))
    this.#setLog([...this.#log, ...entries])
  }

  #setLog(log: LogEntry[]): void {
    this.#log = log
    this.#answers = answersOf(log)
  }
}
