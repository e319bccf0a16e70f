import type { PaperRecord, SearchMode } from '../src/index.js'
import type { RemovedPaper } from './duplicates/duplicates-view.js'
import { Adding } from './imports/adding.js'
import { acceptDrops } from './imports/dropped.js'
import { ExamplesBar } from './list/examples-bar.js'
import { FilterBar } from './list/filter-bar.js'
import { countFacet } from './list/filters.js'
import { PaperList } from './list/paper-list.js'
import { SelectionBar } from './list/selection-bar.js'
import { summaryWords } from './list/summary-words.js'
import { queryWords } from './list/words.js'
import { forgetApp, keepApp, useUpdate } from './offline/app-worker.js'
import { OpenPaper } from './paper/open-paper.js'
import { PaperPane } from './paper/paper-pane.js'
import { Desk } from './session/desk.js'
import type { Work } from './session/library-session.js'
import { type Found, type Query, Searching } from './session/searching.js'
import { shownPaper, withMarksOfRemoved } from './session/shown-paper.js'
import { LibrariesPane } from './shell/libraries-pane.js'
import { StatusLine } from './shell/status-line.js'
import { VIEWS, type ViewName, Views } from './shell/views.js'
import { usedBytes } from './storage/persistence.js'
import { PageStore } from './store/page-store.js'
import { button, byId, element } from './ui/dom.js'
import { countOf, formatCount, messageOf } from './ui/format.js'
import { bindKeys } from './ui/keyboard.js'
import { LastShown } from './ui/last-shown.js'
import { Notice } from './ui/notice.js'
import { Toast } from './ui/toast.js'

const TYPING_PAUSE_MS = 40
/** Changes come in bursts while papers are added, and all the time while they are embedded. */
const REFRESH_PAUSE_MS = 250
const REFRESH_PAUSE_AT_WORK_MS = 1000

const search = byId('search', HTMLInputElement)
const summary = byId('summary', HTMLElement)
const sort = byId('sort', HTMLSelectElement)
const isWide = matchMedia('(min-width: 75rem)')
const hasKeyboard = matchMedia('(hover: hover)')

let like: { liked: readonly string[]; disliked: readonly string[] } = { liked: [], disliked: [] }
let only: ReadonlySet<string> | null = null
let found: Found | null = null
let bytesHere: number | null = null
let typing: ReturnType<typeof setTimeout> | undefined
let isRefreshSoon = false

const shownSummary = new LastShown()
const toast = new Toast()
const notice = new Notice()
const desk: Desk = new Desk(new PageStore(), { onOpened: opened, onChange: refreshSoon, onWork: showWork, onModel: showStatus })
const adding = new Adding(desk, {
  onAdded: (message) => {
    if (message !== null) toast.show(message)
    showView('papers')
    refreshNow()
    if (message === null) focusSearch()
  },
  guard,
})
const searching = new Searching(showFound)
const filters = new FilterBar(() => void runQuery({ fromTop: true }))
const list = new PaperList({
  onOpen: openPaper,
  onSelection: (ids) => {
    selection.show(ids.size)
    if (ids.size > 0) views.select([...ids])
    if (openedPaper.id === null) showOverview()
  },
  onEnd: () => void searching.more().catch(showSearchFailure),
})
const openedPaper = new OpenPaper((before) => {
  void refreshPane()
  if (openedPaper.id === null && before !== null) list.focus(before)
})
const libraries = new LibrariesPane({
  onOpen: (id) => void openLibrary(id),
  onRename: (id, name) => void desk.libraries.update(id, { name }).then(showLibraries),
  onDelete: (id) => void deleteLibrary(id),
})
const pane = new PaperPane({
  onClose: () => openedPaper.close(),
  onOpen: openPaper,
  onLike: (id) => addExample(id, true),
  onDislike: (id) => addExample(id, false),
  onAnnotate: (id, fields) =>
    void guard('The change was not kept', async () => {
      await desk.session?.annotate(id, fields)
      refreshNow()
    }),
  onRemove: (id) => void removePapers([id]),
  onCopyBibtex: (paper) => void copyBibtex(paper),
  onCopied: (text) => toast.show(text),
})
const examples = new ExamplesBar({ onRemove: removeExample, onClear: showAll })
const selection = new SelectionBar({
  onExport: () => void exportPapers(),
  onLabel: (label) => void labelSelected(label),
  onLike: () => {
    like = { liked: [...list.selected].slice(0, 50), disliked: [] }
    search.value = ''
    void runQuery({ fromTop: true })
  },
  onRemove: () => void removePapers([...list.selected]),
  onAll: () => list.select(list.rows.map(({ paper }) => paper.id)),
  onClear: () => list.select([]),
})
const views = new Views(desk.store, {
  onOpen: openPaper,
  onChoose: (ids) => {
    only = ids.length > 0 ? new Set(ids) : null
    document.body.toggleAttribute('data-chosen', only !== null)
    void runQuery({ fromTop: true })
    if (openedPaper.id === null) showOverview()
  },
  onMerged: mergePapers,
  onError: (title, error) => void guard(title, () => Promise.reject(error)),
})
const status = new StatusLine({
  onModel: () => void chooseModel(),
  onStorage: () => void showStorage(),
  onPause: () => void desk.pause(),
  onCancel: () => void cancelWork(),
  onGoOn: () => void desk.embed(),
  onUpdate: () => void useUpdate(),
})

