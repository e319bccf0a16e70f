import type { LoadProgress } from '../src/index.js'
import { byId } from './dom.js'
import { formatBytes, formatRate, formatSeconds, formatShareOfBytes } from './format.js'
import type { ReadingProgress } from './reader.js'

/** Under the search field: what is being done, how far it is, and Cancel. The header's rule is its bar. */
export class WorkLine {
  readonly #root = byId('work', HTMLElement)
  readonly #text = byId('work-text', HTMLElement)
  readonly #bar = byId('work-bar', HTMLElement)
  readonly #fill = byId('work-fill', HTMLElement)

  constructor(onCancel: () => void) {
    byId('work-cancel', HTMLButtonElement).addEventListener('click', onCancel)
  }

  /** @param progress `null` before anything is known. */
  showLoading(progress: LoadProgress | null): void {
    const { text, share } = loadingWords(progress)
    this.#show('Loading the model', text, share)
  }

  showReading({ done, total, rate }: ReadingProgress): void {
    const parts = [`Embedding ${done} of ${total}`]
    if (rate && done > 0 && done < total) parts.push(`${formatSeconds(rate.secondsLeft)} left`)
    if (rate) parts.push(`${formatRate(rate.perSecond)} a second`)
    this.#show('Embedding papers', parts.join(', '), done / total)
  }

  hide(): void {
    this.#root.hidden = true
  }

  /** @param share From 0 to 1; `null` where nobody knows. */
  #show(label: string, text: string, share: number | null): void {
    this.#root.hidden = false
    this.#text.textContent = text
    this.#bar.setAttribute('aria-label', label)
    this.#bar.setAttribute('aria-valuetext', text)
    this.#bar.toggleAttribute('data-unknown', share === null)
    if (share === null) this.#bar.removeAttribute('aria-valuenow')
    else this.#bar.setAttribute('aria-valuenow', String(Math.round(share * 100)))
    this.#fill.style.inlineSize = share === null ? '' : `${share * 100}%`
  }
}

function loadingWords(progress: LoadProgress | null): { text: string; share: number | null } {
  if (!progress || progress.total === 0) return { text: 'Looking for the model', share: null }
  const { stage, loaded, total, fromCache } = progress
  if (stage !== 'download') return { text: 'The model is here, starting its runtime', share: null }
  const kept = fromCache > 0 ? `, ${formatBytes(fromCache)} of it from this browser` : ''
  return { text: `Loading the model: ${formatShareOfBytes(loaded, total)}${kept}`, share: loaded / total }
}
