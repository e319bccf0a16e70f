import type { PaperRecord } from '../../src/index.js'
import { canUndo, type DuplicateMethod, type Fields, type HistoryEntry, type MergedAway } from '../history/history.js'
import { citationOf } from '../paper/citation.js'
import { confirmDialog } from '../ui/dialog.js'
import { copyText } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { Toast } from '../ui/toast.js'
import type { LibrarySession } from './library-session.js'
import { shownPaper } from './shown-paper.js'
import type { UndoStack } from './undo-stack.js'
import type { Workspace } from './workspace.js'

/** Changes of papers are loaded with the first one. */
const changes = () => import('../history/library-changes.js')

export type PaperActions = ReturnType<typeof paperActions>

/**
 * What a reader does with papers of the open library.
 *
 * @param onRemoved Called when papers are about to disappear from the page.
 */
export function paperActions(
  workspace: Workspace,
  toast: Toast,
  notice: Notice,
  steps: UndoStack,
  onRemoved: (ids: readonly string[]) => void,
) {
  const copy = async (name: string, text: string) =>
    toast.show(
      (await copyText(text)) ? `${name} is copied.` : 'The browser did not allow copying. Select the text and copy it by hand.',
    )

  /** Takes an entry of the history back, and says what came back. */
  async function undo(session: LibrarySession, entry: HistoryEntry): Promise<void> {
    // Undone already, in another place.
    if (!canUndo(entry, session.history.state)) return
    const done = await session.change(async () => (await changes()).undoEntry(session, entry))
    workspace.changed()
    if (done === null) return toast.show('The bin no longer has what is needed to undo this.')
    if (entry.kind === 'labels') toast.show(`The labels of ${countOf(done, 'paper')} are as they were before.`)
    else toast.show(entry.kind === 'edit' ? 'The record is as it was before.' : `${countOf(done, 'paper')} restored.`)
    await workspace.embedIfLoaded()
  }

  function offerUndo(done: string, session: LibrarySession, entry: HistoryEntry): void {
    const run = () => notice.guard(NOT_RESTORED, () => undo(session, entry))
    steps.push(session, run)
    toast.show(done, { label: 'Undo', run: () => void run() })
  }

  /** Labels and a note, which have no entry in the history. */
  function keepAnnotations(session: LibrarySession, before: readonly PaperRecord[]): void {
    steps.push(session, async () => {
      for (const { id, labels = [], note = '' } of before)
        await session.annotate(id, { labels: labels as string[], note: note as string })
      toast.show(`The labels and ${before.length === 1 ? 'the note are' : 'notes are'} as they were before.`)
      workspace.changed()
    })
  }

  const edit = (id: string, fields: Fields) =>
    notice.guard('The record was not changed', async () => {
      const { session } = workspace
      const entry = session && (await session.change(async () => (await changes()).editPaper(session, id, fields)))
      if (!session || !entry) return
      workspace.changed()
      offerUndo('The record is changed.', session, entry)
      await workspace.embedIfLoaded()
    })

  const removeNow = (ids: readonly string[]) =>
    notice.guard('The papers were not removed', async () => {
      const { session } = workspace
      if (!session || ids.length === 0) return
      const entry = await session.change(async () => (await changes()).removePapers(session, ids))
      onRemoved(ids)
      workspace.changed()
      offerUndo(`${countOf(ids.length, 'paper')} removed.`, session, entry)
    })

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
        const { session } = workspace
        const before = session?.paper(id)
        if (!session || !before) return
        await session.annotate(id, fields)
        keepAnnotations(session, [before])
        workspace.changed()
      }),

    label: (ids: readonly string[], label: string) =>
      notice.guard('The labels were not saved', async () => {
        const { session } = workspace
        if (!session) return
        const papers = await session.fullPapers(ids)
        keepAnnotations(session, papers)
        await session.add(papers.map((paper) => ({ ...paper, labels: [...new Set([...shownPaper(paper).labels, label])] })))
        toast.show(`${countOf(papers.length, 'paper')} labelled “${label}”.`)
      }),

    /** Gives papers labels that were suggested for them. */
    acceptLabels: (given: readonly (readonly [paper: string, label: string])[]) =>
      notice.guard('The labels were not saved', async () => {
        const { session } = workspace
        if (!session) return
        const entry = await session.change(async () => (await changes()).giveLabels(session, given))
        workspace.changed()
        offerUndo(`${countOf(given.length, 'label')} given.`, session, entry)
      }),

    /** @param unseen How many of them are not in the list: then it asks first. */
    async remove(ids: readonly string[], unseen = 0): Promise<void> {
      const remove = () => removeNow(ids)
      if (unseen === 0) return remove()
      const text = `${countOf(unseen, 'paper')} of these ${unseen === 1 ? 'is' : 'are'} not in the list that you see. You can undo it.`
      confirmDialog(`Remove ${countOf(ids.length, 'paper')}?`, text, 'Remove', () => void remove())
    },

    /**
     * Puts merged records in place of their duplicates, with the labels and notes of all. Other papers are not touched.
     *
     * @throws what the index throws.
     */
    async merge(papers: readonly PaperRecord[], away: readonly MergedAway[], method: DuplicateMethod): Promise<void> {
      const { session } = workspace
      if (!session) return
      const entry = await session.change(async () => (await changes()).mergePapers(session, papers, away, method))
      workspace.changed()
      void workspace.embedIfLoaded()
      offerUndo(`${countOf(away.length, 'duplicate')} merged into the papers that stay.`, session, entry)
    },

    /** Changes fields of a record. */
    edit,

    async openEdit({ id }: PaperRecord): Promise<void> {
      const record = await workspace.session?.fullPaper(id)
      const { openEdit } = await import('../paper/edit-dialog.js')
      if (record) openEdit(record, (fields) => void edit(id, fields))
    },

    /** Undoes what was done last: in this visit, or else in an earlier one. */
    undoLast: () =>
      notice.guard('This could not be undone', async () => {
        const { session } = workspace
        // What is being done now is what was done last.
        await session?.change(async () => {})
        if (await steps.pop(session)) return
        const entry = session && (await changes()).lastUndoable(session)
        if (entry) await undo(session, entry)
        else toast.show('There is nothing to undo.')
      }),

    undo: (entry: HistoryEntry) =>
      notice.guard(NOT_RESTORED, async () => {
        if (workspace.session) await undo(workspace.session, entry)
      }),
  }
}

const NOT_RESTORED = 'The papers were not restored'
