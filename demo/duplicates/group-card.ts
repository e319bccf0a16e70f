import { MERGED_FIELDS } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import { type Child, element } from '../ui/dom.js'
import { diffTexts } from './diff-text.js'
import { FIELD_NAMES } from './evidence-text.js'
import { marked, sourceText, textOf } from './pair-table.js'

/** Records of one group side by side; each is compared with the first. @param actions What can be done with a record. */
export function groupTable(papers: readonly Paper[], actions: (paper: Paper) => Child[]): HTMLElement {
  const [first] = papers
  const head = papers.map((paper, index) =>
    element(
      'th',
      { scope: 'col' },
      element('span', {}, `Record ${index + 1}`),
      element('span', { class: 'pair-source' }, sourceText(paper)),
      element('span', { class: 'group-actions' }, ...actions(paper)),
    ),
  )
  const rows = MERGED_FIELDS.flatMap((field) => {
    const texts = papers.map((paper) => textOf(paper, field))
    if (texts.every((text) => text === '')) return []
    const isSame = texts.every((text) => text === texts[0])
    const cells = texts.map((text, index) => {
      const base = textOf(first!, field)
      const pieces = index === 0 || !base || !text || text === base ? undefined : diffTexts(base, text).b
      return element('td', { dir: 'auto' }, ...marked(text, pieces))
    })
    return [element('tr', { class: isSame ? 'is-same' : null }, element('th', { scope: 'row' }, FIELD_NAMES[field]), ...cells)]
  })
  const table = element(
    'table',
    { class: 'pair group' },
    element('thead', {}, element('tr', {}, element('td', {}), ...head)),
    element('tbody', {}, ...rows),
  )
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Records of the group' }, table)
}
