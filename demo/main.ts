import { acceptDrops } from './imports/incoming-files.js'
import { paperImporter } from './imports/paper-importer.js'
import { ExamplesBar } from './list/examples-bar.js'
import { FilterBar } from './list/filter-bar.js'
import { PaperList } from './list/paper-list.js'
import { showOpening, showResultSummary } from './list/result-summary.js'
import { SampleQuestions } from './list/sample-questions.js'
import { SearchBar } from './list/search-bar.js'
import { selectionBar } from './list/selection-bar.js'
import { shortName } from './model/model-catalog.js'
import { applyUpdate, installApp } from './offline/app-worker.js'
import { OpenPaper } from './paper/open-paper.js'
import { PaperPane } from './paper/paper-pane.js'
import { libraryActions } from './session/library-actions.js'
import { ListQuery } from './session/list-query.js'
import { paperActions } from './session/paper-actions.js'
import { fromFragment, toFragment } from './session/query-fragment.js'
import { UndoStack } from './session/undo-stack.js'
import { Workspace } from './session/workspace.js'
import { LibrariesPane } from './shell/libraries-pane.js'
import { pageDialogs } from './shell/open-dialogs.js'
import { Pages } from './shell/pages.js'
import { StatusLine } from './shell/status-line.js'
import { Views } from './shell/views.js'
import { PageStore } from './storage/page-store.js'
import { usedBytes } from './storage/persistence.js'
import { byId } from './ui/dom.js'
import { countOf, messageOf, storageReason } from './ui/format.js'
import { bindKeys, bindUndo } from './ui/keyboard.js'
import { Notice } from './ui/notice.js'
import { Toast } from './ui/toast.js'

const isWide = matchMedia('(min-width: 75rem)')
const hasKeyboard = matchMedia('(hover: hover)')

const toast = new Toast()
const steps = new UndoStack()
const notice = new Notice({
  reload: () => workspace.changed(),
  reopen: () => void notice.guard('The library could not be opened', reopen),
  showStorage: () => void dialogs.storage(),
})
const workspace: Workspace = new Workspace(new PageStore(), {
  onClosed: closed,
  onChange: () => void notice.guard('The library could not be read', refresh),
  onWork: (work, load) => status.showWork(work, load),
  onModel: () => status.show(),
})
const libraries = libraryActions(workspace, toast, notice, steps, () =>
  pages.show(views.shown === 'duplicates' ? 'papers' : views.shown),
)
const papers = paperActions(workspace, toast, notice, steps, (ids) => {
  list.select([...list.selected].filter((id) => !ids.includes(id)))
  query.forget(ids)
  if (openPaper.id !== null && ids.includes(openPaper.id)) openPaper.close()
})
const importer = paperImporter(workspace, notice, (message) => {
  if (message !== null) toast.show(message)
  pages.show('papers')
  workspace.changed()
  // On a phone the focus would bring up the keyboard.
  if (message === null && hasKeyboard.matches) searchBar.field.focus()
})

const searchBar = new SearchBar(
  () => {
    // The map shows hits, too.
    if (views.shown !== 'map' && views.shown !== 'papers') pages.show('papers')
    query.runSoon()
  },
  () => void query.run(),
)
const filterBar = new FilterBar(() => void query.run())
const examples = new ExamplesBar()
const list = new PaperList({
  onOpen: (id) => openPaper.open(id),
  onSelection: (ids) => {
    showSelected()
    if (ids.size > 0) views.select([...ids])
    openPaper.refreshOverview()
  },
  onEnd: () => void query.more(),
})
const query: ListQuery = new ListQuery(workspace, searchBar, filterBar, {
  needsAll: () => views.shown === 'map',
  onRun: (isNew) => {
    showInAddress()
    void questions.show(workspace, query)
    if (isNew) list.scrollToTop()
    document.body.toggleAttribute('data-chosen', query.only !== null)
    examples.show(query, showAll)
  },
  onResult: (result) => {
    list.show(result?.rows ?? [], query.words, result?.above)
    showSelected()
    if (result) showResultSummary(result, query.query, workspace)
    else if (workspace.opening !== null) showOpening(workspace.opening)
    views.showFound(result)
  },
  onError: (error) => {
    if (storageReason(error) !== null) return notice.showError('The search failed', error)
    notice.show({
      title: 'The search failed',
      message: messageOf(error),
      safe: 'The papers and their vectors are still here.',
      action: workspace.runner.info
        ? { label: 'Search by words', run: searchByWords }
        : { label: 'Load the model', run: () => void workspace.loadModel() },
    })
  },
})
const questions = new SampleQuestions((text) => {
  searchBar.text = text
  void query.run()
})
const showSelected = selectionBar(list, query, papers, () => void dialogs.export())