// What is open

function opened(): void {
  like = { liked: [], disliked: [] }
  only = null
  search.value = ''
  notice.hide()
  list.select([])
  if (openedPaper.id !== null) openedPaper.close()
  document.body.removeAttribute('data-chosen')
  views.open(desk.session)
  refreshNow()
}

function refreshSoon(): void {
  if (isRefreshSoon) return
  isRefreshSoon = true
  const refreshLate = () => {
    isRefreshSoon = false
    refreshNow()
  }
  setTimeout(refreshLate, desk.session?.isWorking ? REFRESH_PAUSE_AT_WORK_MS : REFRESH_PAUSE_MS)
}

function refreshNow(): void {
  void guard('The library could not be read', refresh)
}

/** Everything, as the library is now. */
async function refresh(): Promise<void> {
  await desk.session?.refresh()
  showLibraries()
  filters.offer(desk.session?.papers ?? [])
  void usedBytes().then((bytes) => {
    bytesHere = bytes
    showStatus()
  })
  showStatus()
  await runQuery()
  await refreshPane()
  await views.refresh()
}

function showLibraries(): void {
  const { session } = desk
  libraries.show(desk.libraries.all, session?.id ?? null, session?.info.papers ?? 0)
  const isEmpty = !session || session.info.papers === 0
  byId('intro', HTMLElement).hidden = !isEmpty
  byId('papers', HTMLElement).hidden = isEmpty
  byId('subbar', HTMLElement).hidden = isEmpty
  byId('export', HTMLButtonElement).disabled = isEmpty
  byId('open-sample', HTMLButtonElement).hidden = desk.libraries.all.some(({ origin }) => origin === 'sample')
  document.body.toggleAttribute('data-empty', isEmpty)
}

function showStatus(): void {
  status.show(desk.runner.info, desk.session?.info ?? null, bytesHere)
}

function showWork(work: Work, load: Parameters<StatusLine['showWork']>[1]): void {
  status.showWork(work, load)
  showStatus()
  if (work.state === 'loading') notice.hide()
  if (work.state !== 'failed') return
  const { session } = desk
  const isLoad = work.stage === 'load'
  notice.show({
    title: isLoad
      ? 'The model did not load'
      : `Embedding stopped after ${formatCount(session?.info.vectors ?? 0)} of ${countOf(session?.info.papers ?? 0, 'paper')}`,
    message: messageOf(work.error),
    safe: isLoad
      ? 'The papers are still here and are found by their words.'
      : 'Those that are embedded can be searched, and no paper is lost.',
    action:
      isLoad && desk.choice.model !== 'minilm'
        ? { label: 'Change the model', run: () => void chooseModel() }
        : { label: 'Try again', run: () => void desk.embed() },
  })
}

async function cancelWork(): Promise<void> {
  await desk.cancel()
  const { vectors = 0, papers = 0 } = desk.session?.info ?? {}
  toast.show(`Cancelled. ${formatCount(vectors)} of ${countOf(papers, 'paper')} are embedded, and stay so.`)
}

async function openLibrary(id: string): Promise<void> {
  showView(views.shown === 'duplicates' ? 'papers' : views.shown)
  if (desk.session?.id !== id) await guard('The library could not be opened', () => desk.open(id))
}

