import './duplicates.css'
import type { DuplicateResult, MergedLibrary, Vectors, Verdict } from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import { type DuplicateMethod, type HistoryEntry, type MergedAway, reconstructed } from '../history/history.js'
import { TOOL_VERSION } from '../history/report.js'
import { confirmDialog } from '../ui/dialog.js'
import { button, element, labelFor, select, setChildren } from '../ui/dom.js'
import { countOf, messageOf } from '../ui/format.js'
import { bindKeys } from '../ui/keyboard.js'
import { DuplicateSearch } from './duplicate-search.js'
import { LISTS, PRESETS, RULES, STAGES } from './duplicates-options.js'
import type { DuplicatesProgress } from './duplicates-protocol.js'
import { GroupPanel } from './group-panel.js'
import { pairPanel } from './pair-panel.js'
import { PairReview } from './pair-review.js'
import { resultPanel } from './result-panel.js'

export interface DuplicatesEvents {
  onOpen(id: string): void
  /** After each change: the review as plain JSON, for a later {@link DuplicatesView.show}. */
  save(review: unknown): Promise<void>
  /** Papers were compared. */
  onCompared?(run: DuplicateMethod & { papers: number; groups: number; duplicates: number }): void
  onMerged(result: { papers: Paper[]; removed: MergedAway[]; method: DuplicateMethod }): Promise<void>
  download(name: string, blob: Blob): void
}

/** Vectors of the papers, and the model that made them. */
export type PaperVectors = Vectors & { model: DuplicateMethod['model'] }

/** Finds, reviews and merges the duplicates of a library. It owns the content of its host. */
export class DuplicatesView {
  readonly #events: DuplicatesEvents
  readonly #search = new DuplicateSearch()
  readonly #listeners = new AbortController()
  readonly #preset = select({ id: 'duplicates-preset' }, PRESETS)
  readonly #rule = select({ id: 'duplicates-rule' }, RULES)
  readonly #list = select({ id: 'duplicates-list' }, LISTS)
  readonly #summary = element('p', { class: 'duplicates-summary', role: 'status' })
  readonly #pair = element('div', { class: 'duplicates-pair' })
  readonly #groups = new GroupPanel({ change: (change) => this.#change(change), onOpen: (id) => this.#events.onOpen(id) })
  readonly #bulk = element('div', { class: 'duplicates-bulk' })
  readonly #result = element('div')
  readonly #notice = element('p', { class: 'duplicates-notice', role: 'alert', hidden: true })
  readonly #body = element('div', { class: 'duplicates-body' }, this.#summary, this.#notice, this.#pair, this.#bulk, this.#result)
  readonly #work = element('div', { class: 'duplicates-work', hidden: true })
  readonly #root: HTMLElement
  #review = new PairReview([])
  #vectors: PaperVectors | null = null
  #history: readonly HistoryEntry[] = []
  #saving: Promise<void> = Promise.resolve()
  #runs = 0

