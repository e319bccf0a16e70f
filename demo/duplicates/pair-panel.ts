import type { Paper } from '../../src/core/papers/index.js'
import { button, type Child, element } from '../ui/dom.js'
import { confidenceText, evidenceSentences } from './evidence-text.js'
import type { ListName, PairReview } from './pair-review.js'
import { describeMerge, pairTable } from './pair-table.js'

const EMPTY_LISTS: Readonly<Record<ListName, string>> = {
  queue: 'No pair is left to review. The joined pairs and the result are below.',
  joined: 'The tool joined no pair by itself.',
  decided: 'You have not decided any pair yet.',
}

export interface PairPanelEvents {
  /** Changes the review, and shows what changed. */
  change(change: () => void): void
  /** The reader moves by so many pairs. */
  onMove(by: number): void
  onOpen(id: string): void
}

/** The current pair: why the tool finds it alike, the two records, and what the reader can do with it. */
export function pairPanel(review: PairReview, { change, onMove, onOpen }: PairPanelEvents): Child[] {
  const pair = review.current
  const undo = button('Undo', () => change(() => review.undo()), { key: 'u', disabled: review.steps.steps.length === 0 })
  if (!pair) return [element('p', {}, EMPTY_LISTS[review.list]), element('div', { class: 'pair-actions' }, undo)]
  const [a, b] = [review.paper(pair.a), review.paper(pair.b)]
  const merged = review.mergedPair(pair)
  const verdict = review.verdictOf(pair)
  const [first, ...others] = evidenceSentences(pair)
  const open = (paper: Paper, side: string) => button(`Open the ${side}`, () => onOpen(paper.id))
  // Nothing is suggested against the evidence.
  const isLikely = pair.confidence >= 0.5 && pair.veto === null
  return [
    element(
      'div',
      { class: 'pair-actions', role: 'group', 'aria-label': 'Decision' },
      button('The same', () => change(() => review.decide('same')), { key: 's', class: isLikely ? 'primary' : 'secondary' }),
      button('Different', () => change(() => review.decide('different')), { key: 'd', class: 'secondary' }),
      button('Later', () => change(() => review.decide('later')), { key: 'l', class: 'secondary' }),
      undo,
      button('Next pair', () => onMove(1), { key: 'j' }),
      button('Previous pair', () => onMove(-1), { key: 'k' }),
      open(a, 'left'),
      open(b, 'right'),
    ),
    element(
      'div',
      {},
      element('h2', {}, `Pair ${review.index + 1} of ${review.pairs.length}`),
      element(
        'p',
        {},
        verdict && `You said: ${verdict === 'same' ? 'the same' : 'different'}. `,
        `${confidenceText(pair.confidence)}. ${first}`,
      ),
      element('p', { class: 'hint' }, others.join(' ')),
    ),
    pairTable(pair, a, b, merged, (step) => change(() => review.add(step))),
    element('p', { class: 'pair-kept' }, describeMerge(merged, a, b)),
  ]
}
