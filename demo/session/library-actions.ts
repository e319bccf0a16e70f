import { BIN_DAYS } from '../history/library-history.js'
import { uninstallApp } from '../offline/app-worker.js'
import type { Notice } from '../ui/notice.js'
import type { Toast } from '../ui/toast.js'
import type { UndoStack } from './undo-stack.js'
import type { Workspace } from './workspace.js'

export type LibraryActions = ReturnType<typeof libraryActions>

/**
 * What a reader does with libraries.
 *
 * @param onOpen Called when the reader goes to a library, also to the open one.
 */
export function libraryActions(workspace: Workspace, toast: Toast, notice: Notice, steps: UndoStack, onOpen: () => void) {
  const { libraries } = workspace

  async function open(id: string): Promise<void> {
    onOpen()
    if (workspace.session?.id === id) return
    await notice.guard('The library could not be opened', () => workspace.open(id))
  }

  return {
    open,

    create: async () => open((await libraries.create('New library')).id),

    rename: (id: string, name: string) => libraries.update(id, { name }).then(() => workspace.changed()),

    /** Deletes for good what is in the bin of libraries. */
    purge: (...ids: readonly string[]) => libraries.purge(...ids),

    async restore(id: string): Promise<void> {
      await libraries.restore(id)
      await open(id)
    },

    /** Puts the open library into the bin. */
    async delete(id: string): Promise<void> {
      const record = libraries.get(id)
      if (!record) return
      const bytes = workspace.session?.id === id ? workspace.session.info.bytes : 0
      const deleted = (async () => {
        await workspace.closeLibrary()
        await libraries.delete(id, bytes)
        const next = libraries.all.at(-1)
        if (next) await open(next.id)
        else workspace.changed()
      })()
      const undo = async () => {
        await deleted
        await libraries.restore(id)
        await open(id)
      }
      // At once: the reader may be faster than the deletion.
      steps.push(null, undo)
      await deleted
      toast.show(`“${record.name}” is in the bin, under Storage, for ${BIN_DAYS} days.`, {
        label: 'Undo',
        run: () => void undo(),
      })
    },

    /** Deletes everything that this page stores in the browser, and reloads it. */
    async deleteEverything(): Promise<void> {
      const { clearCachedModels, PaperIndex } = await import('../../src/index.js')
      await workspace.closeLibrary()
      workspace.runner.release()
      for (const name of await PaperIndex.list()) await PaperIndex.delete(name)
      await clearCachedModels()
      for (const key of ['libraries', 'last-library', 'model']) await workspace.store.delete(key)
      await uninstallApp()
      location.reload()
    },
  }
}
