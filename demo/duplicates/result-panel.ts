import {
  type DuplicateResult,
  groupTable,
  type MergedLibrary,
  type RemovalKey,
  removalList,
} from '../../src/core/duplicates/index.js'
import type { WrittenFormat } from '../../src/core/papers/index.js'
import type { PaperRecord } from '../../src/index.js'
import { writePapersInWorker } from '../../src/page/bibliographies/papers-in-worker.js'
import { writablePaper } from '../exports/writable-paper.js'
import type { DuplicateMethod, HistoryEntry } from '../history/history.js'
import { reportSections } from '../history/report.js'
import { withMergedAnnotations } from '../session/shown-paper.js'
import { button, element, labelFor, select } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import type { PairReview } from './pair-review.js'

const FORMATS: readonly (readonly [WrittenFormat, name: string, extension: string])[] = [
  ['bibtex', 'BibTeX', 'bib'],
  ['ris', 'RIS', 'ris'],
  ['csl-json', 'CSL-JSON', 'json'],
  ['csv', 'CSV', 'csv'],
  ['jsonl', 'JSON Lines', 'jsonl'],
]
const KEYS: readonly (readonly [RemovalKey, name: string])[] = [
  ['key', "the records' own keys"],
  ['pmid', 'PMIDs'],
  ['doi', 'DOIs'],
  ['id', 'ids of this library'],
]

export interface ResultPanelEvents {
  download(name: string, blob: Blob): void
  onMerge(library: MergedLibrary): void
}

/** The outcome of the review: the report, files, and the merged library. */
export function resultPanel(
  review: PairReview,
  result: DuplicateResult,
  { entries, method }: { entries: readonly HistoryEntry[]; method: DuplicateMethod },
  { download, onMerge }: ResultPanelEvents,
): HTMLElement {
  const { papers, mergedLibrary: library } = review
  const format = select(
    { id: 'duplicates-format' },
    FORMATS.map(([value, name]) => [value, name]),
  )
  const lists = KEYS.map(([key]) => removalList(library, key))
  const count = library.removed.length
  const key = select(
    { id: 'duplicates-key' },
    KEYS.map(([value, name], index) => [
      value,
      `${name} (${formatCount(count - lists[index]!.without.length)} of ${formatCount(count)})`,
    ]),
  )
  // The first that covers most; the ids of this library cover all, but mean nothing elsewhere.
  const missing = lists.map(({ without }) => without.length)
  key.selectedIndex = missing.indexOf(Math.min(...missing))
  const note = element('p', { class: 'hint', role: 'status' })
  const saveGroups = () => download('duplicate-groups.csv', new Blob([groupTable(result, papers, library)], { type: 'text/csv' }))
  const saveLibrary = async () => {
    const [chosen, , extension] = FORMATS[format.selectedIndex]!
    const all = withMergedAnnotations(library.papers as unknown as PaperRecord[], papers as unknown as PaperRecord[], review.away)
    const written = all.map((paper) => writablePaper(paper, chosen))
    download(`merged.${extension}`, await writePapersInWorker(written, chosen))
  }
  const saveRemoved = () => download('remove.txt', new Blob([lists[key.selectedIndex]!.text], { type: 'text/plain' }))
  const showMissing = () => {
    const { without } = lists[key.selectedIndex]!
    const examples = `${without.slice(0, 5).join(', ')}${without.length > 5 ? ' …' : ''}`
    note.textContent =
      without.length === 0
        ? ''
        : `${countOf(without.length, 'record')} to remove lack such a key, or share it with a record that stays: ${examples}.`
  }
  key.addEventListener('change', showMissing)
  showMissing()
  const sourceOf = (id: string) => review.find(id)?.source?.file ?? null
  return element(
    'section',
    { class: 'duplicates-result', 'aria-label': 'Result' },
    element('h2', {}, 'Result'),
    element(
      'div',
      { class: 'duplicates-columns' },
      ...reportSections({
        entries,
        review: review.steps,
        found: review.away,
        groups: result.groups,
        method,
        sourceOfPaper: sourceOf,
        download,
      }),
      element(
        'div',
        { class: 'duplicates-files' },
        element('h3', {}, 'Files'),
        element('p', {}, button('Save the groups', saveGroups)),
        element('p', {}, button('Save the merged library', saveLibrary), labelFor(format, 'as'), format),
        element('p', {}, button('Save what to remove', saveRemoved, { disabled: count === 0 }), labelFor(key, 'by'), key),
        note,
        element(
          'p',
          {},
          button('Merge in this library', () => onMerge(library), { class: 'primary', disabled: count === 0 }),
        ),
      ),
    ),
  )
}
