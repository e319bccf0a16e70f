import {
  compareReviewers,
  type ReviewerComparison,
  type ScreeningConflict,
  type ScreeningStep,
} from '../../src/core/screening/index.js'
import { PaperIndex, type PaperRecord } from '../../src/index.js'
import { pickFiles } from '../imports/incoming-files.js'
import type { LibrarySession } from '../session/library-session.js'
import { shownPaper } from '../session/shown-paper.js'
import { Dialog } from '../ui/dialog.js'
import { button, download, element, setChildren } from '../ui/dom.js'
import { countOf, fileName, formatCount, messageOf } from '../ui/format.js'
import { currentAnswers, LibraryScreening } from './library-screening.js'
import { matchPapers } from './match-papers.js'
import { decisionText } from './paper-card.js'
import { type Answer, type Answers, logOf, ownAnswers } from './screening-log.js'

/** What another reviewer's library file says about papers of this library. */
interface OtherReview {
  reviewer: string
  file: string
  answers: Answers
  /** Papers of the file that this library lacks. */
  unmatched: number
}

const SHOWN_CONFLICTS = 50
const AGREED = 'agreed by both'

/** Compares the decisions with those in a second reviewer's library file. @param onDone Called when decisions have changed. */
export function openComparison(
  { session, library }: { session: LibrarySession; library: string },
  screening: LibraryScreening,
  onDone: () => void,
): void {
  const dialog = new Dialog('Second reviewer', { wide: true, onClose: onDone })
  const status = element('p', { role: 'status', class: 'hint' })
  const pick = button('Compare with the file that came back', () => pickFiles((files) => void read([...files.values()][0])), {
    class: 'secondary',
  })
  const save = async () => {
    status.textContent = 'Writing the file'
    try {
      download(`${fileName(library)}-second-reviewer.papers`, await blankCopy(session))
      status.textContent = 'The file is written. It has the papers, your question, reasons and words, but none of your decisions.'
    } catch (error) {
      status.textContent = `The file could not be written: ${messageOf(error)}`
    }
  }
  const compared = ({ answers }: OtherReview) =>
    compareReviewers(logOf(currentAnswers(session, ownAnswers(screening.log))), logOf(answers))
  const read = async (file: File | undefined) => {
    if (!file) return
    status.textContent = 'Reading the file'
    try {
      const other = await reviewIn(file, session.papers)
      status.textContent = ''
      const { agreed, conflicts, kappa } = compared(other)
      const counts = { both: agreed.length + conflicts.length, conflicts: conflicts.length }
      await session.history.append({ kind: 'comparison', reviewer: other.reviewer, file: file.name, ...counts, kappa })
      show(other)
    } catch (error) {
      status.textContent = `${messageOf(error)} Nothing was changed. Choose the library file that the second reviewer saved under Export.`
    }
  }
  const show = (other: OtherReview) => {
    const comparison = compared(other)
    const now = currentAnswers(session, screening.answers)
    const conflicts = comparison.conflicts.filter(({ id }) => now.get(id)?.by === undefined)
    const open = comparison.onlySecond.filter(({ id }) => (now.get(id)?.verdict ?? 'skip') === 'skip')
    const settle = async (answers: Parameters<LibraryScreening['answer']>[0]) => {
      await screening.answer(answers)
      show(other)
      dialog.body.querySelector<HTMLElement>('.conflicts button, h3')?.focus()
    }
    const rows = conflicts.slice(0, SHOWN_CONFLICTS).map((conflict) => conflictRow(session, conflict, other.reviewer, settle))
    const settled = comparison.conflicts.length - conflicts.length
    setChildren(
      dialog.body,
      ...summary(comparison, other),
      ...adoption(open, other.reviewer, settle),
      element('h3', { tabindex: '-1' }, conflicts.length === 0 ? 'No conflict is left' : countOf(conflicts.length, 'conflict')),
      settled > 0 &&
        element('p', { class: 'hint' }, `${formatCount(settled)} settled. Agreement and kappa are of what each decided alone.`),
      rows.length > 0 && element('ul', { class: 'conflicts', 'aria-label': 'Conflicts' }, ...rows),
      conflicts.length > rows.length && element('p', { class: 'hint' }, 'The others follow as these are settled.'),
    )
  }
  dialog.body.append(
    element(
      'p',
      {},
      'Two reviewers screen the same papers, neither seeing what the other decides. Save a copy for the second reviewer, who opens it on this page, screens, and sends back the library as one file (under Export). Then compare: how far you agree, and every conflict, to be settled one by one.',
    ),
    element('p', { class: 'dialog-actions' }, button('Save a copy for the second reviewer', save, { class: 'secondary' }), pick),
    status,
  )
  dialog.open()
}

