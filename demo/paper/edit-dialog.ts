import type { Author } from '../../src/core/papers/index.js'
import type { PaperRecord } from '../../src/index.js'
import { Dialog } from '../ui/dialog.js'
import { button, element, labelFor } from '../ui/dom.js'
import { RECORD_FIELDS } from './record-fields.js'

const FORMS: Readonly<Record<string, string>> = {
  authors: ', one a line: family name, given names',
  keywords: ', one a line',
}
const LINES: Readonly<Record<string, number>> = { title: 2, authors: 4, keywords: 3, abstract: 8 }

/** Edits a record's fields by hand. @param onSave Gets the fields that changed; `null` for one that was cleared. */
export function openEdit(record: PaperRecord, onSave: (fields: Record<string, unknown>) => void): void {
  const dialog = new Dialog('Edit the record', { wide: true, closeLabel: 'Cancel' })
  const inputs = RECORD_FIELDS.map(([name, label]) => {
    const value = textOf(record, name)
    const rows = LINES[name]
    const id = `edit-${name}`
    const input = rows ? element('textarea', { id, rows, dir: 'auto' }) : element('input', { id, type: 'text', dir: 'auto' })
    input.value = value
    dialog.body.append(element('p', { class: 'field edit' }, labelFor(input, label + (FORMS[name] ?? '')), input))
    return { name, input, value }
  })
  const problem = element('p', { role: 'alert', class: 'hint' })
  dialog.body.append(problem)
  const save = () => {
    const changed = inputs.filter(({ input, value }) => input.value.trim() !== value.trim())
    const year = inputs.find(({ name }) => name === 'year')!.input.value.trim()
    if (year !== '' && !/^\d{1,4}$/.test(year)) {
      problem.textContent = `“${year}” is no year: give up to four digits, or leave it empty.`
      return
    }
    dialog.close()
    onSave(Object.fromEntries(changed.map(({ name, input }) => [name, fieldValue(record, name, input.value.trim())])))
  }
  dialog.open(button('Save', save, { class: 'primary' }))
  inputs[0]!.input.focus()
}

function textOf(record: PaperRecord, name: string): string {
  const value = record[name]
  if (name === 'authors') return Array.isArray(value) ? value.map(authorText).join('\n') : ''
  if (Array.isArray(value)) return value.map(String).join('\n')
  return value === undefined || value === null ? '' : String(value)
}

function authorText(author: unknown): string {
  if (typeof author !== 'object' || author === null) return String(author)
  const { family, given, suffix, name } = author as Author
  return family ? [family, given, suffix].filter(Boolean).join(', ') : (name ?? given ?? '')
}

function fieldValue(record: PaperRecord, name: string, text: string): unknown {
  if (text === '') return name === 'title' ? '' : null
  if (name === 'year') return Number(text)
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  if (name === 'keywords') return lines
  if (name === 'doi') return text.replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)/i, '').toLowerCase()
  if (name !== 'authors') return text
  const before = new Map((Array.isArray(record.authors) ? record.authors : []).map((author) => [authorText(author), author]))
  return lines.map((line) => {
    const [family, given, suffix] = line.split(',').map((part) => part.trim())
    return before.get(line) ?? (given ? { family, given, ...(suffix && { suffix }) } : { name: line })
  })
}