async function deleteLibrary(id: string): Promise<void> {
  const record = desk.libraries.get(id)
  if (!record) return
  await desk.closeLibrary()
  await desk.libraries.delete(id)
  const next = desk.libraries.all.at(-1)
  if (next) await openLibrary(next.id)
  else refreshNow()
  const undo = async () => {
    await desk.libraries.restore(id)
    await openLibrary(id)
  }
  toast.show(
    `“${record.name}” is deleted.`,
    { label: 'Undo', run: () => void undo() },
    () => void desk.libraries.purge(id).catch(() => {}),
  )
}

// Adding papers

function openSample(): void {
  const existing = desk.libraries.all.find(({ origin }) => origin === 'sample')
  void (existing ? openLibrary(existing.id) : adding.sample())
}

// Searching

function query(): Query {
  const mode = (document.querySelector<HTMLInputElement>('#mode input:checked')?.value ?? 'hybrid') as SearchMode
  return { text: search.value.trim(), mode, filters: filters.filters, ...like, only, sort: sort.value as Query['sort'] }
}

async function runQuery({ fromTop = false } = {}): Promise<void> {
  clearTimeout(typing)
  const { session } = desk
  if (!session) {
    searching.cancel()
    found = null
    list.show([], new Set())
    return
  }
  if (fromTop) byId('papers', HTMLElement).scrollTop = 0
  showExamples()
  try {
    await searching.run(session, query())
  } catch (error) {
    if (session === desk.session) showSearchFailure(error)
  }
}

function showSearchFailure(error: unknown): void {
  notice.show({
    title: 'The search failed',
    message: messageOf(error),
    safe: 'The papers and their vectors are still here.',
    action: desk.runner.info
      ? { label: 'Search by words', run: () => setMode('lexical') }
      : { label: 'Load the model', run: () => void desk.loadModel() },
  })
}

function showFound(result: Found): void {
  found = result
  list.show(result.rows, queryWords(search.value))
  const { session } = desk
  const none = result.rows.length === 0 && session !== null && session.info.papers > 0
  const empty = byId('empty', HTMLElement)
  empty.hidden = !none
  empty.textContent =
    result.allowed === 0
      ? 'No paper is allowed by these filters.'
      : 'No paper has these words. Search by meaning, or with fewer words.'
  byId('sort-field', HTMLElement).hidden = result.ranked
  const words = summaryWords(result, session?.info.papers ?? 0, () => void desk.loadModel())
  // It is read out: not again for the same query while it says the same.
  const said = words.map((word) => (typeof word === 'string' ? word : word.textContent))
  if (shownSummary.differs([query(), said])) summary.replaceChildren(...words)
}

function showExamples(): void {
  const title = (id: string) => (desk.session?.paper(id) ? shownPaper(desk.session.paper(id)!).title : id)
  const shown = [
    ...like.liked.map((id) => ({ id, title: title(id), liked: true })),
    ...like.disliked.map((id) => ({ id, title: title(id), liked: false })),
  ]
  examples.show(shown, only?.size ?? null)
}

function addExample(id: string, liked: boolean): void {
  if (!desk.session || desk.session.info.vectors === 0) {
    toast.show('Similar papers are found when the papers are embedded.')
    return
  }
  const others = { liked: like.liked.filter((other) => other !== id), disliked: like.disliked.filter((other) => other !== id) }
  if (!liked && others.liked.length === 0) {
    toast.show('First choose a paper to be like, with “More like this”.')
    return
  }
  like = liked ? { ...others, liked: [...others.liked, id] } : { ...others, disliked: [...others.disliked, id] }
  search.value = ''
  if (!isWide.matches && openedPaper.id !== null) openedPaper.close()
  void runQuery({ fromTop: true })
}

function removeExample(id: string): void {
  like = { liked: like.liked.filter((other) => other !== id), disliked: like.disliked.filter((other) => other !== id) }
  if (like.liked.length === 0) like = { liked: [], disliked: [] }
  void runQuery({ fromTop: true })
}

function showAll(): void {
  like = { liked: [], disliked: [] }
  only = null
  document.body.removeAttribute('data-chosen')
  views.select([])
  search.value = ''
  void runQuery({ fromTop: true })
}

