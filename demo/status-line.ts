import type { EmbedderInfo } from '../src/index.js'
import { byId, element } from './dom.js'
import { countOf, formatBytes, formatRate } from './format.js'

const PRIVACY = 'nothing leaves this browser'

/** What runs, on what, from where, how fast. A live region: it changes when something is done, not while it is. */
export class StatusLine {
  readonly #root = byId('status', HTMLElement)

  idle(): void {
    this.#show(['No model is loaded'])
  }

  loading(model: string): void {
    this.#show([`Loading ${model}`])
  }

  /** @param rate Papers a second of the last work, or `null` before any. */
  running({ model, device, threads, dtype, bytes, bytesDownloaded, storage }: EmbedderInfo, rate: number | null): void {
    const kept = bytes - bytesDownloaded
    this.#show([
      model.id,
      device,
      countOf(threads, 'thread'),
      dtype,
      ...(rate === null ? [] : [`${formatRate(rate)} papers a second`]),
      ...(bytesDownloaded > 0 ? [`${formatBytes(bytesDownloaded)} downloaded`] : []),
      ...(kept > 0 ? [`${formatBytes(kept)} from this browser`] : []),
      ...(storage.cached ? [] : ['not kept for the next visit']),
    ])
    this.#root.title = storage.cached ? '' : storage.reason
  }

  #show(facts: readonly string[]): void {
    this.#root.replaceChildren(...[...facts, PRIVACY].flatMap((fact, i) => (i === 0 ? [span(fact)] : [' · ', span(fact)])))
  }
}

function span(text: string): HTMLElement {
  return element('span', { class: 'fact' }, text)
}
