import { byId, element } from './dom.js'
import { describeFailure, messageOf, type NextStep } from './failures.js'
import { countOf } from './format.js'
import { ensureIsolation } from './isolation.js'
import { bindKeys } from './keyboard.js'
import { type Entry, Library, type Paper, samplePapers } from './library.js'
import { DEFAULT_MODEL, type ModelChoice, ModelPanel } from './model-panel.js'
import { Notice } from './notice.js'
import { OpenPaper } from './open-paper.js'
import { PaperPane } from './paper-pane.js'
import type { PastedPaper } from './parse-pasted.js'
import { PasteDialog, type PastePlace } from './paste-dialog.js'
import { Reader, type ReaderListeners } from './reader.js'
import { ResultList } from './result-list.js'
import { StatusLine } from './status-line.js'
import { nearestRows, rowsOf, type View, wordsOf } from './view.js'
import { WorkLine } from './work-line.js'

/** Long enough that a word is typed, short enough that nobody waits. */
const TYPING_PAUSE_MS = 150
/** A screenful of a ranking; what follows is far off. */
const FIRST_RESULTS = 20
const NEAREST_IN_PANE = 5
const EXAMPLES = [
  'what tobacco does to the body',
  'listening to the universe',
  'why people misjudge risk',
  'ranking pages by links',
]

const search = byId('search', HTMLInputElement)
const bar = byId('bar', HTMLElement)
const subbar = byId('subbar', HTMLElement)
const summary = byId('summary', HTMLElement)
const allPapers = byId('all-papers', HTMLButtonElement)
const adapters = byId('adapters', HTMLElement)
const adapterSelect = byId('adapter', HTMLSelectElement)
const intro = byId('intro', HTMLElement)
const examples = byId('examples', HTMLElement)
const showMore = byId('show-more', HTMLButtonElement)
const keysDialog = byId('keys', HTMLDialogElement)
/** As in style.css: below, a paper is a page of its own. */
const isWide = matchMedia('(min-width: 62rem)')
const hasKeyboard = matchMedia('(pointer: fine)')

let view: View = { kind: 'all' }
let limit = FIRST_RESULTS
let pastedCount = 0
let typing: ReturnType<typeof setTimeout> | undefined
let latestQuery = new AbortController()

const library = new Library()
const status = new StatusLine()
const notice = new Notice()
const list = new ResultList(openPaper)
const openedPaper = new OpenPaper((before) => {
  refreshPane()
  const closed = openedPaper.id === null && before !== null ? library.entry(before) : null
  if (closed) list.focus(closed)
})
const pane = new PaperPane({ onClose: () => openedPaper.close(), onOpen: openPaper, onMore: showMoreLike })
const pasteDialog = new PasteDialog(takePasted)
const modelPanel = new ModelPanel(chooseModel)
const workLine = new WorkLine(() => reader.cancel())

const whileReading: ReaderListeners = {
  onLoading: (progress) => {
    if (progress === null) status.loading(reader.choice.model)
    workLine.showLoading(progress)
  },
  onLoaded: () => {
    showStatus()
    showAdapters()
    void runQuery()
  },
  onReading: (progress) => {
    list.isBusy = true
    workLine.showReading(progress)
  },
  onVectors: () => list.showEmbedded(),
  onDone: settle,
  onStopped: (stage, reason) => {
    settle()
    const embedded = library.embeddedCount
    const total = library.entries.length
    if (!reason.cancelled) {
      const { next, ...words } = describeFailure(stage, reason.error, reader.choice, { embedded, total })
      return notice.show({ ...words, isError: true, action: nextSteps[next] })
    }
    const isLoad = stage === 'load'
    notice.show({
      title: isLoad ? 'Cancelled before the model was here' : `Cancelled after ${embedded} of ${countOf(total, 'paper')}`,
      message: '',
      safe: isLoad ? 'What was fetched stays in this browser, so the next try goes on from there.' : 'Those can be searched.',
      action: { label: isLoad ? 'Go on loading' : 'Embed the rest', run: catchUp },
    })
  },
}
const reader = new Reader(library, { model: DEFAULT_MODEL, threads: undefined }, whileReading)

