import type { EmbedderInfo, LoadProgress, PaperIndexInfo } from '../../src/index.js'
import type { Work } from '../session/library-session.js'
import { button, byId, element, keyCap } from '../ui/dom.js'
import { countOf, formatBytes, formatCount, formatRate, formatSeconds, formatShareOfBytes } from '../ui/format.js'

export interface StatusEvents {
  onModel: () => void
  onStorage: () => void
  onPause: () => void
  onCancel: () => void
  onGoOn: () => void
  onUpdate: () => void
}

/** What runs, on what, how far, how much is here: one line at the foot, and the bar over it. */
export class StatusLine {
  readonly #facts = byId('status', HTMLElement)
  readonly #work = byId('work', HTMLElement)
  readonly #text = byId('work-text', HTMLElement)
  readonly #bar = byId('work-bar', HTMLElement)
  readonly #fill = byId('work-fill', HTMLElement)
  readonly #pause = byId('work-pause', HTMLButtonElement)
  readonly #model: HTMLButtonElement
  readonly #storage: HTMLButtonElement
  readonly #goOn: HTMLButtonElement
  readonly #update: HTMLButtonElement
  readonly #state = element('span', { role: 'status', 'aria-label': 'Status' })
  #isGone = true

  constructor({ onModel, onStorage, onPause, onCancel, onGoOn, onUpdate }: StatusEvents) {
    this.#model = button('Model', onModel, { 'aria-haspopup': 'dialog' })
    this.#storage = button('Storage', onStorage, { 'aria-haspopup': 'dialog' })
    this.#goOn = button('', onGoOn, { key: 'g' })
    this.#update = button('A new version of this page waits: use it', onUpdate)
    this.#update.hidden = true
    const privacy = element('span', { class: 'privacy' }, 'nothing leaves this browser')
    this.#facts.replaceChildren(this.#state, this.#goOn, this.#model, this.#storage, this.#update, privacy)
    this.#pause.addEventListener('click', onPause)
    byId('work-cancel', HTMLButtonElement).addEventListener('click', onCancel)
  }

  /** @param bytes What this site keeps in the browser; `null` where it does not say. */
  show(model: EmbedderInfo | null, library: PaperIndexInfo | null, bytes: number | null): void {
    const parts: string[] = []
    if (model) {
      parts.push(shortModel(model), model.device, countOf(model.threads, 'thread'), model.dtype)
      if (model.workers > 1) parts.push(countOf(model.workers, 'worker'))
    } else parts.push('No model is loaded')
    if (library && library.papers > 0) {
      if (library.stale) parts.push('embedded by another model')
      // Who is read the status to is told when the work ends, not of every paper: the bar says how far it is.
      else if (library.pending > 0 && this.#isGone)
        parts.push(`${formatCount(library.vectors)} of ${countOf(library.papers, 'paper')} embedded`)
      else parts.push(countOf(library.papers, 'paper'))
      if (!library.storage.persistent) parts.push('not kept for the next visit')
    }
    const state = parts.join(' · ')
    if (this.#state.textContent !== state) this.#state.textContent = state
    this.#storage.textContent = bytes === null ? 'Storage' : `${formatBytes(bytes)} here`
    this.#goOn.hidden = !this.#isGone || !library || library.papers === 0 || (library.pending === 0 && !library.stale)
    const goOn = library?.stale ? 'Embed again' : library && library.vectors > 0 ? 'Go on embedding' : 'Embed them'
    this.#goOn.replaceChildren(goOn, keyCap('g', { 'aria-hidden': 'true' }))
    // The focus goes from a button that stops the work to the one that goes on with it, and back.
    if (this.#work.hidden && !this.#goOn.hidden && this.#work.contains(document.activeElement)) this.#goOn.focus()
    if (this.#goOn.hidden && !this.#work.hidden && document.activeElement === this.#goOn) this.#pause.focus()
  }

  get isWorking(): boolean {
    return !this.#isGone
  }

  /** @returns Whether there is work to pause or to go on with. */
  pauseOrGoOn(): boolean {
    const shown = [this.#pause, this.#goOn].find((made) => made.checkVisibility())
    shown?.click()
    return shown !== undefined
  }

  showUpdate(): void {
    this.#update.hidden = false
  }

  /** How far the work is; the bar says nothing where nobody knows. */
  showWork(work: Work, load: LoadProgress | null): void {
    this.#isGone = work.state === 'idle' || work.state === 'failed'
    this.#work.hidden = this.#isGone
    if (this.#isGone) return
    const { text, share } = work.state === 'embedding' ? embeddingWords(work) : loadingWords(load)
    this.#text.textContent = text
    this.#bar.setAttribute('aria-valuetext', text)
    this.#bar.toggleAttribute('data-unknown', share === null)
    if (share === null) this.#bar.removeAttribute('aria-valuenow')
    else this.#bar.setAttribute('aria-valuenow', String(Math.round(share * 100)))
    this.#fill.style.inlineSize = share === null ? '' : `${share * 100}%`
  }
}

function shortModel({ model, defaultAdapter }: EmbedderInfo): string {
  const name = model.id
    .split('/')
    .at(-1)!
    .replace(/_base$/, '')
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
  if (stage !== 'download') return { text: 'The model is here, starting its runtime', share: null }
  const kept = fromCache > 0 ? `, ${formatBytes(fromCache)} of it from this browser` : ''
  return { text: `Loading the model: ${formatShareOfBytes(loaded, total)}${kept}`, share }
}
