import './screening.css'
import type { LibrarySession } from '../session/library-session.js'
import { shownPaper } from '../session/shown-paper.js'
import { button, element, setChildren } from '../ui/dom.js'
import { formatCount, messageOf } from '../ui/format.js'
import { bindKeys } from '../ui/keyboard.js'
import { currentAnswers, LibraryScreening } from './library-screening.js'
import { type OwnWords, ownWords } from './own-words.js'
import { decisionText, paperCard } from './paper-card.js'
import { NOT_RANKED, PaperRanker, type Ranking } from './paper-ranker.js'
import { progressPanel } from './progress-panel.js'
import { type Answer, type Answers, countsOfAnswers, NO_SETTINGS, type Verdict } from './screening-log.js'
import { screeningSetup } from './screening-setup.js'

export interface ScreeningEvents {
  /** Lists papers, in the list. */
  onList(ids: readonly string[]): void
  libraryName(): string
}

/** A view of a library's screening as it is stored. */
export async function openScreening(host: HTMLElement, session: LibrarySession, events: ScreeningEvents): Promise<ScreeningView> {
  return new ScreeningView(host, session, await LibraryScreening.of(session.index), events)
}

const RECENT = 6
const LISTS = [
  ['include', 'included'],
  ['maybe', 'maybe'],
  ['exclude', 'excluded'],
] as const satisfies readonly (readonly [Verdict, string])[]

/** Screens a library, one paper at a time. It owns the content of its host. */
export class ScreeningView {
  readonly #session: LibrarySession
  readonly #screening: LibraryScreening
  readonly #events: ScreeningEvents
  readonly #ranker: PaperRanker
  readonly #listeners = new AbortController()
  readonly #paper = element('div', { class: 'screening-card', tabindex: 0, role: 'region', 'aria-label': 'Paper to screen' })
  readonly #actions = element('div', { class: 'screening-actions', role: 'group', 'aria-label': 'Decision' })
  readonly #side = element('div', { class: 'screening-side' })
  readonly #status = element('p', { class: 'screening-status', role: 'status' })
  readonly #notice = element('p', { class: 'screening-notice', role: 'alert', hidden: true })
  readonly #root: HTMLElement
  /** The paper that is shown; `null`: none is left, or the form is shown. */
  #current: string | null = null
  /** Whether the reviewer chose the paper. */
  #isChosen = false
  #words: { for: OwnWords; against: OwnWords } = { for: null, against: null }
  #ranking: Ranking = NOT_RANKED
  /** A decision is being stored; others wait until the next paper is there. */
  #isBusy = false