const nextSteps: Readonly<Record<NextStep, { label: string; run: () => void }>> = {
  retry: { label: 'Try again', run: catchUp },
  'change-model': { label: 'Change the model', run: () => modelPanel.edit() },
  'use-default-model': {
    label: `Use ${DEFAULT_MODEL} instead`,
    run: () => chooseModel({ ...reader.choice, model: DEFAULT_MODEL }),
  },
}

// Reading: the model and the papers

function catchUp(): void {
  void reader.catchUp()
  begin()
}

function chooseModel(choice: ModelChoice): void {
  modelPanel.show(choice)
  view = { kind: 'all' }
  adapters.hidden = true
  void reader.choose(choice)
  begin()
}

/**
 * The page as it is while work goes on.
 *
 * @param focus Takes the keyboard's focus, since what was pressed is gone. On a phone it would only bring up the keyboard.
 */
function begin(focus: HTMLElement = search): void {
  intro.hidden = true
  notice.hide()
  refresh()
  if (hasKeyboard.matches) focus.focus()
}

/** The page as it is when work has ended, well or not. */
function settle(): void {
  workLine.hide()
  list.isBusy = false
  showStatus()
  void runQuery()
}

function takePasted(pasted: readonly PastedPaper[], place: PastePlace): void {
  const unknown = { authors: [], year: null, venue: null, field: null, doi: null }
  const papers = pasted.map((paper): Paper => ({ ...paper, ...unknown, id: `pasted-${++pastedCount}`, origin: 'pasted' }))
  if (place === 'add') library.add(papers)
  else library.replace(papers)
  openedPaper.close()
  showAll()
  catchUp()
}

function showStatus(): void {
  if (reader.info) status.running(reader.info, reader.perSecond)
  else status.idle()
}

function showAdapters(): void {
  const { info, adapter } = reader
  adapters.hidden = !info || info.adapters.length < 2
  if (!info) return
  adapterSelect.replaceChildren(...info.adapters.map((name) => element('option', { selected: name === adapter }, name)))
  byId('query-adapter', HTMLElement).textContent = info.queryAdapter
}

// Searching

/** Ranks by what the search field says. The latest wins: an earlier one is aborted. */
async function runQuery(): Promise<void> {
  clearTimeout(typing)
  latestQuery.abort()
  latestQuery = new AbortController()
  const { signal } = latestQuery
  const text = search.value.trim()
  const startedAt = performance.now()
  try {
    const vector = text === '' ? null : await reader.embedQuery(text, signal)
    if (signal.aborted) return
    if (vector) setView({ kind: 'query', text, vector, tookMs: performance.now() - startedAt })
    else setView(view.kind === 'query' ? { kind: 'all' } : view)
  } catch (error) {
    if (signal.aborted) return
    notice.show({
      title: 'The search failed',
      message: messageOf(error),
      safe: 'The papers and their vectors are still here.',
      action: { label: 'Search again', run: () => void runQuery() },
      isError: true,
    })
  }
}

function searchFor(text: string): void {
  search.value = text
  void runQuery()
}

function showAll(): void {
  view = { kind: 'all' }
  searchFor('')
}

function showMoreLike({ paper }: Entry): void {
  latestQuery.abort()
  search.value = ''
  if (!isWide.matches) openedPaper.close()
  setView({ kind: 'like', id: paper.id })
  scrollTo({ top: 0 })
}

// Showing

function setView(next: View): void {
  view = next
  limit = FIRST_RESULTS
  refresh()
}

/** Everything that depends on view, papers and vectors, as they are now. */
function refresh(): void {
  const rows = rowsOf(view, library, reader.info?.metric ?? null)
  const shown = view.kind === 'all' ? rows : rows.slice(0, limit)
  list.show(shown, wordsOf(view))
  showMore.hidden = shown.length === rows.length
  showMore.textContent = `Show all ${countOf(rows.length, 'paper')}`
  allPapers.hidden = view.kind === 'all'
  summary.replaceChildren(...summaryWords(rows.length))
  subbar.hidden = !intro.hidden && search.value === ''
  const hasSample = library.entries.some(({ paper }) => paper.origin === 'sample')
  examples.hidden = view.kind !== 'all' || !hasSample || !(reader.isBusy || reader.info)
  refreshPane()
}

function refreshPane(): void {
  const entry = openEntry()
  document.body.toggleAttribute('data-paper-open', entry !== null)
  list.showOpen(entry)
  const metric = reader.info?.metric
  const nearest = entry && metric ? nearestRows(entry, library, metric).slice(0, NEAREST_IN_PANE) : []
  if (entry) pane.showPaper(entry, wordsOf(view), nearest)
  else pane.showLibrary(library)
}

