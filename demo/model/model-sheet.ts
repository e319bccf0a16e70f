import { pickFiles } from '../imports/incoming-files.js'
import { Dialog } from '../ui/dialog.js'
import { button, element, labelFor, offer, select, setOptions } from '../ui/dom.js'
import { formatBytes } from '../ui/format.js'
import { type ModelOffer, modelOffers } from './model-catalog.js'
import type { ModelChoice } from './model-choice.js'

export interface ModelSheetEvents {
  onChoose: (choice: ModelChoice) => void
  onFiles: (files: ReadonlyMap<string, File>) => void
}

/** Which model reads the papers: its size, its licence, and whether this browser has it, before anything is downloaded. */
export async function openModelSheet(current: ModelChoice, { onChoose, onFiles }: ModelSheetEvents): Promise<void> {
  const dialog = new Dialog('Model', { wide: true })
  dialog.body.append(element('p', { role: 'status' }, 'Looking for models'))
  dialog.open()
  const offers = await modelOffers()
  const adapters = select({ id: 'adapter', 'aria-describedby': 'adapter-hint' })
  const adapterField = element(
    'p',
    { class: 'field' },
    labelFor(adapters, 'Adapter for papers '),
    adapters,
    element('span', { id: 'adapter-hint', class: 'hint' }, ' Queries use their own adapter if the model has one.'),
  )
  const threads = element('input', {
    id: 'threads',
    type: 'number',
    min: 1,
    max: 64,
    placeholder: 'auto',
    inputmode: 'numeric',
    value: current.threads,
    disabled: !crossOriginIsolated,
  })
  const url = element('input', {
    id: 'model-url',
    type: 'text',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: 'models/specter2/',
  })

  let chosen = offers.find(({ model }) => model === current.model)
  const choose = (offer: ModelOffer | undefined) => {
    chosen = offer
    const names = offer?.adapters ?? []
    const options = names.map((name, index) => [name, index === 0 ? `${name} (default)` : name] as const)
    setOptions(adapters, options, (offer?.model === current.model && current.adapter) || names[0])
    adapterField.hidden = names.length < 2
  }
  const rows = offers.map((model) => {
    const radio = element('input', { type: 'radio', name: 'model', checked: model === chosen })
    radio.addEventListener('change', () => choose(model))
    return offer(radio, model.name, factsOf(model))
  })
  const use = () => {
    const typed = url.value.trim()
    const model = typed === '' ? chosen : { model: typed, name: typed }
    if (!model) return
    dialog.close()
    const count = threads.valueAsNumber
    onChoose({
      model: model.model,
      name: model.name,
      adapter: typed !== '' || adapters.selectedIndex <= 0 ? null : adapters.value,
      threads: Number.isInteger(count) && count >= 1 ? count : null,
    })
  }
  const pickFolder = () => {
    dialog.close()
    pickFiles(onFiles, { folder: true })
  }
  dialog.body.replaceChildren(
    element('fieldset', { class: 'offers' }, element('legend', { class: 'visually-hidden' }, 'Models'), ...rows),
    adapterField,
    element(
      'details',
      // Readers without SPECTER2 look for how to get it.
      { open: !offers.some(({ name }) => name.startsWith('specter2')) },
      element('summary', {}, 'SPECTER2, from its published files or from the hub'),
      element(
        'p',
        {},
        'SPECTER2 is trained on papers and their citations: 440 MB as published, 110 MB once converted to 8 bits. Drop its published folder and those of its adapters on this page, or ',
        button('choose the folder', pickFolder),
        '. They are converted in this browser, once.',
      ),
      element(
        'p',
        {},
        'Or download it from huggingface.co on ',
        element('a', { href: 'hub.html' }, 'a separate page'),
        ', the only one that may connect there; this page may not. Neither sends your papers anywhere.',
      ),
      element('p', { class: 'hint' }, 'If you host this page, put a converted folder under models/ to have it listed here.'),
    ),
    element(
      'details',
      {},
      element('summary', {}, 'Another folder, and threads'),
      element('p', { class: 'field' }, labelFor(url, 'Folder on this site '), url),
      element(
        'p',
        { class: 'field' },
        labelFor(threads, 'Threads '),
        threads,
        element(
          'span',
          { class: 'hint' },
          crossOriginIsolated
            ? ` If empty, as many as suit the ${navigator.hardwareConcurrency} cores here.`
            : ' Only one until you reload the page.',
        ),
      ),
    ),
  )
  choose(chosen)
  dialog.setActions(button('Use this model', use, { class: 'primary' }))
  rows[0]?.querySelector('input')?.focus()
}

function factsOf({ license, bytes, cached }: ModelOffer): string {
  const size = bytes === null ? 'size unknown' : formatBytes(bytes)
  const where = cached ? 'stored in this browser' : 'downloaded once'
  return `${size} · licence ${license} · ${where}`
}