const pane = new PaperPane(papers, {
  onClose: () => openPaper.close(),
  onOpen: (id) => openPaper.open(id),
  onLike: (id) => addExample(id, true),
  onDislike: (id) => addExample(id, false),
  onScreen: (id) => {
    pages.show('screening')
    void views.screen(id)
  },
})
const openPaper: OpenPaper = new OpenPaper({ workspace, list, query, pane })

const librariesPane = new LibrariesPane(libraries)
const views: Views = new Views(workspace, notice, query, openPaper, papers, (ids) => {
  query.clear()
  query.restrictTo(ids)
  pages.show('papers')
})
const pages = new Pages(views, () => {
  if (openPaper.id !== null && !isWide.matches) openPaper.close()
})
const status = new StatusLine(workspace, notice, toast, {
  onModel: () => void dialogs.model(),
  onStorage: () => void dialogs.storage(),
  onUpdate: () => void applyUpdate(),
})

// The open library

function showInAddress(): void {
  const address = `${location.pathname}${location.search}${toFragment(query.query)}`
  history.replaceState(history.state, '', address)
}

function closed(): void {
  query.clear()
  document.body.removeAttribute('data-chosen')
  notice.hide()
  list.select([])
  openPaper.close()
  views.close()
}

async function reopen(): Promise<void> {
  const gone = await workspace.reopen()
  if (gone <= 0) return
  notice.show({
    title: `${countOf(gone, 'paper')} ${gone === 1 ? 'is' : 'are'} no longer in this browser`,
    message:
      'The data of this site was cleared outside this page. Add the files again, or the library’s file if you exported it.',
    safe: 'The library is open, and new papers can be added.',
    action: { label: 'Add files', run: () => importer.pickFiles() },
  })
}

/** Shows everything as the library is now. */
async function refresh(): Promise<void> {
  const { session } = workspace
  try {
    await refreshAll()
  } catch (error) {
    // If that library was closed meanwhile, another refresh follows.
    if (workspace.session === session) throw error
  }
}

async function refreshAll(): Promise<void> {
  await workspace.session?.refresh()
  showLibraries()
  filterBar.offer(workspace.session?.papers ?? [])
  status.show()
  void usedBytes().then((bytes) => status.showBytes(bytes))
  await query.run(false)
  void questions.show(workspace, query)
  await openPaper.refresh()
  await views.refresh()
}

function showLibraries(): void {
  const { session, choice, opening } = workspace
  const isEmpty = workspace.isEmpty && opening === null
  const model = session?.info.model?.id ?? choice.model
  const name = session?.info.model ? shortName(model) : choice.name
  void import('./shell/cite.js').then(({ showCitations }) => showCitations(model, name))
  const { all } = workspace.libraries
  librariesPane.show(all, session?.id ?? null, session?.info.papers ?? 0)
  byId('intro', HTMLElement).hidden = !isEmpty
  byId('papers', HTMLElement).hidden = isEmpty
  byId('subbar', HTMLElement).hidden = isEmpty
  byId('export', HTMLButtonElement).disabled = isEmpty
  byId('history', HTMLButtonElement).disabled = !session
  byId('suggest-labels', HTMLButtonElement).disabled = isEmpty
  byId('open-sample', HTMLButtonElement).hidden = all.some(({ origin }) => origin === 'sample')
  document.body.toggleAttribute('data-empty', isEmpty)
}

function openSample(): void {
  const existing = workspace.libraries.all.find(({ origin }) => origin === 'sample')
  void (existing ? libraries.open(existing.id) : importer.addSample())
}

// The list

function addExample(id: string, isLiked: boolean): void {
  const problem = query.addExample(id, isLiked)
  if (problem !== null) toast.show(problem)
  else if (!isWide.matches) openPaper.close()
}

function showAll(): void {
  views.select([])
  query.clear()
  void query.run()
}

function searchByWords(): void {
  searchBar.mode = 'lexical'
  void query.run()
}

function goBack(): boolean {
  if (pane.isEditing) pane.focus()
  else if (openPaper.id !== null) openPaper.close()
  else if (list.selected.size > 0) list.select([])
  else if (query.isSet) showAll()
  else return false
  return true
}

