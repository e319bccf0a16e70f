import './labels.css'
// Not from the index, whose parts are in the first load.
import { fitClassifierInWorker, fitMultiLabelClassifierInWorker } from '../../src/page/heads/heads-in-worker.js'
import { countFacet } from '../list/filters.js'
import type { LibrarySession } from '../session/library-session.js'
import { labelsOf, shownPaper } from '../session/shown-paper.js'
import { Dialog } from '../ui/dialog.js'
import { button, element, labelFor, setChildren } from '../ui/dom.js'
import { countOf, formatCount, messageOf } from '../ui/format.js'

/** A label for a paper that has none yet. */
export interface Suggestion {
  paper: string
  label: string
  confidence: number
}

/** From so many papers on, a label is learnt. */
const MIN_PAPERS = 3
const SHOWN_ROWS = 200
/** Compared by how well they do on papers that are held back. */
const STRENGTHS = [0.01, 0.1, 1, 10, 100]
/** Papers rated without a pause. */
const RATED_AT_ONCE = 2000
const FIRST_THRESHOLD = 80

/** Suggests labels for the papers that have none, from those that have. @param onAccept Gets what the reader accepts. */
export async function openSuggestions(
  session: LibrarySession,
  onAccept: (suggestions: readonly Suggestion[]) => void,
): Promise<void> {
  // Labels may have been given a moment ago.
  await session.refresh()
  const abort = new AbortController()
  const dialog = new Dialog('Suggest labels', { wide: true, onClose: () => abort.abort() })
  const counts = countFacet(session.papers, 'label')
  const learnt = new Set(counts.filter(([, count]) => count >= MIN_PAPERS).map(([label]) => label))
  const rest = session.papers.filter((paper) => labelsOf(paper).length === 0)
  const hint = problemOf(session, learnt.size, rest.length)
  if (hint !== null) {
    dialog.body.append(element('p', {}, hint))
    dialog.open()
    return
  }
  const status = element(
    'p',
    { role: 'status' },
    `Learning from ${countOf(session.papers.length - rest.length, 'labelled paper')}`,
  )
  dialog.body.append(status)
  dialog.open()
  suggest(session, learnt, abort.signal).then(
    ({ suggestions, accuracy }) => show(suggestions, accuracy),
    (error) => {
      if (!abort.signal.aborted) status.textContent = `No labels could be suggested: ${messageOf(error)}`
    },
  )

  const show = (suggestions: readonly Suggestion[], accuracy: number) => {
    const left = new Set(suggestions)
    const slider = element('input', { type: 'range', id: 'label-threshold', min: 50, max: 100, step: 1, value: FIRST_THRESHOLD })
    const value = element('output', { for: slider.id })
    const list = element('ul', { class: 'suggestions', 'aria-label': 'Suggestions' })
    const accept = button(
      '',
      () => {
        dialog.close()
        onAccept(sure())
      },
      { class: 'primary' },
    )
    const sure = () => [...left].filter(({ confidence }) => 100 * confidence >= slider.valueAsNumber)
    const count = () => {
      value.textContent = `${slider.value} %`
      accept.textContent = `Accept ${countOf(sure().length, 'label')}`
      accept.disabled = sure().length === 0
    }
    const update = () => {
      const shown = suggestions.filter(({ confidence }) => 100 * confidence >= slider.valueAsNumber).slice(0, SHOWN_ROWS)
      setChildren(list, ...shown.map((suggestion) => row(session, suggestion, left, count)))
      count()
    }
    slider.addEventListener('input', update)
    setChildren(
      dialog.body,
      element(
        'p',
        {},
        `${countOf(rest.length, 'paper')} without a label; ${countOf(suggestions.length, 'suggestion')} from ${countOf(learnt.size, 'label')}. When labelled papers were held back, ${Math.floor(100 * accuracy)} % of them were labelled as by you.`,
      ),
      element('p', { class: 'field suggestions-threshold' }, labelFor(slider, 'With a confidence of at least'), slider, value),
      list,
      suggestions.length > SHOWN_ROWS && element('p', { class: 'hint' }, `The list shows the ${formatCount(SHOWN_ROWS)} surest.`),
    )
    update()
    dialog.setActions(accept)
  }
}