function summaryWords(count: number): (Node | string)[] {
  const total = library.entries.length
  const papers = library.missing.length > 0 ? `${library.embeddedCount} of ${countOf(total, 'paper')}` : countOf(count, 'paper')
  if (view.kind === 'query') return [`${papers}, nearest first, in ${Math.max(1, Math.round(view.tookMs))} ms`]
  if (view.kind === 'like')
    return [`${papers}, most like `, element('q', {}, library.entry(view.id)?.paper.title ?? ''), ' first']
  const isWaiting = search.value.trim() !== '' && !reader.info
  if (isWaiting)
    return [reader.isBusy ? 'The search runs when the model is here' : 'Press Enter to embed these papers and search']
  if (reader.isBusy) return []
  const pasted = library.entries.filter(({ paper }) => paper.origin === 'pasted').length
  return [countOf(total, 'paper'), pasted === 0 ? ', oldest first' : pasted < total ? ', yours first' : '']
}

// Opening papers

function openEntry(): Entry | null {
  return (openedPaper.id !== null && library.entry(openedPaper.id)) || null
}

function openPaper({ paper }: Entry): void {
  openedPaper.open(paper.id)
  refreshPane()
  pane.focus()
  if (!isWide.matches) scrollTo({ top: 0 })
}

/** To the next or previous paper: the open one's neighbour, or the list's focus. */
function move(by: number): void {
  const open = openEntry()
  const neighbour = open && list.neighbour(open, by)
  const isInList = list.focused !== null
  if (!open) list.move(by)
  if (!neighbour) return
  openPaper(neighbour)
  if (isInList) list.focus(neighbour)
  else if (isWide.matches) list.scrollTo(neighbour)
}

function goBack(): boolean {
  if (openEntry()) openedPaper.close()
  else if (view.kind !== 'all' || search.value !== '') showAll()
  else return false
  return true
}

// Keys and clicks

bindKeys({
  '/': () => search.select(),
  j: () => move(1),
  k: () => move(-1),
  m: () => {
    const entry = list.focused ?? openEntry()
    if (!entry?.vector) return false
    showMoreLike(entry)
    list.focus()
    return true
  },
  p: () => pasteDialog.open(),
  '?': () => keysDialog.showModal(),
  Escape: goBack,
})
search.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown') list.focus()
  else if (event.key === 'Enter' && !reader.info && !reader.isBusy) catchUp()
  else if (event.key === 'Enter') void runQuery().then(() => list.focus())
  else return
  event.preventDefault()
})
search.addEventListener('input', () => {
  clearTimeout(typing)
  typing = setTimeout(() => void runQuery(), TYPING_PAUSE_MS)
})
byId('results', HTMLElement).addEventListener('keydown', (event) => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  event.preventDefault()
  move(event.key === 'ArrowDown' ? 1 : -1)
})
byId('start', HTMLButtonElement).addEventListener('click', catchUp)
for (const id of ['paste-open', 'intro-paste']) byId(id, HTMLButtonElement).addEventListener('click', () => pasteDialog.open())
byId('keys-open', HTMLButtonElement).addEventListener('click', () => keysDialog.showModal())
byId('keys-close', HTMLButtonElement).addEventListener('click', () => keysDialog.close())
allPapers.addEventListener('click', () => {
  showAll()
  if (hasKeyboard.matches) search.focus()
})
showMore.addEventListener('click', () => {
  const firstNew = limit
  limit = Number.POSITIVE_INFINITY
  refresh()
  list.focusAt(firstNew)
})
adapterSelect.addEventListener('change', () => {
  view = { kind: 'all' }
  void reader.useAdapter(adapterSelect.value)
  begin(adapterSelect)
})

function exampleButton(text: string): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'quiet' }, text)
  button.addEventListener('click', () => searchFor(text))
  return button
}

// What sticks below the header, and what scrolls into view, needs its height.
new ResizeObserver(() => document.documentElement.style.setProperty('--header', `${bar.offsetHeight}px`)).observe(bar)
examples.append(element('span', {}, 'Try'), ...EXAMPLES.map(exampleButton))
library.replace(samplePapers)
status.idle()
refresh()
void ensureIsolation()
