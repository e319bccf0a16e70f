import type { EmbedderInfo, LoadProgress } from '../../src/index.js'
import { shortName } from '../model/model-catalog.js'
import type { Work } from '../session/library-session.js'
import type { Workspace } from '../session/workspace.js'
import { button, byId, element } from '../ui/dom.js'
import {
  countOf,
  formatBytes,
  formatCount,
  formatRate,
  formatSeconds,
  formatShareOfBytes,
  messageOf,
  storageReason,
} from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { Toast } from '../ui/toast.js'

export interface StatusEvents {
  onModel: () => void
  onStorage: () => void
  onUpdate: () => void
}

/** The line at the foot: the model and its device, the papers, the storage in use; and, above it, the progress of the work. */
export class StatusLine {
  readonly #workspace: Workspace
  readonly #notice: Notice
  readonly #toast: Toast
  readonly #onModel: () => void
  readonly #facts = byId('status', HTMLElement)
  readonly #work = byId('work', HTMLElement)
  readonly #text = byId('work-text', HTMLElement)
  readonly #bar = byId('work-bar', HTMLElement)
  readonly #fill = byId('work-fill', HTMLElement)
  readonly #pause = byId('work-pause', HTMLButtonElement)
  readonly #model: HTMLButtonElement
  readonly #storage: HTMLButtonElement
  readonly #resumeLabel = element('span')
  readonly #resume: HTMLButtonElement
  readonly #update: HTMLButtonElement
  readonly #state = element('span', { role: 'status', 'aria-label': 'Status' })
  /** Model, device, workers and number format, for those who ask. */
  readonly #details = element('span', { id: 'status-details', hidden: true })
  readonly #toggle: HTMLButtonElement
  #isIdle = true

