import type { FileReport, PaperProblem, ReadProgress } from '../../src/core/papers/index.js'
import { type PaperRecord, streamPapersInWorker } from '../../src/index.js'
import { Dialog } from '../ui/dialog.js'
import { button, element, select, setChildren } from '../ui/dom.js'
import { countOf, formatCount, formatShareOfBytes, messageOf } from '../ui/format.js'
import { parsePasted } from './parse-pasted.js'

/** Where papers can be added. */
export interface ImportTarget {
  /** The open library, unless it is the sample. */
  open: { readonly id: string; readonly name: string } | null
  /** Suggested name of a new library. */
  newName: string
  /** Which model will embed the papers, and what that downloads. */
  modelNote: string
}

export interface ImportChoice {
  papers: PaperRecord[]
  /** `null`: a new library. */
  library: string | null
  name: string
}

const SHOWN_PROBLEMS = 200
const BIBLIOGRAPHY = /^\s*(@\w+\s*[{(]|TY {2}- |PMID- |%0 |FN |<\?xml|<|\[|\{|"?\w[\w ]*"?[,;\t].*\n)/

/** Reads files, and reports what was read, what was not and why, before anything is added. */
export function importFiles(
  files: ReadonlyMap<string, File>,
  target: ImportTarget,
  onAdd: (choice: ImportChoice) => void,
  alsoRead: readonly PaperRecord[] = [],
): void {
  const abort = new AbortController()
  const dialog = new Dialog('Add papers', { wide: true, onClose: () => abort.abort() })
  let papers: PaperRecord[] = []
  let problems: PaperProblem[] = []
  let reports: FileReport[] = []
  const progress = element('p', { role: 'status' }, `Reading ${countOf(files.size, 'file')}`)
  dialog.body.append(progress)
  dialog.open()

  const start = (encoding?: string) =>
    read(encoding).then(showReport, (error) => {
      if (abort.signal.aborted) return
      dialog.body.replaceChildren(
        element('p', { role: 'alert' }, `Reading failed: ${messageOf(error)}`),
        element('p', { class: 'hint' }, 'Nothing was added. Close this and try again, perhaps with fewer files.'),
      )
    })
  void start()

  async function read(encoding?: string): Promise<void> {
    papers = [...alsoRead]
    problems = []
    reports = []
    if (files.size === 0) return
    const onProgress = ({ loaded, total }: ReadProgress) => {
      const share = total ? `, ${formatShareOfBytes(loaded, total)}` : ''
      progress.textContent = `Reading: ${countOf(papers.length, 'paper')}${share}`
    }
    for await (const batch of streamPapersInWorker(files, { signal: abort.signal, onProgress, encoding })) {
      for (const paper of batch.papers) papers.push(paper as unknown as PaperRecord)
      problems.push(...batch.problems)
      if (batch.report) reports.push(batch.report)
    }
  }

  function showReport(): void {
    const lost = problems.filter(({ kind }) => kind === 'lost')
    const noted = problems.filter(({ kind }) => kind === 'noted')
    const withAbstract = papers.filter(({ abstract }) => abstract).length
    const name = element('input', {
      type: 'text',
      value: target.newName,
      maxlength: 120,
      'aria-label': 'Name of the new library',
    })
    const place = target.open
      ? select({ 'aria-label': 'Add to' }, [
          [target.open.id, target.open.name],
          ['', 'A new library'],
        ])
      : null
    name.hidden = place !== null
    place?.addEventListener('change', () => {
      name.hidden = place.value !== ''
    })
    const found = `${countOf(papers.length, 'paper')} read, ${formatCount(withAbstract)} with an abstract.`
    const skipped = lost.length === 0 ? 'Nothing was skipped.' : `${countOf(lost.length, 'record')} could not be read.`
    setChildren(
      dialog.body,
      element('p', { role: 'status' }, element('b', {}, found), ` ${skipped}`),
      reports.length > 0 && reportTable(reports),
      reports.some(({ encodingGuessed }) => encodingGuessed) && encodingChoice((encoding) => void start(encoding)),
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
    if (papers.length === 0) return
    const add = () => {
      dialog.close()
      onAdd({ papers, library: place?.value || null, name: name.value.trim() || target.newName })
    }
    const addButton = button(`Add ${countOf(papers.length, 'paper')}`, add, { class: 'primary' })
    dialog.setActions(addButton)
    addButton.focus()
  }
}

/** Reads pasted titles and abstracts, or records in any format that files can have. */
export function importPasted(target: ImportTarget, onAdd: (choice: ImportChoice) => void): void {
  const dialog = new Dialog('Paste papers')
  const text = element('textarea', {
    id: 'paste-text',
    rows: 12,
    spellcheck: 'false',
    'aria-label': 'Papers',
    'aria-describedby': 'paste-hint',
  })
  const read = () => {
    if (text.value.trim() === '') return text.focus()
    dialog.close()
    if (BIBLIOGRAPHY.test(text.value)) {
      const file = new File([text.value], 'Pasted text')
      importFiles(new Map([[file.name, file]]), target, onAdd)
      return
    }
    const stamp = Date.now().toString(36)
    const papers = parsePasted(text.value).map(
      (paper, index): PaperRecord => ({
        ...paper,
        id: `pasted-${stamp}-${index + 1}`,
        source: { file: 'Pasted text', record: index + 1 },
      }),
    )
    importFiles(new Map(), target, onAdd, papers)
  }
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) read()
  })
  dialog.body.append(
    element(
      'p',
      { id: 'paste-hint', class: 'hint' },
      'BibTeX, RIS or any other format that files can have. Or plain text, with blank lines between papers: the first line of each is the title, the rest the abstract.',
    ),
    text,
  )
  dialog.open(button('Read', read, { class: 'primary' }))
  text.focus()
}

function reportTable(reports: readonly FileReport[]): HTMLElement {
  const head = ['File', 'Format', 'Papers', 'Not read'].map((name) => element('th', { scope: 'col' }, name))
  const rows = reports.map(({ file, format, encoding, encodingGuessed, records, reported, empty }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, file),
      element(
        'td',
        {},
        empty ? 'empty' : format === 'unknown' ? 'not recognised' : encodingGuessed ? `${format}, ${encoding}` : format,
      ),
      element('td', { class: 'number' }, formatCount(records)),
      element('td', { class: 'number' }, formatCount(reported)),
    ),
  )
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows))
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Files' }, table)
}

/** Encodings of exports that do not say theirs. */
const ENCODINGS = [
  'utf-8',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'macintosh',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
]

/** Lets a person say the encoding of the files, if names and titles look wrong. */
function encodingChoice(onChoose: (encoding: string) => void): HTMLElement {
  const choice = select({ 'aria-label': 'Encoding' }, [
    ['', 'as guessed'],
    ...ENCODINGS.map((encoding): [string, string] => [encoding, encoding]),
  ])
  choice.addEventListener('change', () => choice.value !== '' && onChoose(choice.value))
  return element('p', { class: 'hint' }, 'The encoding was guessed. If names look wrong, read the files again ', choice)
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
