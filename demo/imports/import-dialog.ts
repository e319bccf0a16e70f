import type { ColumnMapping, FileReport, PaperProblem, ReadProgress } from '../../src/core/papers/index.js'
import { joinVectors } from '../../src/core/papers/vectors/paper-vectors.js'
import type { PaperRecord, PaperVectors } from '../../src/index.js'
import { streamPapersInWorker } from '../../src/page/bibliographies/papers-in-worker.js'
import type { HistoryEntry } from '../history/history.js'
import type { SourceImport } from '../history/library-changes.js'
import { contentKey } from '../history/record-keys.js'
import { Dialog } from '../ui/dialog.js'
import { button, element, select, setChildren } from '../ui/dom.js'
import { countOf, formatCount, formatShareOfBytes, messageOf } from '../ui/format.js'
import { encodingChoice } from './encoding-choice.js'
import { mainVectors, renamed, vectorsFor, vectorsNote } from './file-vectors.js'
import { importsOf, isBackNote, placeNote, type ReadFile, suggestedSource } from './import-sources.js'
import { placePapers } from './place-papers.js'
import { refuseFiles } from './refuse-files.js'
import { mappingPanel, tableOf } from './table-mapping.js'

/** Where papers can be added. */
export interface ImportTarget {
  /** The open library, unless it is the sample. */
  open: { id: string; name: string; papers: readonly PaperRecord[]; history: readonly HistoryEntry[] } | null
  /** Suggested name of a new library. */
  newName: string
  /** Which model will embed the papers, and what that downloads. */
  modelNote: string
}

export interface ImportChoice {
  imports: SourceImport[]
  /** Whether records that were merged or removed before are added again. */
  bringBack: boolean
  /** `null`: a new library. */
  library: string | null
  name: string
  /** Vectors of the files, under the ids of their papers in the library. */
  vectors: PaperVectors | null
}

interface ImportOptions {
  read?: readonly ReadFile[]
  note?: string
  mapping?: ColumnMapping | undefined
  encoding?: string | undefined
}

const SHOWN_PROBLEMS = 200
const SHOWN_FILES = 100
const SHOWN_TITLES = 5
/** As many tables can be mapped at once. */
const SHOWN_TABLES = 3

/**
 * Reads files, and reports what was read, what was not and why, before anything is added.
 *
 * @param read Files that are read already.
 * @param note What is to be said of those.
 * @param mapping Columns of the tables among `files`.
 * @param encoding Encoding of `files`, if the reader of the page named it.
 */
