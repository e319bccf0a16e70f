import type { PaperRecord } from '../../src/index.js'
import type { RemovedPaper } from '../duplicates/duplicates-view.js'
import { citationOf } from '../paper/citation.js'
import { copyText } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { Toast } from '../ui/toast.js'
import type { LibrarySession } from './library-session.js'
import { shownPaper, withMergedAnnotations } from './shown-paper.js'
import type { Workspace } from './workspace.js'

export type PaperActions = ReturnType<typeof paperActions>

/**
 * What a reader does with papers of the open library.
 *
 * @param onRemoved Called when papers are about to disappear from the page.
 */
export function paperActions(workspace: Workspace, toast: Toast, notice: Notice, onRemoved: (ids: readonly string[]) => void) {
  const copy = async (name: string, text: string) =>
    toast.show(
      (await copyText(text)) ? `${name} is copied.` : 'The browser did not allow copying. Select the text and copy it by hand.',
    )

  function offerUndo(done: string, session: LibrarySession, before: readonly PaperRecord[]): void {
    const undo = async () => {
      await session.add(before)
      workspace.changed()
      await workspace.embedIfLoaded()
    }
    toast.show(done, { label: 'Undo', run: () => void notice.guard('The papers were not restored', undo) })
  }

  return {
    async copyCitation(id: string): Promise<void> {
      const paper = await workspace.session?.fullPaper(id)
      if (paper) await copy('The citation', citationOf(paper))
    },

    copyBibtex: (paper: PaperRecord) =>
      notice.guard('The BibTeX record was not copied', async () => {
        const { bibtexOf } = await import('../exports/export-dialog.js')
        await copy('The BibTeX record', await bibtexOf(paper))
      }),

    /** Sets a paper's labels or note. */
    annotate: (id: string, fields: { labels?: string[]; note?: string }) =>
      notice.guard('The change was not saved', async () => {
        await workspace.session?.annotate(id, fields)
        workspace.changed()
      }),

    label: (ids: readonly string[], label: string) =>
      notice.guard('The labels were not saved', async () => {
        const { session } = workspace
        const papers = (await session?.fullPapers(ids)) ?? []
        await session?.add(papers.map((paper) => ({ ...paper, labels: [...new Set([...shownPaper(paper).labels, label])] })))
        toast.show(`${countOf(papers.length, 'paper')} labelled “${label}”.`)
      }),

    remove: (ids: readonly string[]) =>
      notice.guard('The papers were not removed', async () => {
        const { session } = workspace
        if (!session || ids.length === 0) return
        const removed = await session.fullPapers(ids)
        await session.remove(ids)
        onRemoved(ids)
        workspace.changed()
        offerUndo(`${countOf(removed.length, 'paper')} removed.`, session, removed)
      }),

    /**
     * Puts merged records in place of their duplicates, with the labels and notes of all. Other papers are not touched.
     *
     * @throws what the index throws.
     */
    async merge(papers: readonly PaperRecord[], removed: readonly RemovedPaper[]): Promise<void> {
      const { session } = workspace
      if (!session) return
      const removedIds = removed.map(({ id }) => id)
      const keptIds = new Set(removed.map(({ keptId }) => keptId))
      const before = await session.fullPapers([...keptIds, ...removedIds])
      const merged = papers.filter(({ id }) => keptIds.has(id))
      await session.add(withMergedAnnotations(merged, before, removed))
      await session.remove(removedIds)
      workspace.changed()
      void workspace.embedIfLoaded()
      offerUndo(`${countOf(removed.length, 'duplicate')} merged into the papers that stay.`, session, before)
    },
  }
}
