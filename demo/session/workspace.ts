import type { LoadProgress } from '../../src/index.js'
import { isChoiceCached, modelOffers, shortName } from '../model/model-catalog.js'
import { DEFAULT_CHOICE, type ModelChoice } from '../model/model-choice.js'
import { Libraries, type LibraryRecord } from '../storage/libraries.js'
import type { PageStore } from '../storage/page-store.js'
import { LibrarySession, type Work } from './library-session.js'
import { ModelRunner } from './model-runner.js'

export interface WorkspaceEvents {
  /** The open library is closed; another one may follow. */
  onClosed: () => void
  /** The list of libraries or the open library has changed. Bursts of changes are reported once. */
  onChange: () => void
  onWork: (work: Work, load: LoadProgress | null) => void
  /** Another model is loaded, or none. */
  onModel: () => void
}

const LAST_LIBRARY = 'last-library'
const CHOICE = 'model'
/** Changes come in bursts while papers are added, and all the time while they are embedded. */
const CHANGE_PAUSE_MS = 250
const CHANGE_PAUSE_AT_WORK_MS = 1000

/** The libraries, the open one, and the model that reads it. */
export class Workspace {
  readonly store: PageStore
  readonly libraries: Libraries
  readonly runner: ModelRunner
  readonly #events: WorkspaceEvents
  #session: LibrarySession | null = null
  #work: Work = { state: 'idle' }
  #load: LoadProgress | null = null
  #choice: ModelChoice = DEFAULT_CHOICE
  #opening = 0
  #openingName: string | null = null
  #changeTimer: ReturnType<typeof setTimeout> | undefined

