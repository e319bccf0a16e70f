import { type Paper, toPaper, type WrittenFormat } from '../../src/core/papers/index.js'
import { npyHeader, type PaperRecord, writePapersInWorker } from '../../src/index.js'
import type { LibrarySession } from '../session/library-session.js'
import { labelsOf } from '../session/shown-paper.js'
import { Dialog } from '../ui/dialog.js'
import { button, download, element } from '../ui/dom.js'
import { messageOf } from '../ui/failures.js'
import { countOf, fileName } from '../ui/format.js'

/** What is exported: papers by id, in this order, and how they are called. */
export interface ExportScope {
  label: string
  ids: readonly string[]
}

const FORMATS: readonly (readonly [WrittenFormat, string, string])[] = [
  ['bibtex', 'BibTeX', 'bib'],
  ['ris', 'RIS', 'ris'],
  ['csv', 'CSV', 'csv'],
  ['csl-json', 'CSL-JSON', 'json'],
]

/** @param scopes The papers to choose from; the first is chosen. */
export function openExport(session: LibrarySession, library: string, scopes: readonly ExportScope[]): void {
  const dialog = new Dialog('Export')
  let scope = scopes[0]!
  const status = element('p', { class: 'hint', role: 'status' })
  const run = async (what: string, name: string, make: () => Promise<Blob>) => {
    status.textContent = `Writing ${what}`
    try {
      const blob = await make()
      download(name, blob)
      status.textContent = `${name} is written.`
    } catch (error) {
      status.textContent = `${what} could not be written: ${messageOf(error)}`
    }
  }
  const name = fileName(library)
  const choices = scopes.map((choice, index) => {
    const radio = element('input', { type: 'radio', name: 'export-scope', value: index, checked: index === 0 })
    radio.addEventListener('change', () => {
      scope = choice
    })
    return element('label', {}, radio, ` ${choice.label}: ${countOf(choice.ids.length, 'paper')}`)
  })
  const references = FORMATS.map(([format, label, extension]) =>
    button(
      label,
      () =>
        run(label, `${name}.${extension}`, async () =>
          writePapersInWorker((await session.wholes(scope.ids)).map(writable), format),
        ),
      { class: 'secondary' },
    ),
  )
  const vectors = button('Vectors .npy', () => run('Vectors', `${name}.npy`, () => vectorFile(session, scope.ids)), {
    class: 'secondary',
    disabled: session.info.vectors === 0,
  })
  const parquet = button(
    'Papers and vectors .parquet',
    () => run('Parquet', `${name}.parquet`, () => session.index.export('parquet')),
    {
      class: 'secondary',
    },
  )
  const whole = button(
    'The library as one file',
    () => run('The library', `${name}.papers`, () => session.index.export('index')),
    {
      class: 'secondary',
    },
  )
  dialog.body.append(
    element('fieldset', {}, element('legend', {}, 'Which papers'), ...choices),
    element('h3', {}, 'References'),
    element('p', { class: 'dialog-actions' }, ...references),
    element('h3', {}, 'Vectors of these papers, one row each in the order of the references'),
    element('p', { class: 'dialog-actions' }, vectors),
    element('h3', {}, 'The whole library'),
    element('p', { class: 'dialog-actions' }, whole, parquet),
    element(
      'p',
      { class: 'hint' },
      'One file with papers, labels, notes and vectors: drop it on this page, in any browser, to have the library there.',
    ),
    status,
  )
  dialog.open()
}

/** A record as the writers take it, its labels among the keywords. */
export function writable(record: PaperRecord): Paper {
  const { labels: _, note: __, ...paper } = toPaper(record) as Paper & { labels?: unknown; note?: unknown }
  const keywords = [...new Set([...(paper.keywords ?? []), ...labelsOf(record)])]
  return { ...paper, ...(keywords.length > 0 && { keywords }) }
}

async function vectorFile(session: LibrarySession, ids: readonly string[]): Promise<Blob> {
  const { ids: found, vectors, dimension } = await session.index.vectors(ids)
  if (found.length < ids.length)
    throw new Error(`${countOf(ids.length - found.length, 'paper')} of these have no vector yet. Embed them first.`)
  return new Blob([npyHeader(found.length, dimension), vectors])
}
