import { uninstallApp } from '../offline/app-worker.js'
import type { Notice } from '../ui/notice.js'
import type { Toast } from '../ui/toast.js'
import type { Workspace } from './workspace.js'

export interface LibraryActionsEvents {
  /** The reader goes to a library, perhaps the one that is open. */
  onOpen: () => void
  /** The list of libraries has changed. */
  onChange: () => void
}

/** What a reader does with libraries. */
export class LibraryActions {
  readonly #workspace: Workspace
  readonly #toast: Toast
  readonly #notice: Notice
  readonly #events: LibraryActionsEvents

  constructor(workspace: Workspace, toast: Toast, notice: Notice, events: LibraryActionsEvents) {
    this.#workspace = workspace
    this.#toast = toast
    this.#notice = notice
    this.#events = events
  }

  async open(id: string): Promise<void> {
    this.#events.onOpen()
    if (this.#workspace.session?.id === id) return
    await this.#notice.guard('The library could not be opened', () => this.#workspace.open(id))
  }

  async create(): Promise<void> {
    await this.open((await this.#workspace.libraries.create('New library')).id)
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#workspace.libraries.update(id, { name })
    this.#events.onChange()
  }

  /** Deletes the open library, with a way back. */
  async delete(id: string): Promise<void> {
    const { libraries } = this.#workspace
    const record = libraries.get(id)
    if (!record) return
    await this.#workspace.closeLibrary()
    await libraries.delete(id)
    const next = libraries.all.at(-1)
    if (next) await this.open(next.id)
    else this.#events.onChange()
    const undo = async () => {
      await libraries.restore(id)
      await this.open(id)
    }
    this.#toast.show(
      `“${record.name}” is deleted.`,
      { label: 'Undo', run: () => void undo() },
      () => void libraries.purge(id).catch(() => {}),
    )
  }

  /** Deletes everything that this page stores in the browser, and reloads it. */
  async deleteEverything(): Promise<void> {
    const workspace = this.#workspace
    const { clearCachedModels, PaperIndex } = await import('../../src/index.js')
    await workspace.closeLibrary()
    workspace.runner.release()
    for (const name of await PaperIndex.list()) await PaperIndex.delete(name)
    await clearCachedModels()
    for (const key of ['libraries', 'last-library', 'model']) await workspace.store.delete(key)
    await uninstallApp()
    location.reload()
  }
}
