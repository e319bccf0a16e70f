import { pickFiles } from '../imports/dropped.js'
import { Dialog } from '../ui/dialog.js'
import { button, element } from '../ui/dom.js'
import { formatBytes } from '../ui/format.js'
import { type ModelOffer, modelOffers, RUNTIME_BYTES } from './model-catalog.js'
import type { ModelChoice } from './model-choice.js'

export interface SheetEvents {
  onChoose: (choice: ModelChoice) => void
  onFiles: (files: ReadonlyMap<string, File>) => void
}

/** Which model reads the papers: what each weighs, under which licence, and whether it is here, before anything is fetched. */
export async function openModelSheet(current: ModelChoice, { onChoose, onFiles }: SheetEvents): Promise<void> {
  const dialog = new Dialog('Model', { wide: true })
  dialog.body.append(element('p', { role: 'status' }, 'Looking which models are here'))
  dialog.open()
  const offers = await modelOffers()
  const radios = new Map<HTMLInputElement, ModelOffer>()
  const adapters = element('select', { id: 'adapter', 'aria-describedby': 'adapter-hint' })
  const adapterField = element(
    'p',
    { class: 'field' },
    element('label', { for: 'adapter' }, 'Adapter for papers '),
    adapters,
    element('span', { id: 'adapter-hint', class: 'hint' }, ' Queries use their own where the model has one.'),
  )
  const threads = element('input', { id: 'threads', type: 'number', min: 1, max: 64, placeholder: 'auto', inputmode: 'numeric' })
  if (current.threads !== null) threads.value = String(current.threads)
  threads.disabled = !crossOriginIsolated
  const url = element('input', {
    id: 'model-url',
    type: 'text',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: 'models/specter2/',
  })

  const chosen = () => [...radios].find(([radio]) => radio.checked)?.[1] ?? null
  const showAdapters = () => {
    const offer = chosen()
    const names = offer?.adapters ?? []
    adapterField.hidden = names.length < 2
    const own = offer?.model === current.model ? current.adapter : null
    adapters.replaceChildren(
      ...names.map((name, index) =>
        element('option', { value: name, selected: name === own }, index === 0 ? `${name} (the model’s own)` : name),
      ),
    )
  }
  const rows = offers.map((offer) => {
    const radio = element('input', { type: 'radio', name: 'model', checked: offer.model === current.model })
    radio.addEventListener('change', showAdapters)
    radios.set(radio, offer)
    return element(
      'label',
      { class: 'offer' },
      radio,
      element('span', {}, element('b', {}, offer.name), element('span', { class: 'hint' }, facts(offer))),
    )
  })
  const use = () => {
    const typed = url.value.trim()
    const offer = chosen()
    if (typed === '' && !offer) return
    dialog.close()
    const count = threads.valueAsNumber
    onChoose({
      model: typed || offer!.model,
      name: typed || offer!.name,
      adapter: typed !== '' || adapters.selectedIndex <= 0 || adapterField.hidden ? null : adapters.value,
      threads: Number.isInteger(count) && count >= 1 ? count : null,
    })
  }
  dialog.body.replaceChildren(
    element('fieldset', { class: 'offers' }, element('legend', { class: 'visually-hidden' }, 'Models'), ...rows),
    adapterField,
    element(
      'details',
      // Until it is here, how to get it is what one looks for.
      { open: !offers.some(({ name }) => name.startsWith('specter2')) },
      element('summary', {}, 'SPECTER2, from its published files or from the hub'),
      element(
        'p',
        {},
        'SPECTER2 is trained on papers and their citations: 440 MB as published, 110 MB once converted to 8 bits. Drop its published folder and those of its adapters on this page, or ',
        button('choose the folder', () => {
          dialog.close()
          pickFiles(onFiles, { folder: true })
        }),
        '. They are converted in this browser, once.',
      ),
      element(
        'p',
        {},
        'Or have it fetched from huggingface.co by ',
        element('a', { href: 'hub.html' }, 'a page of its own'),
        ', which alone may connect there. This page may not. Your papers are not sent in either.',
      ),
      element('p', { class: 'hint' }, 'Who serves this page can put a converted folder under models/: it is listed here then.'),
    ),
    element(
      'details',
      {},
      element('summary', {}, 'Another folder, and threads'),
      element('p', { class: 'field' }, element('label', { for: 'model-url' }, 'Folder on this site '), url),
      element(
        'p',
        { class: 'field' },
        element('label', { for: 'threads' }, 'Threads '),
        threads,
        element(
          'span',
          { class: 'hint' },
          crossOriginIsolated
            ? ` Left empty: by the number of cores, ${navigator.hardwareConcurrency} here.`
            : ' One here until the page is loaded again.',
        ),
      ),
    ),
  )
  showAdapters()
  dialog.setActions(button('Use this model', use, { class: 'primary' }))
  rows[0]?.querySelector('input')?.focus()
}

function facts({ license, bytes, cached }: ModelOffer): string {
  const size = bytes === null ? 'size unknown' : formatBytes(bytes)
  const where = cached
    ? 'kept in this browser'
    : `fetched once, with ${formatBytes(RUNTIME_BYTES)} for the runtime if that is not here`
  return `${size} · licence ${license} · ${where}`
}