export function importFiles(
  files: ReadonlyMap<string, File>,
  target: ImportTarget,
  onAdd: (choice: ImportChoice) => void,
  { read: readBefore = [], note = '', mapping, encoding }: ImportOptions = {},
): void {
  const abort = new AbortController()
  const dialog = new Dialog('Add papers', { wide: true, onClose: () => abort.abort() })
  const read = new Map(readBefore.map((file) => [file.name, file]))
  const problems: PaperProblem[] = []
  const reports: FileReport[] = []
  const vectorParts: PaperVectors[] = []
  const progress = element('p', { role: 'status' }, `Reading ${countOf(files.size, 'file')}`)
  dialog.body.append(progress)
  dialog.open()

  readAll().then(showAll, (error) => {
    if (abort.signal.aborted) return
    dialog.body.replaceChildren(
      element('p', { role: 'alert' }, `Reading failed: ${messageOf(error)}`),
      element('p', { class: 'hint' }, 'Nothing was added. Close this and try again, perhaps with fewer files.'),
    )
  })

  async function readAll(): Promise<void> {
    const { readable, refused } = await refuseFiles(files)
    for (const { file, reason } of refused) problems.push({ file, kind: 'lost', code: 'UNKNOWN_FORMAT', reason, raw: '' })
    if (readable.size === 0) return
    let count = 0
    const onProgress = ({ loaded, total }: ReadProgress) => {
      const share = total ? `, ${formatShareOfBytes(loaded, total)}` : ''
      progress.textContent = `Reading: ${countOf(count, 'paper')}${share}`
    }
    for await (const batch of streamPapersInWorker(readable, { signal: abort.signal, onProgress, mapping, encoding })) {
      count += batch.papers.length
      for (const paper of batch.papers as unknown as (PaperRecord & { source: { file: string } })[]) {
        const { file } = paper.source
        if (!read.has(file)) read.set(file, { name: file, format: '', leftOut: 0, papers: [], contents: [] })
        read.get(file)!.papers.push(paper)
        read.get(file)!.contents.push(contentKey(paper))
      }
      problems.push(...batch.problems)
      vectorParts.push(...(batch.vectors ?? []))
      if (!batch.report) continue
      const { file, format, reported } = batch.report
      reports.push(batch.report)
      read.set(file, { papers: [], contents: [], ...read.get(file), name: file, format, leftOut: reported })
    }
  }

  /** Tables whose headings are not known come first: what is read of them depends on what the reader says. */
  async function showAll(): Promise<void> {
    showReport()
    const isUnread = ({ format, papers }: ReadFile) =>
      format === 'unknown' || (format === 'csv' && papers.every(({ title }) => title.trim() === ''))
    for (const { name } of [...read.values()].filter(isUnread).slice(0, SHOWN_TABLES)) {
      const file = mapping ? undefined : files.get(name)
      const table = file && (await tableOf(file))
      if (!file || !table) continue
      const readAgain = (columns: ColumnMapping) => {
        dialog.close()
        const others = [...read.values()].filter((other) => other.name !== name)
        const asTable = /\.[ct]sv$/i.test(name) ? name : `${name}.csv`
        importFiles(new Map([[asTable, file]]), target, onAdd, { read: others, mapping: columns, encoding })
      }
      dialog.body.prepend(mappingPanel(name, table, readAgain))
    }
  }

  function readAs(chosen: string): void {
    dialog.close()
    importFiles(files, target, onAdd, { read: readBefore, note, mapping, encoding: chosen })
  }

  /** Files of vectors alone are for papers that the open library has. */
  function offerVectors(all: readonly PaperVectors[]): void {
    const vectors = target.open && vectorsFor(target.open.papers, all)
    const note = vectors
      ? `${countOf(vectors.ids.length, 'vector')} of ${vectors.model || 'a model that the file does not name'} for papers of “${target.open!.name}”.`
      : 'These vectors name no paper of the open library. Add the papers first, or choose their file together with this one.'
    dialog.body.append(element('p', { role: 'status' }, note))
    if (!vectors) return
    const add = () => {
      dialog.close()
      onAdd({ imports: [], bringBack: false, library: target.open!.id, name: '', vectors })
    }
    dialog.setActions(button(`Use ${countOf(vectors.ids.length, 'vector')}`, add, { class: 'primary' }))
  }

  function showReport(): void {
    const papers = [...read.values()].flatMap((file) => file.papers)
    const lost = problems.filter(({ kind }) => kind === 'lost')
    const noted = problems.filter(({ kind }) => kind === 'noted')
    const withAbstract = papers.filter(({ abstract }) => abstract).length
    const found = `${countOf(papers.length, 'paper')} read, ${formatCount(withAbstract)} with an abstract.`
    const skipped = lost.length === 0 ? 'Nothing was skipped.' : `${countOf(lost.length, 'record')} could not be read.`
    const places = element('span')
    const allVectors = joinVectors(vectorParts)
    const place = target.open
      ? select({ 'aria-label': 'Add to' }, [
          [target.open.id, target.open.name],
          ['', 'A new library'],
        ])
      : null
    const name = element('input', {
      type: 'text',
      value: target.newName,
      maxlength: 120,
      'aria-label': 'Name of the new library',
    })
    const history = target.open?.history ?? []
    const sources = new Map([...read.values()].map((file) => [file.name, suggestedSource(file, history)]))
    const back = element('input', { type: 'checkbox' })
    const backLabel = element('label', { class: 'field', hidden: true }, back)
    const knownSources = [...new Set(history.flatMap((entry) => (entry.kind === 'import' ? [entry.source] : [])))]
    setChildren(
      dialog.body,
      element('p', { role: 'status' }, element('b', {}, found), ` ${skipped} ${note} `, places),
      papers.length > 0 && allVectors.length > 0 && element('p', { class: 'hint' }, vectorsNote(allVectors, papers.length)),
      backLabel,
      read.size > 0 && filesTable([...read.values()], reports, sources, () => void show()),
      (encoding || reports.some(({ encodingGuessed }) => encodingGuessed)) && encodingChoice(encoding, readAs),
      element('datalist', { id: 'known-sources' }, ...knownSources.map((value) => element('option', { value }))),
      papers.length > 0 && preview(papers),
      lost.length > 0 && problemList('Not read, and why', lost, true),
      noted.length > 0 && problemList('Read, with something left out or guessed', noted, false),
      ...(papers.length === 0
        ? [
            element(
              'p',
              { class: 'hint' },
              'Export your papers as BibTeX, RIS, NBIB, EndNote XML, CSL-JSON, Excel (.xlsx) or CSV, and drop the file here.',
            ),
          ]
        : [
            element('p', { class: 'field' }, element('span', {}, 'Add to '), place, name),
            element('p', { class: 'hint' }, target.modelNote),
          ]),
    )
    if (papers.length === 0 && allVectors.length > 0) offerVectors(allVectors)
    if (papers.length === 0) return
    const ids = new Map<string, string>()
    let imports: SourceImport[] = []
    let run = 0
    const add = () => {
      dialog.close()
      const library = place?.value || null
      const main = mainVectors(allVectors)
      const vectors = main && renamed(main, ids)
      onAdd({ imports, bringBack: back.checked, library, name: name.value.trim() || target.newName, vectors })
    }
    const addButton = button(`Add ${countOf(papers.length, 'paper')}`, add, { class: 'primary', disabled: true })
    const showCount = () => {
      const count = (place: 'added' | 'known' | 'merged' | 'removed') =>
        imports.reduce((sum, { placed }) => sum + placed[place].length, 0)
      const added = count('added') + (back.checked ? count('merged') + count('removed') : 0)
      places.textContent = placeNote({
        known: count('known'),
        merged: count('merged'),
        removed: count('removed'),
        bringBack: back.checked,
      })
      backLabel.hidden = count('merged') + count('removed') === 0
      setChildren(backLabel, back, isBackNote(count('merged') + count('removed')))
      addButton.textContent = added > 0 ? `Add ${countOf(added, 'paper')}` : `Update ${countOf(count('known'), 'paper')}`
      addButton.disabled = added + count('known') === 0
    }
    /** Places the records in the chosen library, under the sources' names. */
    const show = async () => {
      const current = ++run
      addButton.disabled = true
      name.hidden = place !== null && place.value !== ''
      const open = place === null || place.value === '' ? null : target.open
      const named = [...read.values()].flatMap((file) => {
        const source = sources.get(file.name)!
        return file.papers.map((paper) => ({ ...paper, source: { ...(paper.source as object), file: source } }))
      })
      const placed = await placePapers(named, open?.papers ?? [], open?.history ?? [])
      if (current !== run) return
      imports = importsOf([...read.values()], sources, placed)
      for (const [at, { paper }] of placed.entries()) ids.set(named[at]!.id, paper.id)
      showCount()
      if (document.activeElement === document.body || !dialog.body.contains(document.activeElement)) addButton.focus()
    }
    place?.addEventListener('change', () => void show())
    back.addEventListener('change', showCount)
    dialog.setActions(addButton)
    void show()
  }
}

