import { emptyReview, parseReview, type ReviewState } from '../../src/core/duplicates/index.js'
import { currentAnswers, LibraryScreening } from '../screening/library-screening.js'
import { countsOfAnswers } from '../screening/screening-log.js'
import type { LibrarySession } from '../session/library-session.js'
import { sourceOf } from '../session/shown-paper.js'
import { Dialog } from '../ui/dialog.js'
import { button, download, element, setChildren } from '../ui/dom.js'
import { countOf, formatBytes, formatCount } from '../ui/format.js'
import { canUndo, type HistoryEntry, lastMethod } from './history.js'
import { BIN_DAYS } from './library-history.js'
import { dayOf, reportSections } from './report.js'

/**
 * What was done to the open library, newest first, each with its Undo; what the bin holds; and the report.
 *
 * @param undo Takes an entry back.
 */
export async function openHistory(session: LibrarySession, undo: (entry: HistoryEntry) => Promise<void>): Promise<void> {
  const { history } = session
  const dialog = new Dialog('History of this library', { wide: true })
  const show = async () => {
    const { entries, state, binned } = history
    const screening = await LibraryScreening.of(session.index)
    const answers = currentAnswers(session, screening.answers)
    const bytes = binned.reduce((sum, entry) => sum + entry.bytes, 0)
    const rows = entries.toReversed().map((entry) => {
      const isUndone = state.undone.has(entry.id)
      const undoEntry = async () => {
        await undo(entry)
        await session.refresh()
        await show()
      }
      return element(
        'li',
        { 'data-undone': isUndone },
        element('time', { datetime: new Date(entry.at).toISOString() }, isOld(entry) ? 'before' : dayOf(entry.at)),
        element('span', {}, sentenceOf(entry), isUndone && element('span', { class: 'visually-hidden' }, ' (undone)')),
        canUndo(entry, state) && button('Undo', undoEntry, { 'aria-label': `Undo: ${sentenceOf(entry)}` }),
      )
    })
    const empty = async () => {
      await history.empty(binned.map(({ id }) => id))
      await show()
    }
    setChildren(
      dialog.body,
      element('h3', {}, 'What was done'),
      entries.length === 0
        ? element('p', { class: 'hint' }, 'Nothing yet: the library is empty.')
        : element('ul', { class: 'history', 'aria-label': 'What was done' }, ...rows),
      screening.log.length > 0 &&
        element(
          'p',
          { class: 'field' },
          element('span', {}, `Screening: ${countOf(screening.log.length, 'entry', 'entries')} in its log. `),
          button('Save the log', () =>
            download(
              'screening-log.json',
              screening.toFile((id) => session.paper(id)?.title ?? null),
            ),
          ),
        ),
      element('h3', {}, 'Bin'),
      binned.length === 0
        ? element(
            'p',
            { class: 'hint' },
            'Empty. What you merge or remove stays here, with labels and notes, until you empty it.',
          )
        : element(
            'p',
            { class: 'field' },
            element(
              'span',
              {},
              `${countOf(new Set(binned.flatMap(({ removed }) => removed.map(({ id }) => id))).size, 'record')}, ${formatBytes(bytes)}. Each is kept for ${BIN_DAYS} days. `,
            ),
            confirmButton('Empty the bin', 'What was merged or removed can then not be undone.', empty),
          ),
      ...reportSections({
        entries,
        review: stepsOf(await history.review()),
        found: [],
        groups: [],
        method: lastMethod(entries),
        sourceOfPaper: (id) => {
          const paper = session.paper(id)
          return paper ? sourceOf(paper) : null
        },
        screening: countsOfAnswers(answers, session.papers.length),
        download,
      }),
    )
  }
  dialog.open()
  await show()
}

/** A button that asks once more, in its place. */
export function confirmButton(label: string, warning: string, act: () => Promise<void>): HTMLElement {
  const row = element('span', { class: 'field' })
  const ask = () => {
    const confirm = button(label, act, { class: 'secondary danger' })
    setChildren(row, confirm, element('span', { class: 'hint' }, warning))
    confirm.focus()
  }
  row.append(button(label, ask))
  return row
}

/** The steps of a stored review; none if it cannot be read. */
function stepsOf(review: unknown): ReviewState {
  try {
    return review === null ? emptyReview : parseReview(JSON.stringify(review))
  } catch {
    return emptyReview
  }
}

const isOld = (entry: HistoryEntry) => entry.kind === 'import' && entry.reconstructed

/** An entry in words. */
function sentenceOf(entry: HistoryEntry): string {
  switch (entry.kind) {
    case 'import': {
      const { source, read, leftOut, known, merged, removed, restored, added, files } = entry
      const name = source || 'without a source'
      if (entry.reconstructed) return `${countOf(added, 'paper')} of ${name}`
      const parts = [
        `${formatCount(read)} read`,
        ...(leftOut > 0 ? [`${formatCount(leftOut)} could not be read`] : []),
        ...(known > 0 ? [`${formatCount(known)} here already`] : []),
        ...(merged > 0 ? [`${formatCount(merged)} merged before`] : []),
        ...(removed > 0 ? [`${formatCount(removed)} removed before`] : []),
        ...(restored.length > 0 ? [`${formatCount(restored.length)} brought back`] : []),
        `${formatCount(added)} added`,
      ]
      const from = files.length > 0 && files[0] !== source ? ` (${files.join(', ')})` : ''
      return `Import of ${name}${from}: ${parts.join(', ')}`
    }
    case 'duplicates':
      return `Search for duplicates (${entry.preset}): ${formatCount(entry.duplicates)} in ${countOf(entry.groups, 'group')}, among ${countOf(entry.papers, 'paper')}`
    case 'merge': {
      const byHand = entry.removed.filter((record) => record.byHand).length
      return `Merge of ${countOf(entry.removed.length, 'duplicate')} into ${countOf(entry.kept.length, 'paper')}; ${formatCount(byHand)} by your decision, ${formatCount(entry.removed.length - byHand)} by the tool`
    }
    case 'removal':
      return `Removal of ${countOf(entry.removed.length, 'paper')}, by you`
    case 'edit':
      return `Edit of “${entry.title}”: ${Object.keys(entry.after).join(', ')}`
    case 'labels': {
      const labels = new Set(entry.given.map(([, label]) => label))
      return `${countOf(entry.given.length, 'suggested label')} accepted: ${[...labels].join(', ')}`
    }
    case 'comparison': {
      const { reviewer, file, both, conflicts, kappa } = entry
      const agreement = kappa === null ? '' : `, Cohen’s kappa ${kappa.toFixed(2)}`
      return `Decisions of ${reviewer} (${file}): ${countOf(both, 'paper')} screened by both, ${countOf(conflicts, 'conflict')}${agreement}`
    }
    case 'undo':
      return entry.restored.length > 0 ? `Undo: ${countOf(entry.restored.length, 'paper')} restored` : 'Undo of a change'
    case 'emptied':
      return 'The bin was emptied'
  }
}
