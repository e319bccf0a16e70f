import type { ListQuery } from '../session/list-query.js'
import type { PaperActions } from '../session/paper-actions.js'
import { button, byId, element, textForm } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import type { PaperList } from './paper-list.js'

/** Fills the bar under the list, which says what can be done with the selected papers. @returns Shows what is selected. */
export function selectionBar(list: PaperList, query: ListQuery, actions: PaperActions, onExport: () => void): () => void {
  const root = byId('selection', HTMLElement)
  const count = element('span', { role: 'status' })
  const unseen = () => {
    const listed = new Set(query.listedIds)
    return [...list.selected].filter((id) => !listed.has(id))
  }
  const show = button('Show them', () => {
    query.clear()
    query.restrictTo([...list.selected])
  })
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
    show,
    button('More like these', () => query.findLike(list.selected)),
    button('Remove', () => void actions.remove([...list.selected], unseen().length)),
    button('Select all', () => list.select(list.rows.map(({ paper }) => paper.id))),
    button('Clear', () => list.select([])),
  )
  return () => {
    const [selected, hidden] = [list.selected.size, unseen().length]
    root.hidden = selected === 0
    const text = `${countOf(selected, 'paper')} selected${hidden > 0 ? `, ${formatCount(hidden)} of them not in this list` : ''}`
    if (count.textContent !== text) count.textContent = text
    show.hidden = hidden === 0
  }
}