function setMode(mode: SearchMode): void {
  document.querySelector<HTMLInputElement>(`#mode input[value=${mode}]`)!.checked = true
  void runQuery({ fromTop: true })
}

// Papers

function openPaper(id: string): void {
  openedPaper.open(id)
  void refreshPane().then(() => pane.focus())
}

async function refreshPane(): Promise<void> {
  const { session } = desk
  const { id } = openedPaper
  const record = id === null ? null : ((await session?.whole(id)) ?? null)
  if (id !== openedPaper.id || session !== desk.session) return
  document.body.toggleAttribute('data-paper-open', record !== null)
  list.showOpen(record?.id ?? null)
  if (!record || !session) {
    showOverview()
    return
  }
  const known = countFacet(session.papers, 'label').map(([label]) => label)
  pane.showPaper(record, { words: queryWords(search.value), known, canFindSimilar: session.info.vectors > 0 })
}

function showOverview(): void {
  const { session, record } = desk
  if (!session || !record) {
    pane.showOverview('No library is open', ['Open the sample, files or pasted text to begin.'])
    return
  }
  const chosen = [...(list.selected.size > 0 ? list.selected : (only ?? []))].flatMap((id) => session.paper(id) ?? [])
  if (chosen.length > 0) {
    pane.showOverview(`${countOf(chosen.length, 'paper')} selected`, [], chosen)
    return
  }
  const years = session.papers.flatMap(({ year }) => (typeof year === 'number' ? [year] : []))
  const span = years.length > 0 ? `, ${years.reduce((a, b) => Math.min(a, b))} to ${years.reduce((a, b) => Math.max(a, b))}` : ''
  const venues = countFacet(session.papers, 'venue').slice(0, 5)
  pane.showOverview(record.name, [
    `${countOf(session.info.papers, 'paper')}${span}.`,
    ...(venues.length > 0
      ? [`Most are from ${venues.map(([venue, count]) => `${venue} (${formatCount(count)})`).join(', ')}.`]
      : []),
    'Select a paper to read it here, with labels and a note of your own.',
  ])
}

async function removePapers(ids: readonly string[]): Promise<void> {
  const { session } = desk
  if (!session || ids.length === 0) return
  await guard('The papers were not removed', async () => {
    const removed = await session.wholes(ids)
    await session.remove(ids)
    list.select([...list.selected].filter((id) => !ids.includes(id)))
    like = { liked: like.liked.filter((id) => !ids.includes(id)), disliked: like.disliked.filter((id) => !ids.includes(id)) }
    if (openedPaper.id !== null && ids.includes(openedPaper.id)) openedPaper.close()
    refreshNow()
    const undo = async () => {
      await session.add(removed)
      refreshNow()
      if (desk.runner.info) await desk.embed()
    }
    toast.show(`${countOf(removed.length, 'paper')} removed.`, { label: 'Undo', run: () => void undo() })
  })
}

/** Puts merged records in place of their duplicates, with the labels and notes of all. Other papers are not touched. */
async function mergePapers(papers: readonly PaperRecord[], removed: readonly RemovedPaper[]): Promise<void> {
  const { session } = desk
  if (!session) return
  const removedIds = removed.map(({ id }) => id)
  const keptIds = new Set(removed.map(({ keptId }) => keptId))
  const before = await session.wholes([...keptIds, ...removedIds])
  const merged = papers.filter(({ id }) => keptIds.has(id))
  await session.add(withMarksOfRemoved(merged, before, removed))
  await session.remove(removedIds)
  refreshNow()
  if (desk.runner.info) void desk.embed()
  const undo = async () => {
    await session.add(before)
    refreshNow()
    if (desk.runner.info) await desk.embed()
  }
  toast.show(`${countOf(removed.length, 'duplicate')} merged into the papers that are kept.`, {
    label: 'Undo',
    run: () => void undo(),
  })
}

async function labelSelected(label: string): Promise<void> {
  const { session } = desk
  const papers = await session?.wholes([...list.selected])
  await guard('The labels were not kept', async () =>
    session?.add(papers!.map((paper) => ({ ...paper, labels: [...new Set([...shownPaper(paper).labels, label])] }))),
  )
  toast.show(`${countOf(papers?.length ?? 0, 'paper')} labelled “${label}”.`)
}

