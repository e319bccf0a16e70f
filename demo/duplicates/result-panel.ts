import manifest from '../../package.json' with { type: 'json' }
import {
  type DuplicateResult,
  groupTable,
  type MergedLibrary,
  methodsParagraph,
  prismaCounts,
  type RemovalKey,
  removalList,
  sourceOverlap,
} from '../../src/core/duplicates/index.js'
import type { Paper, WrittenFormat } from '../../src/core/papers/index.js'
import { writePapersInWorker } from '../../src/index.js'
import { button, copyText, element, labelFor, select } from '../ui/dom.js'
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

/**
 * The outcome of the review: counts, text for the methods section, files, and the merged library.
 *
 * @param model The model of the compared vectors; `null` without vectors.
 */
export function resultPanel(
  { papers, mergedLibrary: library, steps }: PairReview,
  result: DuplicateResult,
  model: string | null,
  { download, onMerge }: ResultPanelEvents,
): HTMLElement {
  const counts = prismaCounts(papers, result, library, steps)
  const methods = methodsParagraph(counts, {
    version: manifest.version,
    preset: result.preset,
    ...(model !== null && { model }),
  })
  const rows: [name: string, count: number][] = [
    ...counts.identified.map(({ source, records }): [string, number] => [
      source === '' ? 'Records without a source' : `Records of ${source}`,
      records,
    ]),
    ['Records identified', counts.total],
    ['Duplicates removed before screening', counts.duplicates],
    ['of these, by your decisions', counts.byHand],
    ['Records to be screened', counts.screened],
  ]
  const format = select(
    { id: 'duplicates-format' },
    FORMATS.map(([value, name]) => [value, name]),
  )
  const key = select({ id: 'duplicates-key' }, KEYS)
  const note = element('p', { class: 'hint', role: 'status' })
  const saveGroups = () => download('duplicate-groups.csv', new Blob([groupTable(result, papers, library)], { type: 'text/csv' }))
  const saveLibrary = async () => {
    const [chosen, , extension] = FORMATS[format.selectedIndex]!
    download(`merged.${extension}`, await writePapersInWorker(library.papers, chosen))
  }
  const saveRemoved = () => {
    const { text, without } = removalList(library, KEYS[key.selectedIndex]![0])
    const examples = `${without.slice(0, 5).join(', ')}${without.length > 5 ? ' …' : ''}`
    note.textContent =
      without.length > 0
        ? `${countOf(without.length, 'record')} to remove lack such a key, or share it with a record that stays: ${examples}.`
        : ''
    download('remove.txt', new Blob([text], { type: 'text/plain' }))
  }
  return element(
    'section',
    { class: 'duplicates-result', 'aria-label': 'Result' },
    element('h2', {}, 'Result'),
    element(
      'div',
      { class: 'duplicates-columns' },
      element(
        'div',
        {},
        element('h3', {}, 'Counts for a PRISMA flow diagram'),
        countTable(rows),
        copyButton('Copy the counts', rows.map(([name, count]) => `${name}\t${count}`).join('\n')),
        ...overlapTable(papers, result),
      ),
      element(
        'div',
        {},
        element('h3', {}, 'For the methods section'),
        element('p', { class: 'duplicates-methods' }, methods),
        copyButton('Copy the paragraph', methods),
      ),
      element(
        'div',
        { class: 'duplicates-files' },
        element('h3', {}, 'Files'),
        element('p', {}, button('Save the groups', saveGroups)),
        element('p', {}, button('Save the merged library', saveLibrary), labelFor(format, 'as'), format),
        element('p', {}, button('Save what to remove', saveRemoved), labelFor(key, 'by'), key),
        note,
        element(
          'p',
          {},
          button('Merge in this library', () => onMerge(library), { class: 'primary', disabled: library.removed.length === 0 }),
        ),
      ),
    ),
  )
}

function countTable(rows: readonly [string, number][]): HTMLTableElement {
  return element(
    'table',
    { class: 'duplicates-counts' },
    element(
      'tbody',
      {},
      ...rows.map(([name, count]) =>
        element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, formatCount(count))),
      ),
    ),
  )
}

/** Works that two sources share, for each pair of sources. */
function overlapTable(papers: readonly Paper[], { groups }: DuplicateResult): HTMLElement[] {
  const overlaps = sourceOverlap(papers, groups).filter(({ a, b }) => a && b)
  if (overlaps.length === 0) return []
  return [
    element('h3', {}, 'Works in two sources'),
    countTable(overlaps.map(({ a, b, works }): [string, number] => [`${a} and ${b}`, works])),
  ]
}

function copyButton(label: string, text: string): HTMLButtonElement {
  const made = button(label, async () => {
    made.textContent = (await copyText(text)) ? 'Copied' : 'The browser does not allow copying: select the text instead'
    setTimeout(() => {
      made.textContent = label
    }, 3000)
  })
  return made
}
