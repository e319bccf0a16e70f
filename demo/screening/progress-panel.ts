import type { ScreeningOrder } from '../../src/core/screening/index.js'
import { element } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import type { Ranking } from './paper-ranker.js'
import type { Answers, ScreeningCounts } from './screening-log.js'

const [WIDTH, HEIGHT] = [240, 64]
/** More points than pixels show nothing. */
const MAX_POINTS = 240

/** Inclusions, with what may be one, against papers screened: it flattens when few are left to find. */
function curve(answers: Answers, papers: number): SVGSVGElement {
  let included = 0
  const steps = [...answers.values()]
    .filter(({ verdict }) => verdict !== 'skip')
    .map(({ verdict }) => {
      if (verdict !== 'exclude') included++
      return included
    })
  const every = Math.max(1, Math.ceil(steps.length / MAX_POINTS))
  const points = steps
    .map((count, at) => ({ at: at + 1, count }))
    .filter(({ at }) => at % every === 0 || at === steps.length)
    .map(
      ({ at, count }) =>
        `${((at / papers) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (count / Math.max(1, included)) * (HEIGHT - 6)).toFixed(1)}`,
    )
  const svg = vector('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: 'screening-curve',
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': `Curve of inclusions: ${formatCount(included)} after ${countOf(steps.length, 'paper')} of ${formatCount(papers)}`,
  })
  svg.append(
    vector('path', { d: `M0 ${HEIGHT - 1}H${WIDTH}`, class: 'axis' }),
    vector('polyline', { points: [`0,${HEIGHT - 2}`, ...points].join(' ') }),
  )
  return svg
}

function vector<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

/** Numbers of the screening, its curve, and what can honestly be said about stopping. */
export function progressPanel(answers: Answers, counts: ScreeningCounts, ranking: Ranking, order: ScreeningOrder): Element[] {
  const { papers, screened, include, exclude, maybe, sinceInclusion } = counts
  const rows: [string, string][] = [
    ['Screened', `${formatCount(screened)} of ${formatCount(papers)}`],
    ['Included', formatCount(include)],
    ['Maybe', formatCount(maybe)],
    ['Excluded', formatCount(exclude)],
    ['Since the last inclusion', formatCount(sinceInclusion)],
  ]
  return [
    element('h3', {}, 'Progress'),
    element('progress', { max: papers, value: screened, 'aria-label': 'Papers screened' }),
    element(
      'dl',
      { class: 'screening-counts' },
      ...rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
    curve(answers, papers),
    order === 'likeness' && element('p', { class: 'hint' }, orderText(ranking.byMeaning, papers)),
    element('h3', {}, 'Can I stop?'),
    element('p', { class: 'screening-stopping' }, stoppingText(counts, ranking)),
    checklist(counts, ranking),
  ].filter((part) => part !== false)
}

function orderText(byMeaning: number, papers: number): string {
  if (byMeaning === papers) return 'Ordered by words and meaning.'
  const part =
    byMeaning > 0 ? `, and by meaning for the ${formatCount(byMeaning)} that are embedded` : ': no paper is embedded yet'
  return `Ordered by words${part}.`
}

/** What the test of Callaghan and Müller-Hansen says; nothing here says that the screening is done. */
function stoppingText({ papers, screened, include, maybe }: ScreeningCounts, { stopping }: Ranking): string {
  if (screened === papers) return 'Every paper is screened.'
  if (screened === 0 || !stopping) return 'Nothing can be said before papers are screened.'
  if (include + maybe === 0) return 'Nothing was included yet, so nothing can be said about what is left.'
  const { provenRecall, recall, confidence } = stopping
  const proven =
    provenRecall > 0
      ? `With a confidence of 95 %, at least ${percent(provenRecall)} of the relevant papers are found.`
      : 'The decisions so far do not show what share of the relevant papers is found.'
  return `${proven} That at least ${percent(recall)} are found has a confidence of ${percent(confidence)}.`
}

/** Shares are never rounded up: 99.7 % is no certainty. */
const percent = (share: number) => `${Math.floor(share * 1000) / 10} %`

/** As many papers without an inclusion in a row, as SAFE advises at least. */
const IN_A_ROW = 50

/** After the SAFE procedure (Boetje and van de Schoot 2024): all of it together, and a person's judgement. */
function checklist({ papers, screened, sinceInclusion }: ScreeningCounts, { stopping }: Ranking): HTMLElement {
  const items: [text: string, isMet: boolean | null][] = [
    ['The key papers that you know are included', null],
    [`A tenth of the papers is screened: ${percent(screened / Math.max(1, papers))}`, screened >= papers / 10],
    [`No inclusion among the last ${IN_A_ROW}: ${formatCount(sinceInclusion)} so far`, sinceInclusion >= IN_A_ROW],
    ['The test above has a confidence of 95 %', (stopping?.confidence ?? 0) >= 0.95],
    ['A look at the rest in another order or with another model finds nothing new', null],
    ['The exclusions were looked through once more', null],
  ]
  const mark = (isMet: boolean | null) => (isMet === null ? 'for you to check' : isMet ? 'holds' : 'not yet')
  return element(
    'details',
    { class: 'screening-checklist' },
    element('summary', {}, 'Before you stop'),
    element(
      'ul',
      {},
      ...items.map(([text, isMet]) => element('li', {}, text, ' ', element('span', { class: 'hint' }, mark(isMet)))),
    ),
    element(
      'p',
      { class: 'hint' },
      'No rule can tell that nothing is missing. The test is that of Callaghan and Müller-Hansen (2020), the list follows SAFE (Boetje and van de Schoot 2024). Report what you stopped by.',
    ),
  )
}
