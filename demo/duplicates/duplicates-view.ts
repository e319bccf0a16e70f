import './duplicates.css'
import {
  addStep,
  choicesFor,
  type DuplicateResult,
  decisionsOf,
  emptyReview,
  type MergedLibrary,
  type MergeOptions,
  mergeLibrary,
  mergePapers,
  type PairEvidence,
  type Preset,
  parseReview,
  type ReviewState,
  type ReviewStep,
  undoStep,
  type Verdict,
} from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import { element, keyCap } from '../ui/dom.js'
import { countOf, messageOf } from '../ui/format.js'
import { DuplicateSearch } from './duplicate-search.js'
import type { DuplicatesProgress } from './duplicates-work.js'
import { evidenceWords, sureness } from './evidence-words.js'
import { acceptable, type ListName, type PairLists, pairKey, pairLists } from './pair-lists.js'
import { keptWords, pairTable } from './pair-table.js'
import { resultPanel } from './result-panel.js'

/** A paper that was merged into another one. */
export interface RemovedPaper {
  id: string
  keptId: string
}

export interface DuplicatesEvents {
  onOpen(id: string): void
  /** After each decision: the review as plain JSON, to be given to {@link DuplicatesView.show} again. */
  save(review: unknown): Promise<void>
  onMerged(result: { papers: Paper[]; removed: RemovedPaper[] }): Promise<void>
  download(name: string, blob: Blob): void
}

/** Vectors of the papers, in their order; `model` names what made them. */
export interface PaperVectors {
  vectors: Float32Array
  dimension: number
  metric: string
  model?: string
}

type Rule = NonNullable<MergeOptions['rule']>

const PRESETS: readonly [Preset, string][] = [
  ['cautious', 'cautious: join only what is certain'],
  ['balanced', 'balanced'],
  ['thorough', 'thorough: join what is likely'],
]
const RULES: readonly [Rule, string][] = [
  ['most-complete', 'the most complete record'],
  ['newest', 'the newest record'],
  ['preferred-source', 'the record of the first source'],
]
const LISTS: readonly [ListName, string][] = [
  ['queue', 'to review'],
  ['joined', 'joined by the tool'],
  ['decided', 'decided by you'],
]
const EMPTY_LISTS: PairLists = { queue: [], joined: [], decided: [] }

/** Finding, judging and merging the duplicates of a library. It owns what is in its host. */
export class DuplicatesView {
  readonly #events: DuplicatesEvents
  readonly #search = new DuplicateSearch()
  readonly #listeners = new AbortController()
  readonly #preset = select('duplicates-preset', PRESETS)
  readonly #rule = select('duplicates-rule', RULES)
  readonly #list = select('duplicates-list', LISTS)
  readonly #summary = element('p', { class: 'duplicates-summary', role: 'status' })
  readonly #pair = element('div', { class: 'duplicates-pair' })
  readonly #bulk = element('div', { class: 'duplicates-bulk' })
  readonly #result = element('div')
  readonly #notice = element('p', { class: 'duplicates-notice', role: 'alert', hidden: true })
  readonly #body: HTMLElement
  readonly #work = element('div', { class: 'duplicates-work', hidden: true })
  readonly #root: HTMLElement
  #papers: readonly Paper[] = []
  #byId: ReadonlyMap<string, Paper> = new Map()
  #vectors: PaperVectors | null = null
  #review: ReviewState = emptyReview
  #found: DuplicateResult | null = null
  #lists = EMPTY_LISTS
  #at = 0
  #threshold = 90
  /** The pair to go to when it is back in its list. */
  #awaited: string | null = null
  #saving: Promise<void> = Promise.resolve()
  #runs = 0

