import './history.css'
import manifest from '../../package.json' with { type: 'json' }
import { decisionsOf, methodsParagraph, type PrismaCounts, type ReviewState } from '../../src/core/duplicates/index.js'
import type { ScreeningCounts } from '../screening/screening-log.js'
import { button, copyText, element } from '../ui/dom.js'
import { formatCount } from '../ui/format.js'
import { flowDiagram, flowPicture, pictureAddress } from './flow-diagram.js'
import {
  countsOf,
  type DuplicateMethod,
  type HistoryEntry,
  type MergedAway,
  overlapsOf,
  replay,
  type SourceRow,
  sourceRows,
} from './history.js'

/** What a report on a library is computed from. */
export interface ReportInput {
  entries: readonly HistoryEntry[]
  /** Decisions on pairs. */
  review: ReviewState
  /** Duplicates that were found and are still in the library. */
  found: readonly MergedAway[]
  groups: readonly { ids: readonly string[] }[]
  /** How duplicates were found; `null` if they were not searched for. */
  method: DuplicateMethod | null
  sourceOfPaper: (id: string) => string | null
  /** Default: nothing was screened. */
  screening?: ScreeningCounts | undefined
  download: (name: string, blob: Blob) => void
}

export const TOOL_VERSION = manifest.version

/** Counts, sources, the paragraph for the methods section and the flow diagram. */
export function reportSections(input: ReportInput): HTMLElement[] {
  const { entries, review, found, groups, method, sourceOfPaper, download } = input
  const screening = input.screening && input.screening.screened > 0 ? input.screening : null
  const decisions = decisionsOf(review)
  const same = decisions.filter(({ verdict }) => verdict === 'same').length
  const counts = countsOf(entries, found, { same, different: decisions.length - same })
  const rows = countRows(counts, screening)
  const sources = sourceRows(entries)
  const overlaps = overlapsOf(replay(entries), groups, sourceOfPaper)
  return [
    element(
      'section',
      { 'aria-label': 'Counts' },
      element('h3', {}, 'Counts for a PRISMA flow diagram'),
      countTable(rows),
      found.length > 0 &&
        element(
          'p',
          { class: 'hint' },
          `${formatCount(found.length)} of the duplicates are not merged yet: they are still in the library.`,
        ),
      copyButton('Copy the counts', rows.map(([name, count]) => `${name}\t${count}`).join('\n')),
      element('h3', {}, 'Sources'),
      sourceTable(sources),
      ...(overlaps.length > 0
        ? [
            element('h3', {}, 'Works in two sources'),
            countTable(overlaps.map(({ a, b, works }): [string, number] => [`${a} and ${b}`, works])),
          ]
        : []),
    ),
    element(
      'section',
      { 'aria-label': 'Methods' },
      ...methodsPart(counts, sources, method, screeningText(screening, entries)),
      ...diagramPart(counts, screening, download),
    ),
  ]
}

function countRows(counts: PrismaCounts, screening: ScreeningCounts | null): [name: string, count: number][] {
  const { identified, total, duplicates, byHand, removed = 0, screened } = counts
  return [
    ...identified.map(({ source, records }): [string, number] => [
      source === '' ? 'Records without a source' : `Records of ${source}`,
      records,
    ]),
    ['Records identified', total],
    ['Duplicates removed before screening', duplicates],
    ['of these, by your decisions', byHand],
    ...(removed > 0 ? [['Removed for other reasons', removed] as [string, number]] : []),
    ['Records to be screened', screened],
    ...(screening ? screeningRows(screening) : []),
  ]
}

function screeningRows({ screened, include, exclude, maybe, reasons }: ScreeningCounts): [name: string, count: number][] {
  return [
    ['Records screened', screened],
    ['Records excluded', exclude],
    ...reasons.flatMap(([reason, count]): [string, number][] => (reason === '' ? [] : [[`excluded: ${reason}`, count]])),
    ['Records included', include],
    ...(maybe > 0 ? [['Undecided', maybe] as [string, number]] : []),
  ]
}