const dialogs = pageDialogs({ workspace, notice, libraries, papers, list, query })

// Keys

/** The paper that a key is about: the focused one, or the open one. */
const withCurrent = (act: (id: string) => unknown) => () => {
  const id = list.focused ?? openPaper.id
  return id === null ? false : void act(id)
}
const withOpen = (act: () => void) => () => (openPaper.id === null ? false : act())

bindKeys(
  'In the search field',
  [
    ['ArrowDown', 'Go to the list', () => list.focus()],
    ['Enter', 'Search, and go to the list', () => void query.run().then(() => list.focus())],
  ],
  { focusIn: searchBar.field },
)
bindKeys(
  'In the list',
  [
    ['ArrowDown', 'Next paper', () => openPaper.move(1)],
    ['ArrowUp', 'Previous paper', () => openPaper.move(-1)],
    ['PageDown', 'Ten papers down', () => openPaper.move(10)],
    ['PageUp', 'Ten papers up', () => openPaper.move(-10)],
    ['Enter', 'Open the paper', withCurrent((id) => openPaper.open(id))],
  ],
  { focusIn: byId('results', HTMLElement) },
)
bindKeys('For the open paper, or the focused one', [
  ['x', 'Select it', withCurrent((id) => list.toggle(id))],
  ['m', 'More like it', withCurrent((id) => addExample(id, true))],
  ['n', 'Less like it', withCurrent((id) => addExample(id, false))],
  ['c', 'Copy the citation', withCurrent(papers.copyCitation)],
  ['l', 'Label it, if it is open', withOpen(() => pane.focusLabels())],
  ['t', 'Write a note on it, if it is open', withOpen(() => pane.focusNote())],
  [
    'Delete',
    'Remove it, or the selected papers',
    () => {
      if (list.selected.size === 0) return withCurrent((id) => papers.remove([id]))()
      const listed = new Set(query.listedIds)
      void papers.remove([...list.selected], [...list.selected].filter((id) => !listed.has(id)).length)
    },
  ],
])
bindKeys(
  'In the papers view',
  [
    ['j', 'Next paper', () => openPaper.move(1)],
    ['k', 'Previous paper', () => openPaper.move(-1)],
  ],
  { when: () => views.shown === 'papers' },
)
bindKeys('Anywhere', [
  ['/', 'Search', () => searchBar.field.select()],
  ['Escape', 'Go back: close the paper, clear the selection, then the search', goBack],
  ['1', 'Papers', () => pages.show('papers')],
  ['2', 'Map', () => pages.show('map')],
  ['3', 'Duplicates', () => pages.show('duplicates')],
  ['4', 'Screening', () => pages.show('screening')],
  ['o', 'Add files', () => importer.pickFiles()],
  ['p', 'Paste papers', () => void importer.paste()],
  ['e', 'Export', () => void dialogs.export()],
  ['g', 'Pause or resume embedding', () => status.togglePause()],
  ['q', 'Cancel embedding', () => status.cancel()],
  ['h', 'History, bin and report', () => void dialogs.history()],
  ['?', 'Keys and help', () => void dialogs.help()],
])
bindUndo(() => views.undoDecision() || void papers.undoLast())

// Buttons of index.html, drops, and the start

const BUTTONS: Readonly<Record<string, () => unknown>> = {
  'start-sample': openSample,
  'open-sample': openSample,
  'start-files': () => importer.pickFiles(),
  'add-files': () => importer.pickFiles(),
  'start-paste': () => importer.paste(),
  'add-pasted': () => importer.paste(),
  export: () => dialogs.export(),
  history: () => dialogs.history(),
  'suggest-labels': () => dialogs.suggestLabels(),
  'new-library': () => libraries.create(),
  'keys-open': () => dialogs.help(),
}
for (const [id, run] of Object.entries(BUTTONS)) byId(id, HTMLButtonElement).addEventListener('click', () => void run())
acceptDrops(
  (files) => void importer.addFiles(files),
  (error) => notice.showError('The drop could not be read', error),
)
// The query in the address is for the library that opens first.
const linked = fromFragment(location.hash)
if (linked) query.set(linked)
// Going back to an entry of the history shows the query as it is now.
addEventListener('popstate', showInAddress)
isWide.addEventListener('change', () => void openPaper.refresh())

status.show()
void installApp(() => status.showUpdate())
void notice.guard('The libraries could not be read', () => workspace.start())