function summary(
  { agreed, conflicts, onlyFirst, onlySecond, kappa }: ReviewerComparison,
  { reviewer, unmatched }: OtherReview,
): HTMLElement[] {
  const both = agreed.length + conflicts.length
  const rows: [string, string][] = [
    ['Screened by both', formatCount(both)],
    ['Decided alike', formatCount(agreed.length)],
    ['Cohen’s kappa', kappa === null ? 'not defined: nothing, or all the same by both' : kappa.toFixed(2)],
    ['Only by you', formatCount(onlyFirst.length)],
    [`Only by ${reviewer}`, formatCount(onlySecond.length)],
    ...(unmatched > 0 ? [['Papers of the file that are not in this library', formatCount(unmatched)] as [string, string]] : []),
  ]
  return [
    element(
      'dl',
      { class: 'screening-counts' },
      ...rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
    element('p', { class: 'hint' }, 'Kappa is of excluded against not excluded: what is included or maybe is read in full.'),
  ]
}

type Settle = (answers: Parameters<LibraryScreening['answer']>[0]) => Promise<void>

function adoption(open: readonly ScreeningStep[], reviewer: string, settle: Settle): HTMLElement[] {
  if (open.length === 0) return []
  const adopt = () => settle(open.map(({ id, answer, reason }) => decision(id, answer, reason, reviewer)))
  return [element('p', {}, button(`Take over the ${formatCount(open.length)} decided only by ${reviewer}`, adopt))]
}

const decision = (paper: string, verdict: Answer['verdict'], reason: string | undefined, by: string) => ({
  paper,
  verdict,
  by,
  ...(reason !== undefined && { reason }),
})

function conflictRow(
  session: LibrarySession,
  { id, first, second }: ScreeningConflict,
  reviewer: string,
  settle: Settle,
): HTMLLIElement {
  const record = session.paper(id)
  const take = (label: string, answer: Answer['verdict'], reason?: string) =>
    button(label, () => settle([decision(id, answer, reason, AGREED)]))
  const said = ({ answer, reason }: typeof first) => decisionText({ verdict: answer, ...(reason !== undefined && { reason }) })
  return element(
    'li',
    {},
    element('span', { class: 'title', dir: 'auto' }, record ? shownPaper(record).title : id),
    element('span', { class: 'hint' }, `You: ${said(first)} · ${reviewer}: ${said(second)}`),
    element(
      'span',
      { class: 'conflict-actions', role: 'group', 'aria-label': 'Settle it' },
      take('As you', first.answer, first.reason),
      take(`As ${reviewer}`, second.answer, second.reason),
      take('Maybe', 'maybe'),
    ),
  )
}

/** Reads a library file without adding it to the libraries. @throws Error if nobody screened in it; what the index throws. */
const reviewIn = (file: File, own: readonly PaperRecord[]): Promise<OtherReview> =>
  inCopy(file, async (index) => {
    const screening = await LibraryScreening.of(index)
    const papers = await index.papers()
    const matched = matchPapers(own, papers)
    const answers = new Map<string, Answer>()
    for (const answer of ownAnswers(screening.log).values()) {
      const paper = matched.get(answer.paper)
      if (paper !== undefined) answers.set(paper, { ...answer, paper })
    }
    if (answers.size === 0) throw new Error('This library has no decisions about papers of yours.')
    const reviewer = screening.settings?.reviewer || 'the second reviewer'
    return { reviewer, file: file.name, answers, unmatched: papers.length - matched.size }
  })

/** The library as a file, without decisions. */
const blankCopy = async (session: LibrarySession): Promise<Blob> =>
  inCopy(await session.index.export('index'), async (index) => {
    const screening = await LibraryScreening.of(index)
    await screening.clear()
    return index.export('index')
  })

/** Opens a library file for a moment, apart from the libraries. */
async function inCopy<T>(file: Blob, use: (index: PaperIndex) => Promise<T>): Promise<T> {
  const name = `copy ${Date.now()}`
  const index = await PaperIndex.open(name)
  try {
    await index.import(file)
    return await use(index)
  } finally {
    await index.close()
    await PaperIndex.delete(name)
  }
}
