import type { PaperRecord } from '../../src/index.js'
import type { RemovedPaper } from '../duplicates/duplicates-view.js'
import { copyText } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { Toast } from '../ui/toast.js'
import type { LibrarySession } from './library-session.js'
import { shownPaper, withMergedAnnotations } from './shown-paper.js'
import type { Workspace } from './workspace.js'

export interface PaperActionsEvents {
  /** Papers are about to disappear from the page. */
  onRemoved: (ids: readonly string[]) => void
  /** The open library has changed. */
  onChange: () => void
}

const COPY_FAILED = 'The browser did not allow copying. Select the text and copy it by hand.'

/** What a reader does with papers of the open library. */
export class PaperActions {
  readonly #workspace: Workspace
  readonly #toast: Toast
  readonly #notice: Notice
  readonly #events: PaperActionsEvents

  constructor(workspace: Workspace, toast: Toast, notice: Notice, events: PaperActionsEvents) {
    this.#workspace = workspace
    this.#toast = toast
    this.#notice = notice
    this.#events = events
  }

  /** Sets a paper's labels or note. */
  annotate(id: string, fields: { labels?: string[]; note?: string }): Promise<void> {
    return this.#notice.guard('The change was not saved', async () => {
      await this.#workspace.session?.annotate(id, fields)
      this.#events.onChange()
    })
  }

  async label(ids: readonly string[], label: string): Promise<void> {
    const { session } = this.#workspace
    if (!session) return
    await this.#notice.guard('The labels were not saved', async () => {
      const papers = await session.fullPapers(ids)
      await session.add(papers.map((paper) => ({ ...paper, labels: [...new Set([...shownPaper(paper).labels, label])] })))
      this.#toast.show(`${countOf(papers.length, 'paper')} labelled “${label}”.`)
    })
  }

  async remove(ids: readonly string[]): Promise<void> {
    const { session } = this.#workspace
    if (!session || ids.length === 0) return
    await this.#notice.guard('The papers were not removed', async () => {
      const removed = await session.fullPapers(ids)
      await session.remove(ids)
      this.#events.onRemoved(ids)
      this.#events.onChange()
      this.#offerUndo(`${countOf(removed.length, 'paper')} removed.`, session, removed)
    })
  }

  /**
   * Puts merged records in place of their duplicates, with the labels and notes of all. Other papers are not touched.
   *
   * @throws what the index throws.
   */
  async merge(papers: readonly PaperRecord[], removed: readonly RemovedPaper[]): Promise<void> {
    const { session } = this.#workspace
    if (!session) return
    const removedIds = removed.map(({ id }) => id)
    const keptIds = new Set(removed.map(({ keptId }) => keptId))
    const before = await session.fullPapers([...keptIds, ...removedIds])
    const merged = papers.filter(({ id }) => keptIds.has(id))
    await session.add(withMergedAnnotations(merged, before, removed))
    await session.remove(removedIds)
    this.#events.onChange()
    void this.#workspace.embedIfLoaded()
    this.#offerUndo(`${countOf(removed.length, 'duplicate')} merged into the papers that stay.`, session, before)
  }

  /** Copies a text; `name` says what it is: "The citation". */
  async copy(name: string, text: string): Promise<void> {
    this.#toast.show((await copyText(text)) ? `${name} is copied.` : COPY_FAILED)
  }

  copyBibtex(paper: PaperRecord): Promise<void> {
    return this.#notice.guard('The BibTeX record was not copied', async () => {
      const [{ writablePaper }, { writePapersInWorker }] = await Promise.all([
        import('../exports/export-dialog.js'),
        import('../../src/index.js'),
      ])
      const bibtex = await writePapersInWorker([writablePaper(paper)], 'bibtex')
      await this.copy('The BibTeX record', await bibtex.text())
    })
  }

  #offerUndo(done: string, session: LibrarySession, before: readonly PaperRecord[]): void {
    const undo = () =>
      this.#notice.guard('The papers were not restored', async () => {
        await session.add(before)
        this.#events.onChange()
        await this.#workspace.embedIfLoaded()
      })
    this.#toast.show(done, { label: 'Undo', run: () => void undo() })
  }
}
