import type { ListQuery } from '../session/list-query.js'
import type { PaperActions } from '../session/paper-actions.js'
import { button, byId, element, textForm } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import type { PaperList } from './paper-list.js'

/** Fills the bar under the list, which says what can be done with the selected papers. @returns Shows how many are selected. */
export function selectionBar(
  list: PaperList,
  query: ListQuery,
  actions: PaperActions,
  onExport: () => void,
): (count: number) => void {
  const root = byId('selection', HTMLElement)
  const count = element('span', { role: 'status' })
  const label = element('input', {
    type: 'text',
    placeholder: 'Add a label',
    'aria-label': 'Label for the selected papers',
    maxlength: 60,
    size: 12,
  })
  const addLabel = (text: string) => {
    if (text !== '') void actions.label([...list.selected], text)
    label.value = ''
  }
  root.append(
    count,
    button('Export', onExport),
    textForm({}, label, addLabel),
    button('More like these', () => query.findLike(list.selected)),
    button('Remove', () => void actions.remove([...list.selected])),
    button('Select all', () => list.select(list.rows.map(({ paper }) => paper.id))),
    button('Clear', () => list.select([])),
  )
  return (selected) => {
    root.hidden = selected === 0
    count.textContent = `${countOf(selected, 'paper')} selected`
  }
}
