import type { DuplicateGroup } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import { button, type Child, element, setChildren } from '../ui/dom.js'
import { countOf, formatCount } from '../ui/format.js'
import { ruleOf } from './evidence-text.js'
import { groupTable } from './group-card.js'
import type { PairReview } from './pair-review.js'

export interface GroupPanelEvents {
  /** Changes the review, and shows what changed. */
  change(change: () => void): void
  onOpen(id: string): void
}

/** As many groups are added to the list at once. */
const SHOWN = 50

/** The groups that were found, least sure first, to be skimmed and accepted several at once; each opens as one card. */
export class GroupPanel {
  readonly #events: GroupPanelEvents
  readonly #selected = new Set<string>()
  #shown = SHOWN
  #open: string | null = null

  constructor(events: GroupPanelEvents) {
    this.#events = events
  }

  /** Fills `host` with the groups as they are now. */
  render(host: HTMLElement, review: PairReview): void {
    const groups = review.groups
    const keys = new Set(groups.map(keyOf))
    for (const key of this.#selected) if (!keys.has(key)) this.#selected.delete(key)
    const open = groups.filter((group) => !review.isAccepted(group))
    const again = () => this.render(host, review)
    const accept = button('', () => this.#accept(review), { class: 'primary' })
    const update = () => {
      accept.textContent = `These ${formatCount(this.#selected.size)} are right`
      accept.disabled = this.#selected.size === 0
    }
    const choose = (least: number) => {
      this.#selected.clear()
      for (const group of open) if (group.confidence >= least) this.#selected.add(keyOf(group))
      again()
    }
    update()
    const rows = groups.slice(0, this.#shown).map((group) => this.#row(review, group, update, again))
    const rest = groups.length - rows.length
    const more = () => {
      this.#shown += SHOWN
      again()
    }
    setChildren(
      host,
      element('h2', {}, countOf(groups.length, 'group')),
      element(
        'div',
        { class: 'pair-actions', role: 'group', 'aria-label': 'Groups' },
        accept,
        ...[0.97, 0.9].map((least) => button(`Select those of at least ${least * 100} %`, () => choose(least))),
        button('Select all', () => choose(0)),
        button('Select none', () => choose(2)),
        button('Undo', () => this.#events.change(() => review.undo()), { key: 'u', disabled: review.steps.steps.length === 0 }),
      ),
      groups.length === 0
        ? element('p', {}, 'No two records were joined.')
        : element('ul', { class: 'groups', 'aria-label': 'Groups' }, ...rows),
      rest > 0 && button(`Show ${formatCount(Math.min(SHOWN, rest))} more of ${formatCount(rest)}`, more),
    )
  }

  #accept(review: PairReview): void {
    const groups = review.groups.filter((group) => this.#selected.has(keyOf(group)))
    this.#selected.clear()
    this.#events.change(() => review.acceptGroups(groups))
  }

  #row(review: PairReview, group: DuplicateGroup, onSelect: () => void, again: () => void): HTMLLIElement {
    const key = keyOf(group)
    const papers = group.ids.flatMap((id) => review.find(id) ?? [])
    const title = papers[0]?.title.trim() || 'Without a title'
    const isAccepted = review.isAccepted(group)
    const check = element('input', { type: 'checkbox', 'aria-label': `Select ${title}`, disabled: isAccepted })
    check.checked = this.#selected.has(key)
    check.addEventListener('change', () => {
      if (check.checked) this.#selected.add(key)
      else this.#selected.delete(key)
      onSelect()
    })
    const isOpen = this.#open === key
    const toggle = () => {
      this.#open = isOpen ? null : key
      again()
    }
    const weakest = group.pairs.at(-1)
    return element(
      'li',
      {},
      check,
      element('span', { class: 'group-sure' }, isAccepted ? 'yours' : `${Math.floor(group.confidence * 100)} %`),
      element(
        'span',
        {},
        button(title, toggle, { class: 'group-title', 'aria-expanded': String(isOpen), dir: 'auto' }),
        element('span', { class: 'hint' }, factsOf(papers), weakest && ` ${ruleOf(weakest)}.`),
      ),
      isOpen && element('div', { class: 'group-card' }, ...this.#card(review, group, papers)),
    )
  }

  /** All records of a group beside each other, and what can be done with each. */
  #card(review: PairReview, group: DuplicateGroup, papers: readonly Paper[]): Child[] {
    const { change, onOpen } = this.#events
    return [
      element(
        'p',
        { class: 'dialog-actions' },
        button('This group is right', () => change(() => review.acceptGroups([group])), { class: 'secondary' }),
        papers.length > 2 && button('All are different papers', () => change(() => review.separate(group, group.ids))),
      ),
      groupTable(papers, (paper) => [
        button('Open', () => onOpen(paper.id)),
        button('Not the same', () => change(() => review.separate(group, [paper.id])), {
          'aria-label': `Not the same: record ${group.ids.indexOf(paper.id) + 1}`,
        }),
      ]),
    ]
  }
}

const keyOf = ({ ids }: DuplicateGroup) => JSON.stringify(ids)

function factsOf(papers: readonly Paper[]): string {
  const sources = new Map<string, number>()
  for (const { source } of papers) sources.set(source?.file ?? '', (sources.get(source?.file ?? '') ?? 0) + 1)
  const named = [...sources].map(([source, count]) => `${source || 'no source'}${count > 1 ? ` (${count})` : ''}`)
  const years = [...new Set(papers.flatMap(({ year }) => year ?? []))].sort((a, b) => a - b)
  return [`${papers.length} records: ${named.join(', ')}`, years.join('/')].filter(Boolean).join(' · ')
}