  constructor(host: HTMLElement, events: DuplicatesEvents) {
    this.#events = events
    this.#root = element(
      'section',
      { 'aria-label': 'Duplicates' },
      element(
        'div',
        { class: 'duplicates-tools', role: 'group', 'aria-label': 'Duplicates' },
        field('Search', this.#preset),
        field('Keep', this.#rule),
        field('Show', this.#list),
      ),
      this.#work,
      this.#body,
    )
    host.replaceChildren(this.#root)
    const { signal } = this.#listeners
    this.#preset.addEventListener('change', () => this.#changePreset(), { signal })
    this.#rule.addEventListener('change', () => this.#changeRule(), { signal })
    this.#list.addEventListener('change', () => this.#showList(), { signal })
    bindKeys(
      'Duplicates',
      [
        ['s', 'The pair is the same paper', () => this.#decide('same')],
        ['d', 'The pair is two papers', () => this.#decide('different')],
        ['l', 'Decide later', () => this.#decide('later')],
        ['u', 'Undo', () => this.#change(() => this.#review.undo())],
        ['j', 'Next pair', () => this.#move(1)],
        ['k', 'Previous pair', () => this.#move(-1)],
      ],
      { when: () => this.#body.checkVisibility(), signal },
    )
  }

  /**
   * Compares papers, and resumes the review that was saved. Resolves when the search is done, cancelled or failed, which the view shows
   * by itself.
   *
   * @param history Of the library. Default: one import for each source of the papers.
   */
  async show(
    papers: readonly Paper[],
    vectors: PaperVectors | null,
    savedReview: unknown,
    history: readonly HistoryEntry[] = reconstructed(papers).map((action) => ({ ...action, id: '', at: 0 })),
  ): Promise<void> {
    this.#vectors = vectors
    this.#history = history
    this.#notice.hidden = true
    try {
      this.#review = new PairReview(papers, savedReview)
    } catch (error) {
      this.#review = new PairReview(papers)
      this.#warn(`${messageOf(error)} The review starts over; the papers are unchanged.`)
    }
    this.#preset.value = this.#review.preset
    this.#rule.value = this.#review.rule
    await this.#find()
  }

  /** Stops all work and empties the host; idempotent. */
  dispose(): void {
    this.#runs++
    this.#search.cancel()
    this.#listeners.abort()
    this.#root.remove()
  }

  async #find(): Promise<void> {
    const run = ++this.#runs
    const { papers, preset, decisions } = this.#review
    this.#review.result = null
    this.#body.hidden = true
    if (papers.length < 2) {
      this.#showWork('Nothing to compare yet', 'Import two or more papers to find records of the same paper here.')
      return
    }
    const progress = element('progress', { max: 1, value: 0, 'aria-label': 'Finding duplicates' })
    const text = element('p', {}, STAGES.prepare)
    const cancel = button('Cancel', () => this.#search.cancel())
    this.#showWork(`Comparing ${countOf(papers.length, 'paper')}`, text, progress, cancel)
    const onProgress = ({ stage, done }: DuplicatesProgress) => {
      progress.value = done
      text.textContent = `${STAGES[stage]}, ${Math.floor(done * 100)} %`
    }
    const vectors = this.#vectors && { vectors: this.#vectors.vectors, dimension: this.#vectors.dimension }
    try {
      const result = await this.#search.find({ papers, vectors, preset, decisions }, onProgress)
      if (run !== this.#runs) return
      this.#work.hidden = true
      this.#body.hidden = false
      this.#showResult(result)
      // With no pair in doubt, the groups are what is left to skim.
      this.#list.value = this.#review.pairs.length === 0 && result.groups.length > 0 ? 'groups' : this.#review.list
      this.#render()
      const { groups, counts } = result
      const found = { papers: counts.papers, groups: groups.length, duplicates: counts.removable }
      this.#events.onCompared?.({ ...this.#method, ...found })
    } catch (error) {
      if (run !== this.#runs) return
      const again = button('Find duplicates', () => void this.#find(), { class: 'secondary' })
      const safe = 'No paper was changed, and your decisions are saved.'
      if (error instanceof DOMException && error.name === 'AbortError') this.#showWork('The search was cancelled', safe, again)
      else this.#showWork('The search failed', `${messageOf(error)} ${safe}`, again)
    }
  }

  #showWork(title: string, text: string | Node, ...others: readonly Node[]): void {
    setChildren(this.#work, element('h2', {}, title), typeof text === 'string' ? element('p', {}, text) : text, ...others)
    this.#work.hidden = false
  }

  /** Groups the compared pairs again, with the current preset and decisions. */
  async #regroup(): Promise<void> {
    const run = this.#runs
    const { preset, decisions, steps } = this.#review
    try {
      const result = await this.#search.result(preset, decisions)
      // A later decision asked for its own result.
      if (run === this.#runs && steps === this.#review.steps) this.#showResult(result)
    } catch (error) {
      if (run === this.#runs) this.#warn(`${messageOf(error)} Your decisions are saved; open the duplicates again.`)
    }
    void this.#save()
  }

  #showResult(result: DuplicateResult): void {
    this.#review.result = result
    this.#render()
    this.#renderResult()
  }

  #render(): void {
    const { result } = this.#review
    if (!result) return
    const [toReview, decided] = [this.#review.countOf('queue'), this.#review.countOf('decided')]
    this.#summary.textContent = [
      `${countOf(result.groups.length, 'group')} with ${countOf(result.counts.removable, 'duplicate')} in ${countOf(result.counts.papers, 'paper')}`,
      toReview > 0 ? `${countOf(toReview, 'pair')} to review` : 'nothing left to review',
      `${decided} decided`,
    ].join(' · ')
    for (const [index, [name, title]] of LISTS.entries())
      this.#list.options[index]!.textContent =
        `${title} (${name === 'groups' ? result.groups.length : this.#review.countOf(name)})`
    this.#renderPair()
    this.#renderBulk()
  }

  #renderPair(): void {
    if (this.#list.value === 'groups') {
      this.#groups.render(this.#pair, this.#review)
      return
    }
    setChildren(
      this.#pair,
      ...pairPanel(this.#review, {
        change: (change) => this.#change(change),
        onMove: (by) => this.#move(by),
        onOpen: (id) => this.#events.onOpen(id),
      }),
    )
  }

  #renderBulk(): void {
    const review = this.#review
    const likely = review.pairs.some(({ confidence }) => confidence >= 0.5)
    this.#bulk.hidden = this.#list.value !== 'queue' || !likely
    const slider = element('input', {
      type: 'range',
      id: 'duplicates-threshold',
      min: 50,
      max: 100,
      step: 1,
      value: review.threshold,
    })
    const accept = button('', () => this.#change(() => review.acceptSure()), { class: 'secondary' })
    const value = element('output', { for: slider.id })
    const update = () => {
      review.threshold = slider.valueAsNumber
      accept.textContent = `Accept ${countOf(review.sure.length, 'pair')} as the same`
      accept.disabled = review.sure.length === 0
      value.textContent = `${review.threshold} %`
    }
    slider.addEventListener('input', update)
    update()
    setChildren(this.#bulk, labelFor(slider, 'All pairs with a confidence of at least'), slider, value, accept)
  }

  #renderResult(): void {
    const { result } = this.#review
    if (!result) return
    const panel = resultPanel(
      this.#review,
      result,
      { entries: this.#history, method: this.#method },
      {
        download: (name, blob) => this.#events.download(name, blob),
        onMerge: (library) => this.#confirmMerge(library),
      },
    )
    setChildren(this.#result, panel)
  }

  get #method(): DuplicateMethod {
    return { preset: this.#review.preset, model: this.#vectors?.model ?? null, version: TOOL_VERSION }
  }

  /** Shows the changed lists at once; groups and counts follow. */
  #change(change: () => void): void {
    const { steps } = this.#review
    change()
    if (this.#review.steps === steps) return
    this.#render()
    void this.#regroup()
  }

  /** The pair that is shown, if one is. */
  #decide(verdict: Verdict): void {
    if (this.#list.value !== 'groups') this.#change(() => this.#review.decide(verdict))
  }

  #changePreset(): void {
    this.#review.preset = PRESETS[this.#preset.selectedIndex]![0]
    if (this.#review.result) void this.#regroup()
  }

  #changeRule(): void {
    this.#review.rule = RULES[this.#rule.selectedIndex]![0]
    if (!this.#review.result) return
    this.#renderPair()
    this.#renderResult()
    void this.#save()
  }

  #showList(): void {
    const [name] = LISTS[this.#list.selectedIndex]!
    if (name !== 'groups') this.#review.list = name
    this.#render()
  }

  #move(by: number): void {
    if (this.#list.value === 'groups') return
    this.#review.index += by
    this.#render()
  }

  /** Saves one state after another, so that the last one stays. */
  #save(): Promise<void> {
    const state = this.#review.toJSON()
    this.#saving = this.#saving
      .then(() => this.#events.save(state))
      .then(() => {
        this.#notice.hidden = true
      })
      .catch((error) =>
        this.#warn(`The last decision could not be saved: ${messageOf(error)} It is valid until you close this page.`),
      )
    return this.#saving
  }

  #warn(text: string): void {
    this.#notice.textContent = text
    this.#notice.hidden = false
  }

  #confirmMerge({ papers, merged, removed }: MergedLibrary): void {
    const merge = async () => {
      try {
        await this.#events.onMerged({ papers, removed: this.#review.away, method: this.#method })
      } catch (error) {
        this.#warn(`The library was not merged: ${messageOf(error)} It is unchanged.`)
      }
    }
    confirmDialog(
      `Merge ${countOf(merged.length, 'group')}?`,
      `${countOf(removed.length, 'record')} will be merged into ${countOf(merged.length, 'record')} and removed from this library; ${countOf(papers.length, 'paper')} remain. Your files stay as they are, and you can undo the merge at any time, under History.`,
      'Merge',
      () => void merge(),
    )
  }
}

const field = (label: string, control: HTMLElement) =>
  element('span', { class: 'duplicates-field' }, labelFor(control, label), control)