  constructor(host: HTMLElement, session: LibrarySession, screening: LibraryScreening, events: ScreeningEvents) {
    this.#session = session
    this.#screening = screening
    this.#events = events
    this.#ranker = new PaperRanker(session)
    this.#root = element(
      'section',
      { class: 'screening', 'aria-label': 'Screening' },
      element('div', { class: 'screening-main' }, this.#notice, this.#paper, this.#status, this.#actions),
      this.#side,
    )
    host.replaceChildren(this.#root)
    const { signal } = this.#listeners
    bindKeys(
      'Screening',
      [
        ['i', 'Include the paper', () => this.#decide('include')],
        ['e', 'Exclude it', () => this.#decide('exclude')],
        ['m', 'Maybe: decide with the full text', () => this.#decide('maybe')],
        ['s', 'Skip it: it comes again at the end', () => this.#decide('skip')],
        ['u', 'Undo the last decision', () => void this.undo()],
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(
          (n) => [String(n), `Exclude it for reason ${n} of your list`, () => this.#excludeFor(n)] as const,
        ),
      ],
      { when: () => this.#actions.checkVisibility(), signal },
    )
  }

  /** Shows the screening as it is stored; the form, if it has not begun. */
  async show(): Promise<void> {
    const { settings } = this.#screening
    if (settings) await this.#next()
    else this.#showSetup()
  }

  /** Papers were added, removed or embedded. */
  async refresh(): Promise<void> {
    await this.#screening.load()
    this.#ranker.forget()
    const isGone = this.#current !== null && !this.#session.paper(this.#current)
    if (this.#screening.settings && (isGone || this.#current === null) && !this.#isSettingUp) await this.#next(false)
  }

  /** Takes back the last decision, and shows its paper again. @returns Whether there was one. */
  async undo(): Promise<boolean> {
    if (this.#isBusy) return false
    let undone: readonly Answer[] = []
    await this.#guard(async () => {
      undone = await this.#screening.undo()
      const [answer] = undone
      if (!answer) return this.#say('There is nothing to undo.')
      this.#say(`Undone: ${decisionText(answer)}.`)
      this.#ranking = await this.#ranker.rank(this.#answers, this.#settings)
      await this.#showPaper(answer.paper, true)
    })
    return undone.length > 0
  }

  /** Shows a paper that the reviewer chose. */
  async choose(id: string): Promise<void> {
    if (!this.#screening.settings) return this.#showSetup()
    await this.#showPaper(id, true)
  }

  /** Stops all work and empties the host; idempotent. */
  dispose(): void {
    this.#listeners.abort()
    this.#ranker.dispose()
    this.#root.remove()
  }

  get #answers(): Answers {
    return currentAnswers(this.#session, this.#screening.answers)
  }

  get #settings() {
    return this.#screening.settings ?? NO_SETTINGS
  }

  get #isSettingUp(): boolean {
    return this.#actions.hidden && this.#paper.querySelector('form') !== null
  }

  #excludeFor(number: number): false | undefined {
    const reason = this.#settings.reasons[number - 1]
    // Without such a reason the key is the page's.
    return reason === undefined ? false : this.#decide('exclude', reason)
  }

  /** @returns `false` if there is no paper: the key is then the page's. */
  #decide(verdict: Answer['verdict'], reason?: string): false | undefined {
    const paper = this.#current
    if (paper === null) return false
    if (this.#isBusy) return
    const order = this.#isChosen ? {} : { order: this.#settings.order }
    void this.#guard(async () => {
      const [answer] = await this.#screening.answer([{ paper, verdict, ...(reason !== undefined && { reason }), ...order }])
      await this.#next()
      const { screened, papers } = countsOfAnswers(this.#answers, this.#session.papers.length)
      this.#say(`${decisionText(answer!)}. ${formatCount(screened)} of ${formatCount(papers)} screened.`)
    })
  }

  /** Runs what stores decisions, one at a time, and shows its error. */
  async #guard(work: () => Promise<void>): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    this.#notice.hidden = true
    try {
      await work()
    } catch (error) {
      this.#notice.textContent = `The decision was not stored: ${messageOf(error)}`
      this.#notice.hidden = false
    } finally {
      this.#isBusy = false
    }
  }

  /** Shows the next paper. @param takesFocus Whether it gets the focus, so that a screen reader reads its title. */
  async #next(takesFocus = true): Promise<void> {
    this.#ranking = await this.#ranker.rank(this.#answers, this.#settings)
    const [next] = this.#ranking.ids
    if (next === undefined) this.#showEnd()
    else await this.#showPaper(next, false, takesFocus)
  }

  async #showPaper(id: string, isChosen: boolean, takesFocus = true): Promise<void> {
    const record = await this.#session.fullPaper(id)
    if (this.#listeners.signal.aborted) return
    if (!record) return this.#showEnd()
    const { wordsFor, wordsAgainst } = this.#settings
    this.#words = { for: ownWords(wordsFor), against: ownWords(wordsAgainst) }
    this.#current = id
    this.#isChosen = isChosen
    const before = this.#answers.get(id)
    setChildren(this.#paper, paperCard(record, this.#words, before))
    this.#paper.scrollTop = 0
    this.#showActions()
    this.#showSide()
    if (takesFocus) this.#paper.querySelector('h2')?.focus({ preventScroll: true })
  }

  #showEnd(): void {
    this.#current = null
    const counts = countsOfAnswers(this.#answers, this.#session.papers.length)
    setChildren(
      this.#paper,
      element('h2', { tabindex: '-1' }, counts.papers === 0 ? 'There is nothing to screen yet' : 'Every paper is screened'),
      element(
        'p',
        { class: 'hint' },
        counts.papers === 0
          ? 'Add papers to this library first.'
          : `${formatCount(counts.include)} included, ${formatCount(counts.exclude)} excluded, ${formatCount(counts.maybe)} maybe. Export has each of these lists, and History the flow diagram.`,
      ),
    )
    this.#showActions()
    this.#showSide()
  }

  #showSetup(): void {
    this.#current = null
    this.#actions.hidden = true
    const { settings } = this.#screening
    const done = async (changed: typeof settings) => {
      if (changed) await this.#screening.saveSettings(changed)
      await this.#next()
    }
    setChildren(
      this.#paper,
      screeningSetup(settings ?? NO_SETTINGS, {
        isNew: settings === null,
        onDone: (changed) => void this.#guard(() => done(changed)),
      }),
    )
    this.#side.hidden = settings === null
  }

  #showActions(): void {
    this.#actions.hidden = this.#current === null && this.#screening.log.length === 0
    const disabled = this.#current === null
    const verdict = (label: string, name: Answer['verdict'], key: string) =>
      button(label, () => void this.#decide(name), { class: 'secondary', key, disabled })
    const reasons = this.#settings.reasons.map((reason, index) =>
      button(reason, () => void this.#decide('exclude', reason), {
        class: 'quiet',
        disabled,
        'aria-label': `Exclude: ${reason}`,
        ...(index < 9 && { key: String(index + 1) }),
      }),
    )
    setChildren(
      this.#actions,
      element(
        'p',
        { class: 'screening-verdicts' },
        verdict('Include', 'include', 'i'),
        verdict('Maybe', 'maybe', 'm'),
        verdict('Exclude', 'exclude', 'e'),
        element(
          'span',
          { class: 'screening-minor' },
          button('Skip', () => void this.#decide('skip'), { key: 's', disabled }),
          button('Undo', () => void this.undo(), { key: 'u', disabled: this.#screening.log.length === 0 }),
        ),
      ),
      reasons.length > 0 &&
        element('p', { class: 'screening-reasons', role: 'group', 'aria-label': 'Exclude for a reason' }, ...reasons),
    )
  }

  #showSide(): void {
    this.#side.hidden = false
    const answers = this.#answers
    const counts = countsOfAnswers(answers, this.#session.papers.length)
    const recent = [...answers.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, RECENT)
    const titleOf = (id: string) => {
      const record = this.#session.paper(id)
      return record ? shownPaper(record).title : id
    }
    const list = (verdict: Verdict) =>
      [...answers.values()].filter((answer) => answer.verdict === verdict).map(({ paper }) => paper)
    const isListOpen = this.#side.querySelector('details')?.open ?? false
    setChildren(
      this.#side,
      ...progressPanel(answers, counts, this.#ranking, this.#settings.order),
      recent.length > 0 && element('h3', {}, 'Decided last'),
      recent.length > 0 &&
        element(
          'ul',
          { class: 'screening-recent' },
          ...recent.map((answer) =>
            element(
              'li',
              {},
              element('span', { class: 'hint' }, decisionText(answer)),
              button(titleOf(answer.paper), () => this.#showPaper(answer.paper, true), { class: 'title' }),
            ),
          ),
        ),
      element(
        'p',
        { class: 'screening-more' },
        ...LISTS.filter(([verdict]) => counts[verdict] > 0).map(([verdict, name]) =>
          button(`List the ${formatCount(counts[verdict])} ${name}`, () => this.#events.onList(list(verdict))),
        ),
        button('Question, reasons, words', () => this.#showSetup()),
        button('Second reviewer', () => this.#compare(), { 'aria-haspopup': 'dialog' }),
      ),
    )
    this.#side.querySelector('details')?.toggleAttribute('open', isListOpen)
  }

  async #compare(): Promise<void> {
    const { openComparison } = await import('./comparison-dialog.js')
    openComparison({ session: this.#session, library: this.#events.libraryName() }, this.#screening, () => void this.#next())
  }

  #say(text: string): void {
    this.#status.textContent = text
  }
}