async function copyBibtex(paper: PaperRecord): Promise<void> {
  await guard('The record was not copied', async () => {
    const [{ writable }, { writePapersInWorker }] = await Promise.all([
      import('./exports/export-dialog.js'),
      import('../src/index.js'),
    ])
    const bibtex = await writePapersInWorker([writable(paper)], 'bibtex')
    await navigator.clipboard.writeText(await bibtex.text())
    toast.show('The BibTeX record is copied.')
  })
}

// Dialogs

async function exportPapers(): Promise<void> {
  const { session, record } = desk
  if (!session || !record || session.info.papers === 0) return
  const { openExport } = await import('./exports/export-dialog.js')
  const shown = found?.rows.map(({ paper }) => paper.id) ?? []
  const all = session.papers.map(({ id }) => id)
  openExport(session, record.name, [
    ...(list.selected.size > 0 ? [{ label: 'Selected', ids: [...list.selected] }] : []),
    ...(shown.length > 0 && shown.length < all.length ? [{ label: 'As listed', ids: shown }] : []),
    { label: 'All', ids: all },
  ])
}

async function chooseModel(): Promise<void> {
  const { openModelSheet } = await import('./model/model-sheet.js')
  await openModelSheet(desk.choice, {
    onChoose: (choice) => void guard('The model was not changed', () => desk.choose(choice)),
    onFiles: (files) => void desk.chooseFiles(files),
  })
}

async function showStorage(): Promise<void> {
  const { openStorage } = await import('./storage/storage-dialog.js')
  openStorage({ onClear: clearAll, onModelDeleted: () => refreshSoon() })
}

/** Everything that this page keeps in the browser. */
async function clearAll(): Promise<void> {
  const { clearCachedModels, PaperIndex } = await import('../src/index.js')
  await desk.closeLibrary()
  desk.runner.release()
  for (const name of await PaperIndex.list()) await PaperIndex.delete(name)
  await clearCachedModels()
  for (const key of ['libraries', 'last-library', 'model']) await desk.store.delete(key)
  await forgetApp()
  location.reload()
}

async function newLibrary(): Promise<void> {
  const record = await desk.libraries.create('New library')
  await openLibrary(record.id)
}

/** What fails is told in the one place for it. */
async function guard(title: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notice.show({
      title,
      message: messageOf(error),
      safe: 'What was here before is still here.',
      action: { label: 'Read the library again', run: refreshNow },
    })
  }
}

// Views, which are pages on a phone

const NAMES: Readonly<Record<ViewName, string>> = { papers: 'Papers', map: 'Map', duplicates: 'Duplicates' }

function showView(name: ViewName): void {
  markPage(name)
  void views.show(name)
}

/** On a phone the libraries are a page beside the views. */
function showLibrariesPage(): void {
  markPage('libraries')
}

function markPage(page: ViewName | 'libraries'): void {
  document.body.dataset.tab = page
  if (openedPaper.id !== null && !isWide.matches) openedPaper.close()
  for (const made of document.querySelectorAll<HTMLElement>('[data-page]')) {
    if (made.dataset.page === page) made.setAttribute('aria-current', 'page')
    else made.removeAttribute('aria-current')
  }
}

byId('views', HTMLElement).append(
  ...VIEWS.map((view, index) => {
    const open = () => showView(view)
    return element('li', {}, button(NAMES[view], open, { class: 'library', 'data-page': view, key: String(index + 1) }))
  }),
)
byId('tabs', HTMLElement).append(
  button('Libraries', showLibrariesPage, { class: 'tab', 'data-page': 'libraries' }),
  ...VIEWS.map((view) => button(NAMES[view], () => showView(view), { class: 'tab', 'data-page': view })),
)

// Keys and clicks

/** To the next or previous paper: the open one's neighbour, or the list's focus. */
function move(by: number): void {
  const { id } = openedPaper
  const isInList = list.focused !== null
  if (id === null || isInList) list.move(by)
  const neighbour = id === null ? null : isInList ? list.focused : list.neighbour(id, by)
  if (neighbour === null) return
  openedPaper.open(neighbour)
  list.scrollTo(neighbour)
  void refreshPane().then(() => !isInList && pane.focus())
}

function goBack(): boolean {
  if (openedPaper.id !== null) openedPaper.close()
  else if (list.selected.size > 0) list.select([])
  else if (search.value !== '' || like.liked.length > 0 || only !== null) showAll()
  else return false
  return true
}

