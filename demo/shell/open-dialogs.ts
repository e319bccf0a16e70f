import type { PaperList } from '../list/paper-list.js'
import type { LibraryActions } from '../session/library-actions.js'
import type { ListQuery } from '../session/list-query.js'
import type { PaperActions } from '../session/paper-actions.js'
import type { Workspace } from '../session/workspace.js'
import type { Notice } from '../ui/notice.js'

export interface DialogParts {
  workspace: Workspace
  notice: Notice
  libraries: LibraryActions
  papers: PaperActions
  list: PaperList
  query: ListQuery
}

/** The dialogs of the page, loaded when they are first opened. */
export function pageDialogs({ workspace, notice, libraries, papers, list, query }: DialogParts) {
  return {
    async export(): Promise<void> {
      const { session, record } = workspace
      if (!session || !record || workspace.isEmpty) return
      const { openExport } = await import('../exports/export-dialog.js')
      const listed = query.listedIds
      const all = session.papers.map(({ id }) => id)
      await openExport(session, record.name, [
        ...(list.selected.size > 0 ? [{ label: 'Selected', ids: [...list.selected] }] : []),
        ...(listed.length > 0 && listed.length < all.length ? [{ label: 'As listed', ids: listed }] : []),
        { label: 'All', ids: all },
      ])
    },

    async model(): Promise<void> {
      const { openModelSheet } = await import('../model/model-sheet.js')
      await openModelSheet(workspace.choice, {
        onChoose: (choice) => void notice.guard('The model was not changed', () => workspace.choose(choice)),
        onFiles: (files) => void workspace.chooseFiles(files),
      })
    },

    async storage(): Promise<void> {
      const { openStorage } = await import('../storage/storage-dialog.js')
      openStorage({
        binned: () => workspace.libraries.binned,
        onRestore: libraries.restore,
        onPurge: (ids) => libraries.purge(...ids),
        onClear: () => libraries.deleteEverything(),
        onModelDeleted: () => workspace.changed(),
      })
    },

    async history(): Promise<void> {
      const { session } = workspace
      if (!session) return
      const { openHistory } = await import('../history/history-dialog.js')
      await openHistory(session, papers.undo)
    },

    async suggestLabels(): Promise<void> {
      const { session } = workspace
      if (!session) return
      const { openSuggestions } = await import('../labels/suggest-dialog.js')
      await openSuggestions(session, (accepted) => void papers.acceptLabels(accepted.map(({ paper, label }) => [paper, label])))
    },

    async help(): Promise<void> {
      const { openHelp } = await import('./help-dialog.js')
      openHelp()
    },
  }
}