/** Why no label can be suggested; `null`: some can. */
function problemOf({ info }: LibrarySession, learnt: number, rest: number): string | null {
  if (rest === 0) return 'Every paper has a label.'
  if (learnt < 2)
    return `Label some papers first: ${MIN_PAPERS} or more with each of two labels. Open a paper and press l, or select several in the list.`
  if (info.vectors < info.papers || info.stale) return 'Labels are learnt from meaning: embed all papers first.'
  return null
}

async function suggest(
  session: LibrarySession,
  learnt: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<{ suggestions: Suggestion[]; accuracy: number }> {
  const labelled = session.papers
    .map((paper) => ({ id: paper.id, labels: labelsOf(paper).filter((label) => learnt.has(label)) }))
    .filter(({ labels }) => labels.length > 0)
  const rest = session.papers.filter((paper) => labelsOf(paper).length === 0).map(({ id }) => id)
  const known = await session.index.vectors(labelled.map(({ id }) => id))
  const open = await session.index.vectors(rest)
  if (known.ids.length < labelled.length || open.ids.length < rest.length) throw new Error('Some papers are not embedded yet.')
  const { dimension } = known
  const options = { dimension, C: STRENGTHS, calibrate: true, classWeight: 'balanced', signal } as const
  const labels = labelled.map((paper) => paper.labels)
  // Where each paper has one label, labels exclude each other.
  const isSingle = labels.every(({ length }) => length === 1)
  const classifier = isSingle
    ? await fitClassifierInWorker(known.vectors, labels.flat(), options)
    : await fitMultiLabelClassifierInWorker(known.vectors, labels, options)
  const suggestions: Suggestion[] = []
  for (let first = 0; first < rest.length; first += RATED_AT_ONCE) {
    signal.throwIfAborted()
    const ids = rest.slice(first, first + RATED_AT_ONCE)
    const probabilities = classifier.probabilities(open.vectors.subarray(first * dimension, (first + ids.length) * dimension))
    for (const [row, paper] of ids.entries()) {
      const all = classifier.classes
        .map((label, at) => ({ paper, label: String(label), confidence: probabilities[row * classifier.classes.length + at]! }))
        .sort((a, b) => b.confidence - a.confidence)
      suggestions.push(...(isSingle ? all.slice(0, 1) : all.filter(({ confidence }) => confidence >= 0.5)))
    }
    // The page stays responsive.
    await new Promise((resolve) => setTimeout(resolve))
  }
  const reports = 'report' in classifier ? [classifier.report] : classifier.reports
  // A label that every paper has is not tried.
  const best = reports.map(({ tried }) => (tried.length === 0 ? 1 : Math.max(...tried.map(({ score }) => score))))
  const accuracy = best.reduce((sum, each) => sum + each, 0) / best.length
  return { suggestions: suggestions.sort((a, b) => b.confidence - a.confidence), accuracy }
}

function row(session: LibrarySession, suggestion: Suggestion, left: Set<Suggestion>, onChange: () => void): HTMLLIElement {
  const { paper, label, confidence } = suggestion
  const record = session.paper(paper)
  const title = record ? shownPaper(record).title : paper
  const check = element('input', { type: 'checkbox', checked: left.has(suggestion), 'aria-label': `${label}: ${title}` })
  check.addEventListener('change', () => {
    if (check.checked) left.add(suggestion)
    else left.delete(suggestion)
    onChange()
  })
  return element(
    'li',
    {},
    check,
    element('span', { class: 'label' }, label),
    element('span', { class: 'title', dir: 'auto' }, title),
    element('span', { class: 'hint' }, `${Math.floor(100 * confidence)} %`),
  )
}