/** The first titles as they were read. */
function preview(papers: readonly PaperRecord[]): HTMLElement {
  const titles = papers
    .slice(0, SHOWN_TITLES)
    .map(({ title, doubt }) =>
      element(
        'p',
        { class: 'preview', dir: 'auto' },
        title.trim() || 'Without a title',
        typeof doubt === 'string' && element('span', { class: 'hint' }, ` ${doubt}`),
      ),
    )
  const rest = papers.length - titles.length
  return element(
    'section',
    { 'aria-label': 'First titles' },
    element('h3', {}, 'First titles'),
    ...titles,
    rest > 0 && element('p', { class: 'hint' }, `and ${formatCount(rest)} more`),
  )
}

/** A row for each file, with the name of its source, which the reader can change. */
function filesTable(
  files: readonly ReadFile[],
  reports: readonly FileReport[],
  sources: Map<string, string>,
  onChange: () => void,
): HTMLElement {
  const head = ['File', 'Format', 'Source', 'Papers', 'Not read'].map((name) => element('th', { scope: 'col' }, name))
  const empty = new Set(reports.filter((report) => report.empty).map(({ file }) => file))
  const guessed = new Map(reports.flatMap((report) => (report.encodingGuessed ? [[report.file, report.encoding]] : [])))
  const rows = files.slice(0, SHOWN_FILES).map(({ name, format, papers, leftOut }) => {
    const source = element('input', {
      type: 'text',
      value: sources.get(name)!,
      list: 'known-sources',
      maxlength: 120,
      'aria-label': `Source of ${name}`,
    })
    source.addEventListener('change', () => {
      sources.set(name, source.value.trim() || name)
      onChange()
    })
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element(
        'td',
        {},
        empty.has(name) ? 'empty' : format === 'unknown' ? 'not recognised' : format,
        guessed.has(name) && `, ${guessed.get(name)}`,
      ),
      element('td', {}, papers.length > 0 && source),
      element('td', { class: 'number' }, formatCount(papers.length)),
      element('td', { class: 'number' }, formatCount(leftOut)),
    )
  })
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows))
  const rest = files.length - rows.length
  return element(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Files' },
    table,
    rest > 0 && element('p', { class: 'hint' }, `and ${countOf(rest, 'more file')}, each a source by its own name`),
  )
}

function problemList(title: string, problems: readonly PaperProblem[], open: boolean): HTMLElement {
  const items = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ file, line, reason, raw }) =>
      element(
        'li',
        {},
        element('p', {}, element('b', {}, line === undefined ? file : `${file}, line ${formatCount(line)}`), ` ${reason}`),
        raw.trim() !== '' && element('pre', {}, raw.slice(0, 400)),
      ),
    )
  const rest = problems.length - items.length
  return element(
    'details',
    { open },
    element('summary', {}, `${title}: ${formatCount(problems.length)}`),
    element('ul', { class: 'problems' }, ...items),
    rest > 0 && element('p', { class: 'hint' }, `and ${formatCount(rest)} more`),
  )
}