function focusSearch(): void {
  // On a phone it would only bring up the keyboard.
  if (hasKeyboard.matches) search.focus()
}

/** The paper that a key is about: that of the list's focus, or the open one. */
const current = () => list.focused ?? openedPaper.id
const withCurrent = (act: (id: string) => unknown) => () => {
  const id = current()
  if (id === null) return false
  act(id)
  return true
}

bindKeys('Anywhere', [
  ['/', 'Search', () => search.select()],
  ['1', 'Show the papers', () => showView('papers')],
  ['2', 'Show the map', () => showView('map')],
  ['3', 'Show the duplicates', () => showView('duplicates')],
  ['o', 'Add files', () => adding.pick()],
  ['p', 'Paste papers', () => void adding.paste()],
  ['e', 'Export', () => void exportPapers()],
  ['g', 'Pause or resume embedding', () => status.pauseOrGoOn()],
  ['q', 'Cancel embedding', () => status.isWorking && void cancelWork()],
  ['?', 'Show these keys', () => void import('./shell/help-dialog.js').then(({ openHelp }) => openHelp())],
  [
    'Escape',
    'Go back: close the paper, then clear the selection, then the search',
    () => (document.activeElement?.matches('#new-label, #note') ? pane.focus() : goBack()),
  ],
])
bindKeys('For the open paper, or the one in focus', [
  ['j', 'Next paper', () => views.shown === 'papers' && move(1)],
  ['k', 'Previous paper', () => views.shown === 'papers' && move(-1)],
  ['x', 'Select', withCurrent((id) => list.toggle(id))],
  ['m', 'More like this paper', withCurrent((id) => addExample(id, true))],
  ['n', 'Less like this paper', withCurrent((id) => addExample(id, false))],
  [
    'c',
    'Copy the citation',
    withCurrent((id) => void desk.session?.whole(id).then((paper) => paper && pane.copyCitation(paper))),
  ],
  ['l', 'Add a label to the open paper', () => openedPaper.id !== null && pane.focusLabels()],
  ['t', 'Write a note on the open paper', () => openedPaper.id !== null && pane.focusNote()],
  [
    'Delete',
    'Remove the paper, or the selected ones',
    () => {
      const id = current()
      const ids = list.selected.size > 0 ? [...list.selected] : id === null ? [] : [id]
      void removePapers(ids)
      return ids.length > 0
    },
  ],
])

search.addEventListener('keydown', (event) => {
  if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
  event.preventDefault()
  if (event.key === 'ArrowDown') list.focus()
  else void runQuery({ fromTop: true }).then(() => list.focus())
})
search.addEventListener('input', () => {
  if (search.value !== '') like = { liked: [], disliked: [] }
  if (views.shown !== 'papers') showView('papers')
  clearTimeout(typing)
  typing = setTimeout(() => void runQuery({ fromTop: true }), TYPING_PAUSE_MS)
})
byId('results', HTMLElement).addEventListener('keydown', (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
  if (by === undefined) return
  event.preventDefault()
  move(by)
})
byId('mode', HTMLElement).addEventListener('change', () => void runQuery({ fromTop: true }))
sort.addEventListener('change', () => void runQuery({ fromTop: true }))
for (const id of ['start-sample', 'open-sample']) byId(id, HTMLButtonElement).addEventListener('click', () => openSample())
for (const id of ['start-files', 'add-files']) byId(id, HTMLButtonElement).addEventListener('click', () => adding.pick())
for (const id of ['start-paste', 'add-pasted']) byId(id, HTMLButtonElement).addEventListener('click', () => void adding.paste())
byId('export', HTMLButtonElement).addEventListener('click', () => void exportPapers())
byId('new-library', HTMLButtonElement).addEventListener('click', () => void newLibrary())
byId('keys-open', HTMLButtonElement).addEventListener(
  'click',
  () => void import('./shell/help-dialog.js').then(({ openHelp }) => openHelp()),
)
acceptDrops(
  (files) => void adding.files(files),
  (error) => void guard('The drop could not be read', () => Promise.reject(error)),
)
isWide.addEventListener('change', () => void refreshPane())

markPage('papers')
showStatus()
void keepApp(() => status.showUpdate())
void guard('The libraries could not be read', () => desk.start())
