import { createEmbedder } from '../../src/index.js'
import { appIsKept, keepApp } from '../offline/app-worker.js'
import { byId, element } from '../ui/dom.js'
import { formatShareOfBytes, messageOf } from '../ui/format.js'

/** What can be fetched: its name for the library, what it is, and what it weighs as published. */
const MODELS = [
  ['specter2', 'SPECTER2 with its four adapters', '454 MB fetched, 110 MB kept · licence Apache-2.0'],
  ['specter2-aug2023refresh', 'SPECTER2, refreshed in August 2023', '454 MB fetched, 110 MB kept · licence Apache-2.0'],
  ['specter', 'SPECTER, the first', '440 MB fetched, 110 MB kept · licence Apache-2.0'],
  ['scincl', 'SciNCL', '440 MB fetched, 110 MB kept · licence MIT'],
] as const

const state = byId('state', HTMLElement)
const progress = byId('progress', HTMLProgressElement)
const fetchButton = byId('fetch', HTMLButtonElement)
const cancelButton = byId('cancel', HTMLButtonElement)
let abort = new AbortController()

byId('models', HTMLFieldSetElement).append(
  ...MODELS.map(([value, name, facts], index) =>
    element(
      'label',
      { class: 'offer' },
      element('input', { type: 'radio', name: 'model', value, checked: index === 0 }),
      element('span', {}, element('b', {}, name), element('span', { class: 'hint' }, facts)),
    ),
  ),
)

fetchButton.addEventListener('click', () => void fetchModel())
cancelButton.addEventListener('click', () => abort.abort())
void keepApp(() => {})

async function fetchModel(): Promise<void> {
  abort = new AbortController()
  show(true)
  try {
    await appIsKept()
    const embedder = await createEmbedder({
      model: document.querySelector<HTMLInputElement>('input[name=model]:checked')!.value,
      assets: './',
      signal: abort.signal,
      onProgress({ stage, loaded, total }) {
        const share = total > 0 ? loaded / total : null
        const verb = { download: 'Fetching', convert: 'Converting', start: 'Testing', ready: 'Ready' }[stage]
        state.textContent = total > 0 ? `${verb}: ${formatShareOfBytes(loaded, total)}` : verb
        if (share === null) progress.removeAttribute('value')
        else progress.value = share
      },
    })
    const { model } = embedder.info
    await embedder.dispose()
    show(false)
    state.replaceChildren(
      `${model.id} is here, with revision ${model.revision}. `,
      element('a', { href: './' }, 'Choose it under Model.'),
    )
  } catch (error) {
    show(false)
    state.textContent = abort.signal.aborted
      ? 'Cancelled. What was fetched stays here, so the next try goes on from there.'
      : `${messageOf(error)} What was fetched stays here, so the next try goes on from there.`
  }
}

function show(isBusy: boolean): void {
  fetchButton.disabled = isBusy
  cancelButton.hidden = !isBusy
  progress.hidden = !isBusy
  progress.removeAttribute('value')
  state.textContent = isBusy ? 'Asking the hub' : ''
}