  constructor(workspace: Workspace, notice: Notice, toast: Toast, { onModel, onStorage, onUpdate }: StatusEvents) {
    this.#workspace = workspace
    this.#notice = notice
    this.#toast = toast
    this.#onModel = onModel
    this.#model = button('Model', onModel, { 'aria-haspopup': 'dialog' })
    this.#storage = button('Storage', onStorage, { 'aria-haspopup': 'dialog' })
    this.#resume = button(this.#resumeLabel, () => void workspace.embed(true), { key: 'g' })
    this.#update = button('Update to the new version of this page', onUpdate)
    this.#update.hidden = true
    const privacy = element('span', { class: 'privacy' }, 'nothing leaves this browser')
    this.#toggle = button('Details', () => this.#toggleDetails(), { 'aria-expanded': 'false', 'aria-controls': 'status-details' })
    this.#facts.replaceChildren(
      this.#state,
      this.#toggle,
      this.#details,
      this.#resume,
      this.#model,
      this.#storage,
      this.#update,
      privacy,
    )
    this.#pause.addEventListener('click', () => void workspace.pause())
    byId('work-cancel', HTMLButtonElement).addEventListener('click', () => this.cancel())
  }

  /** @param bytes What this site stores in the browser; `null` if the browser does not say. */
  showBytes(bytes: number | null): void {
    this.#storage.textContent = bytes === null ? 'Storage' : `${formatBytes(bytes)} here`
  }

  show(): void {
    const model = this.#workspace.runner.info
    const library = this.#workspace.session?.info ?? null
    const parts: string[] = []
    if (library && library.papers > 0) {
      // Not during work: screen readers read this line aloud, and the bar has the progress.
      const isPartial = library.pending > 0 && !library.stale && this.#isIdle
      if (isPartial) parts.push(`${formatCount(library.vectors)} of ${countOf(library.papers, 'paper')} embedded`)
      else parts.push(countOf(library.papers, 'paper'))
      if (library.stale) parts.push('embedded by another model')
      else if (!this.#isIdle) parts.push('at work')
      else if (!model) parts.push('search by words')
      else if (library.pending === 0) parts.push('ready')
      if (!library.storage.persistent) parts.push('not saved for the next visit')
    } else parts.push('No papers yet')
    const state = parts.join(' · ')
    if (this.#state.textContent !== state) this.#state.textContent = state
    this.#details.textContent = model ? modelFacts(model) : 'No model is loaded'
    this.#resume.hidden = !this.#isIdle || !library || library.papers === 0 || (library.pending === 0 && !library.stale)
    const label = library?.stale ? 'Embed again' : library && library.vectors > 0 ? 'Resume embedding' : 'Embed them'
    this.#resumeLabel.textContent = label
    // The focus moves from the button that stops the work to the one that resumes it, and back.
    if (this.#work.hidden && !this.#resume.hidden && this.#work.contains(document.activeElement)) this.#resume.focus()
    if (this.#resume.hidden && !this.#work.hidden && document.activeElement === this.#resume) this.#pause.focus()
  }

  #toggleDetails(): void {
    this.#details.hidden = !this.#details.hidden
    this.#toggle.setAttribute('aria-expanded', String(!this.#details.hidden))
  }

  /** @returns Whether there is work to cancel. */
  cancel(): boolean {
    if (this.#isIdle) return false
    void this.#workspace.cancel().then(() => {
      const { vectors = 0, papers = 0 } = this.#workspace.session?.info ?? {}
      this.#toast.show(`Cancelled. ${formatCount(vectors)} of ${countOf(papers, 'paper')} are embedded and stay so.`)
    })
    return true
  }

  /** @returns Whether there is work to pause or to resume. */
  togglePause(): boolean {
    const shown = [this.#pause, this.#resume].find((control) => control.checkVisibility())
    shown?.click()
    return shown !== undefined
  }

  showUpdate(): void {
    this.#update.hidden = false
  }

  /** Shows the progress; the bar is indeterminate while the total is unknown. */
  showWork(work: Work, load: LoadProgress | null): void {
    this.#isIdle = work.state === 'idle' || work.state === 'failed'
    this.#work.hidden = this.#isIdle
    this.show()
    if (work.state === 'loading') this.#notice.hide()
    if (work.state === 'failed') this.#showFailure(work)
    if (work.state === 'idle' || work.state === 'failed') return
    const { text, share } = work.state === 'embedding' ? embeddingWords(work) : loadingWords(load)
    this.#text.textContent = text
    this.#bar.setAttribute('aria-valuetext', text)
    this.#bar.toggleAttribute('data-unknown', share === null)
    if (share === null) this.#bar.removeAttribute('aria-valuenow')
    else this.#bar.setAttribute('aria-valuenow', String(Math.round(share * 100)))
    this.#fill.style.inlineSize = share === null ? '' : `${share * 100}%`
  }

  #showFailure({ stage, error }: Extract<Work, { state: 'failed' }>): void {
    const { session, choice } = this.#workspace
    const { vectors = 0, papers = 0 } = session?.info ?? {}
    const isLoad = stage === 'load'
    const title = isLoad
      ? 'The model did not load'
      : `Embedding stopped after ${formatCount(vectors)} of ${countOf(papers, 'paper')}`
    if (storageReason(error) !== null) {
      this.#notice.showError(title, error)
      return
    }
    this.#notice.show({
      title,
      message: messageOf(error),
      safe: isLoad
        ? 'The papers are still here, and you can search them by words.'
        : 'The papers embedded so far can be searched by meaning, and all of them by words.',
      action:
        isLoad && choice.model !== 'minilm'
          ? { label: 'Change the model', run: this.#onModel }
          : { label: 'Try again', run: () => void this.#workspace.embed() },
    })
  }
}

/** Model, device, workers or threads, and number format. */
function modelFacts(model: EmbedderInfo): string {
  const cores = model.engine === 'own' ? countOf(model.workers, 'worker') : countOf(model.threads, 'thread')
  const more = model.engine !== 'own' && model.workers > 1 ? [countOf(model.workers, 'worker')] : []
  return [modelName(model), model.device, cores, model.dtype, ...more].join(' · ')
}

function modelName({ model, defaultAdapter }: EmbedderInfo): string {
  const name = shortName(model.id)
  return defaultAdapter === 'base' ? name : `${name} ${defaultAdapter}`
}

function embeddingWords({ done, total, perSecond, secondsLeft }: Extract<Work, { state: 'embedding' }>) {
  const parts = [`Embedding ${formatCount(done)} of ${formatCount(total)}`]
  if (perSecond !== null) parts.push(`${formatRate(perSecond)} a second`)
  if (secondsLeft !== null && done < total) parts.push(`${formatSeconds(secondsLeft)} left`)
  return { text: parts.join(', '), share: total === 0 ? null : done / total }
}

function loadingWords(progress: LoadProgress | null): { text: string; share: number | null } {
  if (!progress || progress.total === 0) return { text: 'Looking for the model', share: null }
  const { stage, loaded, total, fromCache } = progress
  const share = loaded / total
  if (stage === 'convert') return { text: `Converting the model: ${formatShareOfBytes(loaded, total)}`, share }
  if (stage !== 'download') return { text: 'Starting the model', share: null }
  const cached = fromCache > 0 ? `, ${formatBytes(fromCache)} of it from this browser` : ''
  return { text: `Loading the model: ${formatShareOfBytes(loaded, total)}${cached}`, share }
}