  constructor(host: HTMLElement, events: DuplicatesEvents) {
    this.#events = events
    this.#preset.value = 'balanced'
    this.#body = element('div', { class: 'duplicates-body' }, this.#summary, this.#notice, this.#pair, this.#bulk, this.#result)
    this.#root = element(
      'section',
      { class: 'duplicates', 'aria-label': 'Duplicates' },
      element(
        'div',
        { class: 'duplicates-tools', role: 'group', 'aria-label': 'Duplicates' },
        field('Search', this.#preset),
        field('Keep', this.#rule),
        field('Show pairs', this.#list),
      ),
      this.#work,
      this.#body,
    )
    host.replaceChildren(this.#root)
    const { signal } = this.#listeners
    // Before the page's own keys, which leave alone what was heard.
    document.addEventListener('keydown', (event) => this.#press(event), { signal, capture: true })
    this.#preset.addEventListener('change', () => void this.#refresh(), { signal })
    this.#rule.addEventListener('change', () => this.#changeRule(), { signal })
    this.#list.addEventListener('change', () => this.#goTo(0), { signal })
  }

  /**
   * Compares papers and shows what is to be decided; a review that was saved is gone on with. Resolves when the search is done, given up
   * or failed, which the view says itself.
   */
  async show(papers: readonly Paper[], vectors: PaperVectors | null, review: unknown): Promise<void> {
    this.#papers = papers
    this.#byId = new Map(papers.map((paper) => [paper.id, paper]))
    this.#vectors = vectors
    this.#restore(review)
    await this.#find()
  }

  /** Ends all work and empties the host; idempotent. */
  dispose(): void {
    this.#runs++
    this.#search.cancel()
    this.#listeners.abort()
    this.#root.remove()
  }

  #restore(review: unknown): void {
    this.#review = emptyReview
    this.#notice.hidden = true
    if (review === null || review === undefined) return
    try {
      this.#review = parseReview(JSON.stringify(review))
      const { preset, rule } = review as { preset?: unknown; rule?: unknown }
      this.#preset.value = PRESETS.find(([value]) => value === preset)?.[0] ?? 'balanced'
      this.#rule.value = RULES.find(([value]) => value === rule)?.[0] ?? 'most-complete'
    } catch (error) {
      this.#say(`${messageOf(error)} The review begins anew; the papers are as they were.`)
    }
  }

  async #find(): Promise<void> {
    const run = ++this.#runs
    this.#found = null
    this.#body.hidden = true
    if (this.#papers.length < 2) {
      this.#showWork('Nothing to compare yet', 'Import two papers or more: records of the same paper are then found here.')
      return
    }
    const papers = countOf(this.#papers.length, 'paper')
    const cancel = button('Cancel', null, () => this.#search.cancel())
    const progress = element('progress', { max: 1, value: 0, 'aria-label': 'Finding duplicates' })
    const text = element('p', {}, STAGES.prepare)
    this.#showWork(`Comparing ${papers}`, text, progress, cancel)
    const onProgress = ({ stage, done }: DuplicatesProgress) => {
      progress.value = done
      text.textContent = `${STAGES[stage]}, ${Math.floor(done * 100)} %`
    }
    const vectors = this.#vectors && { vectors: this.#vectors.vectors, dimension: this.#vectors.dimension }
    const task = { papers: this.#papers, vectors, preset: this.#chosenPreset, decisions: decisionsOf(this.#review) }
    try {
      const found = await this.#search.find(task, onProgress)
      if (run !== this.#runs) return
      this.#work.hidden = true
      this.#body.hidden = false
      this.#list.value = 'queue'
      this.#at = 0
      this.#take(found)
    } catch (error) {
      if (run !== this.#runs) return
      const again = button('Find duplicates', null, () => void this.#find(), 'secondary')
      const isCancelled = error instanceof DOMException && error.name === 'AbortError'
      const said = isCancelled ? 'The search was given up' : 'The search stopped'
      const safe = 'No paper was changed, and your decisions are kept.'
      this.#showWork(said, isCancelled ? safe : `${messageOf(error)} ${safe}`, again)
    }
  }

  #showWork(title: string, text: string | Node, ...others: readonly Node[]): void {
    this.#work.replaceChildren(element('h2', {}, title), typeof text === 'string' ? element('p', {}, text) : text, ...others)
    this.#work.hidden = false
  }

  get #chosenPreset(): Preset {
    return this.#preset.value as Preset
  }

  get #shown(): PairEvidence[] {
    return this.#lists[this.#list.value as ListName]
  }

  get #current(): PairEvidence | undefined {
    return this.#shown[this.#at]
  }

  get #mergeOptions(): Pick<MergeOptions, 'rule' | 'preferredSources'> {
    const sources = new Set(this.#papers.flatMap(({ source }) => source?.file ?? []))
    return { rule: this.#rule.value as Rule, preferredSources: [...sources] }
  }

  get #merged(): MergedLibrary {
    return mergeLibrary(this.#papers, this.#found?.groups ?? [], { ...this.#mergeOptions, review: this.#review })
  }

  /** Groups anew by preset and decisions; nothing is compared. */
  async #refresh(): Promise<void> {
    if (!this.#found) return
    const run = this.#runs
    try {
      const review = this.#review
      const found = await this.#search.result(this.#chosenPreset, decisionsOf(review))
      // A later decision has asked anew.
      if (run === this.#runs && review === this.#review) this.#take(found)
    } catch (error) {
      if (run === this.#runs) this.#say(`${messageOf(error)} Your decisions are kept; open the duplicates anew.`)
    }
    void this.#save()
  }

  /** Shows a result; the pair in hand stays. */
  #take(found: DuplicateResult): void {
    const current = this.#awaited ?? (this.#current && pairKey(this.#current))
    this.#awaited = null
    this.#found = found
    this.#sort()
    const at = this.#shown.findIndex((pair) => pairKey(pair) === current)
    if (at >= 0) this.#at = at
    this.#render()
    this.#renderResult()
  }

  #sort(): void {
    if (this.#found) this.#lists = pairLists(this.#found, this.#review, this.#byId)
    this.#at = Math.max(0, Math.min(this.#at, this.#shown.length - 1))
  }

  #render(): void {
    this.#renderSummary()
    this.#renderPair()
    this.#renderBulk()
  }

  #renderSummary(): void {
    const { groups, counts } = this.#found!
    const { queue, decided } = this.#lists
    this.#summary.textContent = [
      `${countOf(groups.length, 'group')} with ${countOf(counts.removable, 'duplicate')} in ${countOf(counts.papers, 'paper')}`,
      queue.length > 0 ? `${countOf(queue.length, 'pair')} to review` : 'nothing left to review',
      `${decided.length} decided`,
    ].join(' · ')
    for (const option of this.#list.options) {
      const [name, title] = LISTS.find(([value]) => value === option.value)!
      option.textContent = `${title} (${this.#lists[name].length})`
    }
  }

  #renderPair(): void {
    const pair = this.#current
    const undo = button('Undo', 'u', () => this.#undo())
    undo.disabled = this.#review.steps.length === 0
    if (!pair) {
      const words = {
        queue: 'No pair is left to review. What was joined, and what comes of it, stands below.',
        joined: 'The tool has joined no pair by itself.',
        decided: 'You have decided nothing yet.',
      }[this.#list.value as ListName]
      this.#pair.replaceChildren(element('p', {}, words), element('div', { class: 'pair-actions' }, undo))
      return
    }
    const [a, b] = [this.#byId.get(pair.a)!, this.#byId.get(pair.b)!]
    const merged = this.#mergedPair(pair)
    const verdict = decisionsOf(this.#review).findLast((decision) => pairKey(decision) === pairKey(pair))?.verdict
    const said = verdict ? `You said: ${verdict === 'same' ? 'the same' : 'different'}. ` : ''
    const [first, ...others] = evidenceWords(pair)
    const open = (paper: Paper, name: string) => button(`Open the ${name}`, null, () => this.#events.onOpen(paper.id))
    this.#pair.replaceChildren(
      element(
        'div',
        { class: 'pair-head' },
        element('h2', {}, `Pair ${this.#at + 1} of ${this.#shown.length}`),
        element('p', {}, said, sureness(pair.confidence), '. ', first!),
        element('p', { class: 'hint' }, others.join(' ')),
      ),
      pairTable(pair, a, b, merged, {
        onKeep: (id) => this.#step({ type: 'keep', id }),
        onField: (field, id) => this.#step({ type: 'field', field, id }),
      }),
      element('p', { class: 'pair-kept' }, keptWords(merged, a, b)),
      element(
        'div',
        { class: 'pair-actions', role: 'group', 'aria-label': 'Decision' },
        button('The same', 's', () => this.#decide('same'), 'primary'),
        button('Different', 'd', () => this.#decide('different'), 'secondary'),
        button('Later', 'l', () => this.#decide('later'), 'secondary'),
        undo,
        button('Next pair', 'j', () => this.#goTo(this.#at + 1)),
        button('Pair before', 'k', () => this.#goTo(this.#at - 1)),
        open(a, 'left'),
        open(b, 'right'),
      ),
    )
  }

  /** What would stay if the pair were the same: of the groups that both are in. */
  #mergedPair({ a, b }: PairEvidence) {
    const groups = this.#found!.groups.filter(({ ids }) => ids.includes(a) || ids.includes(b))
    const ids = new Set([...groups.flatMap((group) => group.ids), a, b])
    const members = this.#papers.filter(({ id }) => ids.has(id))
    return mergePapers(members, { ...this.#mergeOptions, ...choicesFor(this.#review, [...ids]) })
  }

  #renderBulk(): void {
    this.#bulk.hidden = this.#list.value !== 'queue' || this.#lists.queue.length === 0
    const slider = element('input', {
      type: 'range',
      id: 'duplicates-threshold',
      min: 50,
      max: 100,
      step: 1,
      value: this.#threshold,
    })
    const accept = button('', null, () => this.#acceptMany(), 'secondary')
    const count = () => {
      const pairs = acceptable(this.#lists.queue, this.#threshold / 100).length
      accept.textContent = `Accept ${countOf(pairs, 'pair')} as the same`
      accept.disabled = pairs === 0
      value.textContent = `${this.#threshold} %`
    }
    const value = element('output', { for: slider.id })
    slider.addEventListener('input', () => {
      this.#threshold = slider.valueAsNumber
      count()
    })
    this.#bulk.replaceChildren(
      element('label', { for: slider.id }, 'All pairs that the tool is sure of by'),
      slider,
      value,
      accept,
    )
    count()
  }

  #renderResult(): void {
    const model = this.#vectors && (this.#vectors.model ?? `${this.#vectors.dimension} dimensions`)
    const state = { papers: this.#papers, result: this.#found!, library: this.#merged, review: this.#review, model }
    this.#result.replaceChildren(
      resultPanel(state, {
        download: (name, blob) => this.#events.download(name, blob),
        onMerge: (library) => this.#confirmMerge(library),
      }),
    )
  }

  #decide(verdict: Verdict): void {
    const pair = this.#current
    if (!pair) return
    const isLast = this.#at === this.#shown.length - 1
    this.#step({ type: 'decide', pairs: [[pair.a, pair.b]], verdict })
    // A pair put off goes to the end; where it is there already, the next is the first.
    if (verdict === 'later' && isLast) this.#goTo(0)
  }

  #acceptMany(): void {
    const pairs = acceptable(this.#lists.queue, this.#threshold / 100).map(({ a, b }): [string, string] => [a, b])
    if (pairs.length > 0) this.#step({ type: 'decide', pairs, verdict: 'same' })
  }

  /** The next pair is shown at once; groups and counts follow. */
  #step(step: ReviewStep): void {
    this.#awaited = null
    this.#change(addStep(this.#review, step))
  }

  #undo(): void {
    const undone = this.#review.steps.at(-1)
    if (!undone) return
    const [first] = undone.type === 'decide' ? undone.pairs : []
    if (first) this.#awaited = pairKey({ a: first[0], b: first[1] })
    this.#change(undoStep(this.#review))
  }

  #change(review: ReviewState): void {
    this.#review = review
    this.#sort()
    this.#render()
    void this.#refresh()
  }

  #changeRule(): void {
    if (!this.#found) return
    this.#renderPair()
    this.#renderResult()
    void this.#save()
  }

  #goTo(at: number): void {
    this.#at = at
    this.#sort()
    if (this.#found) this.#render()
  }

  /** One after the other, so that the last decision is the one that stays. */
  #save(): Promise<void> {
    const state = { ...this.#review, preset: this.#chosenPreset, rule: this.#rule.value }
    this.#saving = this.#saving
      .then(() => this.#events.save(state))
      .then(() => {
        this.#notice.hidden = true
      })
      .catch((error) =>
        this.#say(`The last decision could not be saved: ${messageOf(error)} It holds until this page is closed.`),
      )
    return this.#saving
  }

  #say(text: string): void {
    this.#notice.textContent = text
    this.#notice.hidden = false
  }

  #confirmMerge(library: MergedLibrary): void {
    const dialog = element('dialog', { class: 'dialog', 'aria-labelledby': 'duplicates-merge' })
    const close = () => {
      dialog.close()
      dialog.remove()
    }
    const merge = button(
      'Merge',
      null,
      async () => {
        close()
        try {
          const removed = library.removed.map(({ paper, keptId }) => ({ id: paper.id, keptId }))
          await this.#events.onMerged({ papers: library.papers, removed })
        } catch (error) {
          this.#say(`The library was not merged: ${messageOf(error)} It is as it was.`)
        }
      },
      'primary',
    )
    dialog.append(
      element('h2', { id: 'duplicates-merge' }, `Merge ${countOf(library.merged.length, 'group')}?`),
      element(
        'p',
        {},
        `${countOf(library.removed.length, 'record')} go into ${countOf(library.merged.length, 'record')} that stay, and leave this library; ${countOf(library.papers.length, 'paper')} remain. Your files are not touched, and the merge can be undone.`,
      ),
      element('div', { class: 'dialog-actions' }, merge, button('Cancel', null, close, 'secondary')),
    )
    dialog.addEventListener('cancel', () => dialog.remove())
    this.#root.append(dialog)
    dialog.showModal()
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (!this.#found || !this.#body.checkVisibility() || document.querySelector('dialog[open]')) return
    const focus = document.activeElement
    // Of inputs, those in which letters mean nothing may have the focus.
    if (focus?.matches('input:not([type="radio"], [type="range"]), textarea, select')) return
    const bindings: Record<string, () => void> = {
      s: () => this.#decide('same'),
      d: () => this.#decide('different'),
      l: () => this.#decide('later'),
      u: () => this.#undo(),
      j: () => this.#goTo(this.#at + 1),
      k: () => this.#goTo(this.#at - 1),
    }
    const binding = bindings[event.key]
    if (!binding) return
    event.preventDefault()
    binding()
  }
}

const STAGES = {
  prepare: 'Reading titles, authors and numbers',
  neighbours: 'Comparing vectors',
  compare: 'Comparing fields',
} as const

function button(name: string, shortcut: string | null, onClick: () => void, kind = 'quiet'): HTMLButtonElement {
  const made = element('button', { type: 'button', class: kind, 'aria-keyshortcuts': shortcut }, name)
  if (shortcut) made.append(keyCap(shortcut, { 'aria-hidden': 'true' }))
  made.addEventListener('click', onClick)
  return made
}

function select(id: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  return element('select', { id }, ...options.map(([value, name]) => element('option', { value }, name)))
}

const field = (name: string, control: HTMLElement) =>
  element('span', { class: 'duplicates-field' }, element('label', { for: control.id }, name), control)