  constructor(store: PageStore, events: WorkspaceEvents) {
    this.store = store
    this.#events = events
    this.libraries = new Libraries(store, () => void this.#librariesChanged())
    this.runner = new ModelRunner(
      (progress) => {
        this.#load = progress
        this.#reportWork()
      },
      () => {
        if (!this.runner.info) this.#session?.useEmbedder(null)
        events.onModel()
      },
    )
  }

  get session(): LibrarySession | null {
    return this.#session
  }

  /** The open library's record. */
  get record(): LibraryRecord | null {
    return (this.#session && this.libraries.get(this.#session.id)) ?? null
  }

  /** Name of the library that is being opened; `null`: none. */
  get opening(): string | null {
    return this.#openingName
  }

  get isEmpty(): boolean {
    return !this.#session || this.#session.info.papers === 0
  }

  /** The model that the open library is read by, or will be. */
  get choice(): ModelChoice {
    return this.record?.model ?? this.#choice
  }

  /** Opens the library that was open last. */
  async start(): Promise<void> {
    await this.libraries.load()
    this.#choice = (await this.store.get<ModelChoice>(CHOICE)) ?? DEFAULT_CHOICE
    const last = await this.store.get<string>(LAST_LIBRARY)
    const record = this.libraries.get(last ?? '') ?? this.libraries.all.at(-1)
    this.#changedSoon()
    // Unless the reader has opened one meanwhile.
    if (record && this.#opening === 0) await this.open(record.id)
    await this.libraries.purge()
  }

  /**
   * Opens a library: searchable by words at once, and by meaning when its model has loaded, if that needs no large download.
   */
  async open(id: string): Promise<void> {
    const opening = ++this.#opening
    await this.#closeSession()
    this.#openingName = this.libraries.get(id)?.name ?? null
    this.#changedSoon()
    try {
      const session: LibrarySession = await LibrarySession.open(id, {
        onChange: () => {
          if (session === this.#session) this.#changedSoon()
        },
        onWork: (work) => {
          if (session === this.#session) this.#setWork(work)
        },
      })
      if (opening !== this.#opening) return session.close()
      this.#session = session
      await this.store.set(LAST_LIBRARY, id)
      void this.#continue(session)
    } finally {
      if (opening === this.#opening) {
        this.#openingName = null
        this.changed()
      }
    }
  }

  /** Opens the library anew, after the browser closed its storage. @returns How many of its papers are gone. */
  async reopen(): Promise<number> {
    const { record } = this
    const before = this.#session?.info.papers ?? 0
    if (!record) return 0
    await this.#closeSession()
    await this.libraries.keep(record)
    await this.open(record.id)
    return before - (this.session?.info.papers ?? 0)
  }

  async closeLibrary(): Promise<void> {
    await this.#closeSession()
    this.changed()
  }

  /**
   * Loads the model if necessary, and embeds the papers that have no vectors yet.
   *
   * @param again Whether vectors that others have computed are replaced if they are of another model.
   */
  async embed(again = false): Promise<void> {
    const session = this.#session
    if (!session) return
    await this.libraries.update(session.id, { embedding: 'run', model: this.choice })
    await session.embed(this.runner.open(this.choice), again)
  }

  /** Embeds papers if a model is loaded; otherwise they wait until the reader starts it. */
  async embedIfLoaded(): Promise<void> {
    if (this.runner.info) await this.embed()
  }

  /** Makes search by meaning possible: embeds if nothing is embedded yet, otherwise only loads the model. */
  async loadModel(): Promise<void> {
    const session = this.#session
    if (!session || session.info.vectors === 0) return this.embed()
    this.#setWork({ state: 'loading' })
    await this.#useModel(session)
  }

  /** Stops the work, for later visits too; what is downloaded and embedded stays. */
  async pause(): Promise<void> {
    const session = this.#session
    session?.pause()
    this.runner.cancelLoad()
    if (session) await this.libraries.update(session.id, { embedding: 'paused' })
  }

  /** Stops the work as `pause` does, and frees the model's memory. */
  async cancel(): Promise<void> {
    const stopped = this.pause()
    this.runner.release()
    await stopped
  }

  /** Uses this model for the open library from now on. */
  async choose(choice: ModelChoice): Promise<void> {
    await this.#saveChoice(choice)
    if (!this.isEmpty) await this.embed(true)
  }

  /** Converts published files and uses that model; what fails is reported as work. */
  async chooseFiles(files: ReadonlyMap<string, File>): Promise<void> {
    const choice: ModelChoice = { ...DEFAULT_CHOICE, model: 'dropped files', name: 'dropped files' }
    this.#setWork({ state: 'loading' })
    try {
      const { model } = (await this.runner.openFiles(choice, files)).info
      // The conversion is cached under an address of its own, by which later visits find it.
      const cached = (await modelOffers()).findLast(
        ({ model: url, name }) => url.startsWith('converted:') && name === shortName(model.id),
      )
      await this.#saveChoice({ ...choice, model: cached?.model ?? choice.model, name: shortName(model.id) })
      this.#setWork({ state: 'idle' })
    } catch (error) {
      this.#setWork(afterLoad(error))
      return
    }
    if (!this.isEmpty) await this.embed()
  }

  /** Has the page show the libraries and the open one as they are now, at once. */
  changed(): void {
    clearTimeout(this.#changeTimer)
    this.#changeTimer = undefined
    this.#events.onChange()
  }

  async #closeSession(): Promise<void> {
    const session = this.#session
    this.#session = null
    this.#setWork({ state: 'idle' })
    if (session) this.#events.onClosed()
    await session?.close()
  }

  async #saveChoice(choice: ModelChoice): Promise<void> {
    this.#choice = choice
    await this.store.set(CHOICE, choice)
    if (this.#session) await this.libraries.update(this.#session.id, { model: choice })
  }

  /** Continues where the last visit stopped, unless that needs a large download. */
  async #continue(session: LibrarySession): Promise<void> {
    const { papers, vectors, pending } = session.info
    const resumes = pending > 0 && this.record?.embedding === 'run' && this.record.model !== null
    if (papers === 0 || (vectors === 0 && !resumes) || !(await isChoiceCached(this.choice))) return
    if (session !== this.#session || session.isWorking) return
    if (resumes) return this.embed()
    // Vectors that others have computed are searched by words and by papers until the reader asks for more.
    if (!session.isGiven) await this.#useModel(session)
  }

  async #useModel(session: LibrarySession): Promise<void> {
    let work: Work = { state: 'idle' }
    try {
      session.useEmbedder(await this.runner.open(this.choice))
    } catch (error) {
      work = afterLoad(error)
    }
    if (session === this.#session && !session.isWorking) this.#setWork(work)
  }

  async #librariesChanged(): Promise<void> {
    // Another tab may have deleted the library that is open here.
    if (this.#session && !this.libraries.get(this.#session.id)) await this.closeLibrary()
    this.#changedSoon()
  }

  #changedSoon(): void {
    this.#changeTimer ??= setTimeout(() => this.changed(), this.#session?.isWorking ? CHANGE_PAUSE_AT_WORK_MS : CHANGE_PAUSE_MS)
  }

  #setWork(work: Work): void {
    this.#work = work
    this.#reportWork()
  }

  #reportWork(): void {
    this.#events.onWork(this.#work, this.#load)
  }
}

/** A reader who cancelled a load needs no error. */
function afterLoad(error: unknown): Work {
  return (error as Error | null)?.name === 'AbortError' ? { state: 'idle' } : { state: 'failed', stage: 'load', error }
}
