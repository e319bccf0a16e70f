import type { ScreeningOrder } from '../../src/core/screening/index.js'
import { button, element, labelFor, type Option, select } from '../ui/dom.js'
import type { ScreeningSettings } from './screening-log.js'

const ORDERS = [
  ['likeness', 'Most likely first'],
  ['given', 'As they are in the library'],
] as const satisfies readonly (readonly [ScreeningOrder, string])[]

/** A form for what the screening is about. @param onDone Gets the settings, or `null` if nothing is to change. */
export function screeningSetup(
  settings: ScreeningSettings,
  { isNew, onDone }: { isNew: boolean; onDone: (settings: ScreeningSettings | null) => void },
): HTMLElement {
  const question = area('question', 4, settings.question)
  const reasons = area('reasons', 4, settings.reasons.join('\n'))
  const wordsFor = area('words-for', 2, settings.wordsFor)
  const wordsAgainst = area('words-against', 2, settings.wordsAgainst)
  const reviewer = element('input', { id: 'screening-reviewer', type: 'text', maxlength: 60, value: settings.reviewer })
  const order = select({ id: 'screening-order' }, ORDERS as readonly Option[], settings.order)
  const lines = (text: string) => [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean)
  const form = element(
    'form',
    { class: 'screening-setup' },
    element('h2', {}, isNew ? 'Screen this library' : 'What is screened, and how'),
    isNew &&
      element(
        'p',
        { class: 'hint' },
        'One paper at a time: include it, exclude it or leave it for later. What you decide trains the order of the rest. It stays in this library, and you can stop and resume at any time.',
      ),
    field(
      'Question or eligibility criteria',
      question,
      'The first papers are those that are most like this text. It may be empty.',
    ),
    field('Order', order),
    field('Reasons for exclusion, one a line', reasons, 'The first nine have the keys 1 to 9.'),
    field('Mark words that speak for a paper', wordsFor, 'Separated by commas. random* marks all words that begin so.'),
    field('Mark words that speak against it', wordsAgainst),
    field('Your name, for a second reviewer', reviewer),
    element(
      'p',
      { class: 'dialog-actions' },
      element('button', { type: 'submit', class: 'primary' }, isNew ? 'Start screening' : 'Save'),
      !isNew && button('Cancel', () => onDone(null)),
    ),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    onDone({
      ...settings,
      question: question.value.trim(),
      reasons: lines(reasons.value),
      wordsFor: wordsFor.value.trim(),
      wordsAgainst: wordsAgainst.value.trim(),
      reviewer: reviewer.value.trim(),
      order: ORDERS[order.selectedIndex]![0],
    })
  })
  return form
}

function area(name: string, rows: number, value: string): HTMLTextAreaElement {
  const made = element('textarea', { id: `screening-${name}`, rows, dir: 'auto' })
  made.value = value
  return made
}

function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  const id = `${control.id}-hint`
  if (hint) control.setAttribute('aria-describedby', id)
  return element(
    'div',
    { class: 'screening-field' },
    labelFor(control, label),
    control,
    hint && element('p', { class: 'hint', id }, hint),
  )
}
