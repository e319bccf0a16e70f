import type { LoadProgress } from '../../src/index.js'
import { isChoiceCached, modelOffers, shortName } from '../model/model-catalog.js'
import { DEFAULT_CHOICE, type ModelChoice } from '../model/model-choice.js'
import type { LibraryRecord } from '../store/libraries.js'
import { Libraries } from '../store/libraries.js'
import type { PageStore } from '../store/page-store.js'
import { LibrarySession, type Work } from './library-session.js'
import { ModelRunner } from './model-runner.js'

export interface DeskEvents {
  /** Another library is open, or none. */
  onOpened: () => void
  /** The list of libraries, or what is in the open one, has changed. */
  onChange: () => void
  onWork: (work: Work, load: LoadProgress | null) => void
  /** Another model runs, or none. */
  onModel: () => void
}

const LAST = 'last-library'
const CHOICE = 'model'

/** What lies open: one library, and the model that reads it. */
export class Desk {
  readonly store: PageStore
  readonly libraries: Libraries
  readonly runner: ModelRunner
  readonly #events: DeskEvents
  #session: LibrarySession | null = null
  #work: Work = { state: 'idle' }
  #load: LoadProgress | null = null
  #choice: ModelChoice = DEFAULT_CHOICE
  #opening = 0

  constructor(store: PageStore, events: DeskEvents) {
    this.store = store
    this.#events = events
    this.libraries = new Libraries(store, () => void this.#librariesChanged())
    this.runner = new ModelRunner(
      (progress) => {
        this.#load = progress
        this.#tellWork()
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

  get record(): LibraryRecord | null {
    return (this.#session && this.libraries.get(this.#session.id)) ?? null
  }

  /** The model that the open library is read by, or will be. */
  get choice(): ModelChoice {
    return this.record?.model ?? this.#choice
  }

  /** Opens the library that was open last. */
  async start(): Promise<void> {
    await this.libraries.load()
    this.#choice = (await this.store.get<ModelChoice>(CHOICE)) ?? DEFAULT_CHOICE
    const last = await this.store.get<string>(LAST)
    const record = this.libraries.get(last ?? '') ?? this.libraries.all.at(-1)
    this.#events.onChange()
    if (record) await this.open(record.id)
    else this.#events.onOpened()
    await this.libraries.purge()
  }

  /** Opens a library by its words at once, and by its vectors as soon as its model runs without fetching anything large. */
  async open(id: string): Promise<void> {
    const opening = ++this.#opening
    const before = this.#session
    this.#session = null
    this.#setWork({ state: 'idle' })
    await before?.close()
    const session: LibrarySession = await LibrarySession.open(id, {
      onChange: () => {
        if (session === this.#session) this.#events.onChange()
      },
      onWork: (work) => {
        if (session === this.#session) this.#setWork(work)
      },
    })
    if (opening !== this.#opening) return session.close()
    this.#session = session
    await this.store.set(LAST, id)
    this.#events.onOpened()
    void this.#readAgain(session)
  }

  async closeLibrary(): Promise<void> {
    const before = this.#session
    this.#session = null
    this.#setWork({ state: 'idle' })
    await before?.close()
    this.#events.onOpened()
  }

  /** Loads the model where it is not here, and embeds every paper that waits. */
  async embed(): Promise<void> {
    const session = this.#session
    if (!session) return
    await this.libraries.update(session.id, { embedding: 'run', model: this.choice })
    await session.embed(this.runner.open(this.choice))
  }

  /** Searches by meaning, too: embeds where nothing is embedded yet, and else loads the model alone. */
  async loadModel(): Promise<void> {
    const session = this.#session
    if (!session || session.info.vectors === 0) return this.embed()
    this.#setWork({ state: 'loading' })
    await this.#useModel(session)
  }

  /** Stops the work, also for later visits; what is fetched and embedded stays. */
  async pause(): Promise<void> {
    const session = this.#session
    session?.pause()
    this.runner.cancelLoad()
    if (session) await this.libraries.update(session.id, { embedding: 'paused' })
  }

  /** The same, and gives the model's memory back. */
  async cancel(): Promise<void> {
    const stopped = this.pause()
    this.runner.release()
    await stopped
  }

  /** The open library is read by this model from now on. */
  async choose(choice: ModelChoice): Promise<void> {
    await this.#keepChoice(choice)
    const session = this.#session
    if (!session) return
    if (session.info.papers > 0) await this.embed()
  }

  /** The same with published files, which are converted first. @throws what the conversion throws. */
  async chooseFiles(files: ReadonlyMap<string, File>): Promise<void> {
    const choice: ModelChoice = { ...DEFAULT_CHOICE, model: 'dropped files', name: 'dropped files' }
    this.#setWork({ state: 'loading' })
    try {
      const embedder = await this.runner.openFiles(choice, files)
      const { model } = embedder.info
      // Kept under an address of its own, by which later visits find it.
      const kept = (await modelOffers()).findLast(
        ({ model: url, name }) => url.startsWith('converted:') && name === shortName(model.id),
      )
      await this.#keepChoice({ ...choice, model: kept?.model ?? choice.model, name: shortName(model.id) })
      this.#setWork({ state: 'idle' })
    } catch (error) {
      this.#setWork(afterLoad(error))
      return
    }
    if (this.#session && this.#session.info.papers > 0) await this.embed()
  }

  async #keepChoice(choice: ModelChoice): Promise<void> {
    this.#choice = choice
    await this.store.set(CHOICE, choice)
    if (this.#session) await this.libraries.update(this.#session.id, { model: choice })
  }

  async #readAgain(session: LibrarySession): Promise<void> {
    const { papers, vectors, pending } = session.info
    const goesOn = pending > 0 && this.record?.embedding === 'run' && this.record.model !== null
    if (papers === 0 || (vectors === 0 && !goesOn) || !(await isChoiceCached(this.choice))) return
    if (session !== this.#session || session.isWorking) return
    if (goesOn) return this.embed()
    await this.#useModel(session)
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
    const { session } = this
    // Another tab has deleted what is open here.
    if (session && !this.libraries.get(session.id)) await this.closeLibrary()
    this.#events.onChange()
  }

  #setWork(work: Work): void {
    this.#work = work
    this.#tellWork()
  }

  #tellWork(): void {
    this.#events.onWork(this.#work, this.#load)
  }
}

/** How the work stands after a load that did not end well: a reader who has ended it knows. */
function afterLoad(error: unknown): Work {
  return (error as Error | null)?.name === 'AbortError' ? { state: 'idle' } : { state: 'failed', stage: 'load', error }
}
