import { createEmbedder } from '../../src/index.js'
import { appInstalled, installApp } from '../offline/app-worker.js'
import { byId, element, offer } from '../ui/dom.js'
import { formatShareOfBytes, messageOf } from '../ui/format.js'

/** The models on offer: name for `createEmbedder`, name for people, size and licence. */
const MODELS = [
  ['specter2', 'SPECTER2 with its four adapters', '454 MB downloaded, 110 MB stored · licence Apache-2.0'],
  ['specter2-aug2023refresh', 'SPECTER2, refreshed in August 2023', '454 MB downloaded, 110 MB stored · licence Apache-2.0'],
  ['specter', 'SPECTER, the original', '440 MB downloaded, 110 MB stored · licence Apache-2.0'],
  ['scincl', 'SciNCL', '440 MB downloaded, 110 MB stored · licence MIT'],
] as const

const state = byId('state', HTMLElement)
const progress = byId('progress', HTMLProgressElement)
const downloadButton = byId('download', HTMLButtonElement)
const cancelButton = byId('cancel', HTMLButtonElement)
let abort = new AbortController()

byId('models', HTMLFieldSetElement).append(
  ...MODELS.map(([value, name, facts], index) =>
    offer(element('input', { type: 'radio', name: 'model', value, checked: index === 0 }), name, facts),
  ),
)

downloadButton.addEventListener('click', () => void downloadModel())
cancelButton.addEventListener('click', () => abort.abort())
void installApp(() => {})

async function downloadModel(): Promise<void> {
  abort = new AbortController()
  show(true)
  try {
    await appInstalled()
    const embedder = await createEmbedder({
      model: document.querySelector<HTMLInputElement>('input[name=model]:checked')!.value,
      assets: './',
      signal: abort.signal,
      onProgress({ stage, loaded, total }) {
        const share = total > 0 ? loaded / total : null
        const verb = { download: 'Downloading', convert: 'Converting', start: 'Testing', ready: 'Ready' }[stage]
        state.textContent = total > 0 ? `${verb}: ${formatShareOfBytes(loaded, total)}` : verb
        if (share === null) progress.removeAttribute('value')
        else progress.value = share
      },
    })
    const { model } = embedder.info
    await embedder.dispose()
    show(false)
    state.replaceChildren(
      `${model.id} is ready, revision ${model.revision}. `,
      element('a', { href: './' }, 'Choose it under Model.'),
    )
  } catch (error) {
    show(false)
    state.textContent = `${abort.signal.aborted ? 'Cancelled.' : messageOf(error)} The next try continues with what was downloaded.`
  }
}

function show(isBusy: boolean): void {
  downloadButton.disabled = isBusy
  cancelButton.hidden = !isBusy
  progress.hidden = !isBusy
  progress.removeAttribute('value')
  state.textContent = isBusy ? 'Connecting to the hub' : ''
}
