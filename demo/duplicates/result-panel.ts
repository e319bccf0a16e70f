import manifest from '../../package.json' with { type: 'json' }
import {
  type DuplicateResult,
  groupTable,
  type MergedLibrary,
  methodsParagraph,
  prismaCounts,
  type RemovalKey,
  type ReviewState,
  removalList,
  sourceOverlap,
} from '../../src/core/duplicates/index.js'
import type { Paper, WrittenFormat } from '../../src/core/papers/index.js'
import { element } from '../ui/dom.js'
import { countOf } from '../ui/format.js'

const FORMATS: readonly [WrittenFormat, name: string, extension: string][] = [
  ['bibtex', 'BibTeX', 'bib'],
  ['ris', 'RIS', 'ris'],
  ['csl-json', 'CSL-JSON', 'json'],
  ['csv', 'CSV', 'csv'],
  ['jsonl', 'JSON Lines', 'jsonl'],
]
const KEYS: readonly [RemovalKey, name: string][] = [
  ['key', "the records' own keys"],
  ['pmid', 'PMIDs'],
  ['doi', 'DOIs'],
  ['id', 'ids of this library'],
]

export interface ResultPanelEvents {
  download(name: string, blob: Blob): void
  onMerge(library: MergedLibrary): void
}

export interface ResultPanelState {
  papers: readonly Paper[]
  result: DuplicateResult
  library: MergedLibrary
  review: ReviewState
  /** Of the vectors that were compared; `null` without. */
  model: string | null
}

/** What comes of the review: counts, words for the methods section, files, and the merged library. */
export function resultPanel(
  { papers, result, library, review, model }: ResultPanelState,
  events: ResultPanelEvents,
): HTMLElement {
  const counts = prismaCounts(papers, result, library, review)
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
    'duplicates-format',
    FORMATS.map(([value, name]) => [value, name]),
  )
  const by = select('duplicates-by', KEYS)
  const note = element('p', { class: 'hint', role: 'status' })
  const merge = action(`Merge in this library`, () => events.onMerge(library), 'primary')
  merge.disabled = library.removed.length === 0
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
        copy('Copy the counts', rows.map(([name, count]) => `${name}\t${count}`).join('\n')),
        ...overlapTable(papers, result),
      ),
      element(
        'div',
        {},
        element('h3', {}, 'For the methods section'),
        element('p', { class: 'duplicates-methods' }, methods),
        copy('Copy the paragraph', methods),
      ),
      element(
        'div',
        { class: 'duplicates-files' },
        element('h3', {}, 'Files'),
        element(
          'p',
          {},
          action('Save the groups', () =>
            events.download('duplicate-groups.csv', new Blob([groupTable(result, papers, library)], { type: 'text/csv' })),
          ),
        ),
        element(
          'p',
          {},
          action('Save the merged library', async () => {
            const [chosen, , extension] = FORMATS.find(([value]) => value === format.value)!
            const { writePapers } = await import('../../src/core/papers/index.js')
            const pieces = [...(await writePapers(library.papers, chosen))]
            events.download(`merged.${extension}`, new Blob(pieces, { type: 'text/plain' }))
          }),
          element('label', { for: format.id }, 'as'),
          format,
        ),
        element(
          'p',
          {},
          action('Save what to remove', () => {
            const { text, without } = removalList(library, by.value as RemovalKey)
            note.textContent =
              without.length > 0
                ? `${countOf(without.length, 'record')} to remove have no such key of their own, or share one with a record that stays: ${without.slice(0, 5).join(', ')}${without.length > 5 ? ' …' : ''}.`
                : ''
            events.download('remove.txt', new Blob([text], { type: 'text/plain' }))
          }),
          element('label', { for: by.id }, 'by'),
          by,
        ),
        note,
        element('p', {}, merge),
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
        element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, count.toLocaleString('en'))),
      ),
    ),
  )
}

/** Works that each two sources share. */
function overlapTable(papers: readonly Paper[], { groups }: DuplicateResult): HTMLElement[] {
  const overlaps = sourceOverlap(papers, groups).filter(({ a, b }) => a && b)
  if (overlaps.length === 0) return []
  return [
    element('h3', {}, 'Works in two sources'),
    countTable(overlaps.map(({ a, b, works }): [string, number] => [`${a} and ${b}`, works])),
  ]
}

function select(id: string, options: readonly (readonly [value: string, name: string])[]): HTMLSelectElement {
  return element('select', { id }, ...options.map(([value, name]) => element('option', { value }, name)))
}

function action(name: string, onClick: () => void, kind = 'quiet'): HTMLButtonElement {
  const button = element('button', { type: 'button', class: kind }, name)
  button.addEventListener('click', onClick)
  return button
}

function copy(name: string, text: string): HTMLButtonElement {
  const button = action(name, async () => {
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      button.textContent = 'The browser does not allow copying: select the text instead'
    }
    setTimeout(() => {
      button.textContent = name
    }, 3000)
  })
  return button
}