/** What the methods section says of the screening; '' before it began. */
function screeningText(screening: ScreeningCounts | null, entries: readonly HistoryEntry[]): string {
  if (!screening) return ''
  const { papers, screened, ranked, include, exclude, maybe } = screening
  const order = ranked > 0 ? `, ${ranked} of them in the order of their likeness to what was included before` : ''
  const undecided = maybe > 0 ? `, and ${maybe} left undecided` : ''
  const comparison = entries.findLast((entry) => entry.kind === 'comparison')
  const second = comparison
    ? ` A second reviewer screened ${comparison.both} of them independently${comparison.kappa === null ? '' : ` (Cohen’s kappa ${comparison.kappa.toFixed(2)})`}.`
    : ''
  return `${screened} of ${papers} records were screened on title and abstract with specter2-web ${TOOL_VERSION}${order}; ${exclude} were excluded, ${include} included${undecided}.${second}`
}

function methodsPart(
  counts: PrismaCounts,
  sources: readonly SourceRow[],
  method: DuplicateMethod | null,
  screening: string,
): HTMLElement[] {
  const lost = sources.reduce((sum, { leftOut }) => sum + leftOut, 0)
  const unread = lost > 0 ? ` ${lost} further record${lost === 1 ? '' : 's'} could not be read.` : ''
  const found = method
    ? methodsParagraph(counts, { version: method.version, preset: method.preset, model: method.model ?? undefined }) + unread
    : ''
  const text = [found, screening].filter(Boolean).join(' ')
  return [
    element('h3', {}, 'For the methods section'),
    ...(found === ''
      ? [element('p', { class: 'hint' }, 'Duplicates were not searched for yet: the paragraph says how they were found.')]
      : []),
    ...(text === '' ? [] : [element('p', { class: 'duplicates-methods' }, text), copyButton('Copy the paragraph', text)]),
  ]
}

function diagramPart(counts: PrismaCounts, screening: ScreeningCounts | null, download: ReportInput['download']): HTMLElement[] {
  const svg = flowDiagram(counts, screening)
  const blob = new Blob([svg], { type: 'image/svg+xml' })
  const image = element('img', {
    class: 'flow',
    alt: `Flow diagram: ${countRows(counts, screening)
      .map(([name, count]) => `${name}: ${count}`)
      .join('; ')}`,
    src: pictureAddress(svg),
  })
  const status = element('span', { class: 'hint', role: 'status' })
  const savePicture = async () => {
    try {
      download('prisma.png', await flowPicture(svg))
    } catch (error) {
      status.textContent = (error as Error).message
    }
  }
  return [
    element('h3', {}, 'Flow diagram (PRISMA 2020)'),
    image,
    element(
      'p',
      { class: 'dialog-actions' },
      button('Save as SVG', () => download('prisma.svg', blob)),
      button('Save as PNG', savePicture),
      status,
    ),
  ]
}

function sourceTable(sources: readonly SourceRow[]): HTMLElement {
  const head = ['Source', 'Imported', 'Read', 'Not read', 'Here before', 'Added'].map((name) =>
    element('th', { scope: 'col' }, name),
  )
  const number = (count: number) => element('td', { class: 'number' }, formatCount(count))
  const rows = sources.map(({ source, imported, read, leftOut, known, merged, removed, added }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, source || 'Without a source'),
      element('td', {}, imported === null ? 'before the history' : datesOf(imported)),
      number(read),
      number(leftOut),
      number(known + merged + removed),
      number(added),
    ),
  )
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows))
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Sources' }, table)
}

function countTable(rows: readonly (readonly [string, number])[]): HTMLTableElement {
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

function copyButton(label: string, text: string): HTMLButtonElement {
  const made = button(label, async () => {
    made.textContent = (await copyText(text)) ? 'Copied' : 'The browser does not allow copying: select the text instead'
    setTimeout(() => {
      made.textContent = label
    }, 3000)
  })
  return made
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

export const dayOf = (at: number) => day.format(at)

function datesOf([first, last]: readonly [number, number]): string {
  return dayOf(first) === dayOf(last) ? dayOf(first) : `${dayOf(first)} – ${dayOf(last)}`
}
