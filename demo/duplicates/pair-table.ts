import {
  MERGED_FIELDS,
  type MergedField,
  type MergedPaper,
  type PairEvidence,
  type ReviewStep,
} from '../../src/core/duplicates/index.js'
import type { Author, Paper } from '../../src/core/papers/index.js'
import { element } from '../ui/dom.js'
import { diffTexts, type Piece } from './diff-text.js'
import { FIELD_NAMES } from './evidence-text.js'

/** Two papers side by side, a row for each field: differences are marked, and radio buttons choose what the merged paper keeps. */
export function pairTable(
  pair: PairEvidence,
  a: Paper,
  b: Paper,
  merged: MergedPaper,
  onStep: (step: ReviewStep) => void,
): HTMLTableElement {
  const column = (paper: Paper, name: string) =>
    element(
      'th',
      { scope: 'col' },
      element('span', {}, name),
      element('span', { class: 'pair-source' }, sourceText(paper)),
      choice('pair-keeper', 'Keep this record', merged.paper.id === paper.id, () => onStep({ type: 'keep', id: paper.id })),
    )
  const rows = MERGED_FIELDS.filter((field) => textOf(a, field) || textOf(b, field)).map((field) => {
    const [textA, textB] = [textOf(a, field), textOf(b, field)]
    const isSame = textA === textB
    const pieces = isSame || !textA || !textB ? null : diffTexts(textA, textB)
    const from = merged.provenance[field]
    const cell = (paper: Paper, text: string, parts: Piece[] | undefined) => {
      const isKept = !isSame && from === paper.id
      const made = element('td', { class: isKept ? 'is-kept' : null }, ...marked(text, parts))
      if (text && !isSame) {
        const label = `Keep the ${FIELD_NAMES[field]} of this record`
        made.append(choice(`pair-${field}`, 'keep', isKept, () => onStep({ type: 'field', field, id: paper.id }), label))
      }
      return made
    }
    return element(
      'tr',
      { class: isSame ? 'is-same' : null },
      element(
        'th',
        { scope: 'row' },
        FIELD_NAMES[field],
        element('span', { class: 'pair-state' }, stateOf(pair, field, textA, textB)),
      ),
      cell(a, textA, pieces?.a),
      cell(b, textB, pieces?.b),
    )
  })
  return element(
    'table',
    { class: 'pair' },
    element('thead', {}, element('tr', {}, element('td', {}), column(a, 'Left'), column(b, 'Right'))),
    element('tbody', {}, ...rows),
  )
}

/** A sentence on what the remaining record takes from which other. */
export function describeMerge({ paper, provenance, from }: MergedPaper, a: Paper, b: Paper): string {
  const name = (id: string) => (id === a.id ? 'the left record' : id === b.id ? 'the right record' : 'another of its group')
  const taken = new Map<string, string[]>()
  for (const [field, id] of Object.entries(provenance)) {
    if (id === paper.id) continue
    const fields = taken.get(name(id)) ?? []
    fields.push(FIELD_NAMES[field as MergedField])
    taken.set(name(id), fields)
  }
  const parts = [...taken].map(([source, fields]) => `${fields.join(', ')} from ${source}`)
  const others = from.length - 1
  return `If they are the same, ${name(paper.id)} stays${parts.length > 0 ? `, with ${parts.join(' and ')}` : ', as it is'}; ${others === 1 ? 'the other is' : `${others} others are`} listed as removed.`
}

/** A field as a person reads it; empty if it is missing. */
export function textOf(paper: Paper, field: MergedField): string {
  const value = paper[field]
  if (value === undefined || value === null) return ''
  if (field === 'authors') return (value as Author[]).map(authorName).join('; ')
  return Array.isArray(value) ? value.join('; ') : String(value)
}

const authorName = ({ family, given, suffix, name }: Author) =>
  family ? [family, suffix, given].filter(Boolean).join(', ') : (name ?? given ?? '')

export function sourceText({ source, key, id }: Paper): string {
  if (!source) return key ?? id
  return `${source.file}, record ${source.record}${key ? `, ${key}` : ''}`
}

function stateOf({ fields }: PairEvidence, field: MergedField, a: string, b: string): string {
  if (a === b) return 'the same'
  if (!a || !b) return 'only in one'
  return fields[field as keyof typeof fields] === 'agree' ? 'agree' : 'differ'
}

export function marked(text: string, pieces: readonly Piece[] | undefined): (Node | string)[] {
  if (!text) return [element('span', { class: 'pair-none' }, 'none')]
  if (!pieces) return [text]
  return pieces.map((piece) => (piece.isSame ? piece.text : element('mark', { class: 'differs' }, piece.text)))
}

function choice(name: string, text: string, isChosen: boolean, onChoose: () => void, label?: string): HTMLLabelElement {
  const input = element('input', { type: 'radio', name, 'aria-label': label ?? null })
  input.checked = isChosen
  input.addEventListener('change', onChoose)
  return element('label', { class: 'pair-choice' }, input, element('span', {}, text))
}
