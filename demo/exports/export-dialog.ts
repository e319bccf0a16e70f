// Not from the index, whose parts are in the first load.
import { npyHeader } from '../../src/core/index-file/npy.js'
import type { WrittenFormat } from '../../src/core/papers/index.js'
import type { PaperRecord } from '../../src/index.js'
import { writePapersInWorker } from '../../src/page/bibliographies/papers-in-worker.js'
import { currentAnswers, LibraryScreening } from '../screening/library-screening.js'
import { type Answers, VERDICTS } from '../screening/screening-log.js'
import type { LibrarySession } from '../session/library-session.js'
import { Dialog } from '../ui/dialog.js'
import { button, download, element } from '../ui/dom.js'
import { countOf, fileName, messageOf } from '../ui/format.js'
import { writablePaper } from './writable-paper.js'

/** Papers that can be exported, in this order. */
export interface ExportScope {
  label: string
  ids: readonly string[]
}

const FORMATS: readonly (readonly [format: WrittenFormat, label: string, extension: string])[] = [
  ['bibtex', 'BibTeX', 'bib'],
  ['ris', 'RIS', 'ris'],
  ['endnote-xml', 'EndNote XML', 'xml'],
  ['xlsx', 'Excel', 'xlsx'],
  ['csv', 'CSV', 'csv'],
  ['csl-json', 'CSL-JSON', 'json'],
]

/** @param chosen The papers to choose from, besides those that a screening decided about; the first scope is preselected. */
export async function openExport(session: LibrarySession, library: string, chosen: readonly ExportScope[]): Promise<void> {
  const answers = currentAnswers(session, (await LibraryScreening.of(session.index)).answers)
  const scopes = [...chosen, ...screenedScopes(answers)]
  const dialog = new Dialog('Export')
  const name = fileName(library)
  const status = element('p', { class: 'hint', role: 'status' })
  let { ids } = scopes[0]!
  const exportButton = (label: string, what: string, extension: string, write: () => Promise<Blob>, disabled = false) => {
    const run = async () => {
      status.textContent = `Writing ${what}`
      try {
        download(`${name}.${extension}`, await write())
        status.textContent = `${name}.${extension} is written.`
      } catch (error) {
        status.textContent = `${what} could not be written: ${messageOf(error)}`
      }
    }
    return button(label, run, { class: 'secondary', disabled })
  }
  const choices = scopes.map((scope, index) => {
    const radio = element('input', { type: 'radio', name: 'export-scope', value: index, checked: index === 0 })
    radio.addEventListener('change', () => {
      ids = scope.ids
    })
    return element('label', {}, radio, ` ${scope.label}: ${countOf(scope.ids.length, 'paper')}`)
  })
  const references = FORMATS.map(([format, label, extension]) =>
    exportButton(label, label, extension, async () =>
      writePapersInWorker(
        (await session.fullPapers(ids)).map((paper) => writablePaper(paper, format, answers.get(paper.id))),
        format,
      ),
    ),
  )
  dialog.body.append(
    element('fieldset', {}, element('legend', {}, 'Which papers'), ...choices),
    element('h3', {}, 'References'),
    element('p', { class: 'dialog-actions' }, ...references),
    element('h3', {}, 'Vectors of these papers, one row each, in the order of the references'),
    element(
      'p',
      { class: 'dialog-actions' },
      exportButton('Vectors .npy', 'Vectors', 'npy', () => vectorFile(session, ids), session.info.vectors === 0),
    ),
    element('h3', {}, 'The whole library'),
    element(
      'p',
      { class: 'dialog-actions' },
      exportButton('The library as one file', 'The library', 'papers', () => session.index.export('index')),
      exportButton('Papers and vectors .parquet', 'Parquet', 'parquet', () => session.index.export('parquet')),
    ),
    element(
      'p',
      { class: 'hint' },
      'The library file has papers, labels, notes and vectors. Drop it on this page, in any browser, to open the library there.',
    ),
    status,
  )
  dialog.open()
}

function screenedScopes(answers: Answers): ExportScope[] {
  const labels = { include: 'Included', exclude: 'Excluded', maybe: 'Maybe' } as const
  return VERDICTS.map((verdict) => ({
    label: labels[verdict],
    ids: [...answers.values()].flatMap((answer) => (answer.verdict === verdict ? answer.paper : [])),
  })).filter(({ ids }) => ids.length > 0)
}

export async function bibtexOf(paper: PaperRecord): Promise<string> {
  return (await writePapersInWorker([writablePaper(paper, 'bibtex')], 'bibtex')).text()
}

async function vectorFile(session: LibrarySession, ids: readonly string[]): Promise<Blob> {
  const { ids: found, vectors, dimension } = await session.index.vectors(ids)
  if (found.length < ids.length)
    throw new Error(`${countOf(ids.length - found.length, 'paper')} of these have no vector yet. Embed them first.`)
  return new Blob([npyHeader(found.length, dimension), vectors])
}
