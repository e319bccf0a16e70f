import { Dialog } from '../ui/dialog.js'
import { element, keyCap } from '../ui/dom.js'
import { activeKeys, type KeyBinding } from '../ui/keyboard.js'

/** The keys, and what this page is. */
export function openHelp(): void {
  const dialog = new Dialog('Keys and help', { wide: true })
  dialog.body.append(
    ...activeKeys().flatMap(({ place, bindings }) => [element('h3', {}, place), keyList(bindings)]),
    element('h3', {}, 'What happens to your papers'),
    element(
      'p',
      {},
      'They are read, embedded and searched in this browser and kept in its storage. The page’s content security policy lets it connect to the site that it came from and to nobody else; after the first visit it works without network.',
    ),
    element('h3', {}, 'How results are found'),
    element(
      'p',
      {},
      'By meaning: the model turns each title and abstract into a vector, and papers near to the search’s vector come first. By words: those that have the search’s words, rare ones above all. Both: the two together, which finds most. The two bars beside a result show its place on either side.',
    ),
    element('h3', {}, 'The sample'),
    element(
      'p',
      {},
      'It lists real papers with their bibliographic facts. Their summaries are written in our own words and are not the papers’ abstracts. The page starts with a small general model, all-MiniLM-L6-v2, so that it works within seconds; SPECTER2, trained on papers and their citations, is under Model.',
    ),
  )
  dialog.open()
}

function keyList(bindings: readonly KeyBinding[]): HTMLElement {
  const rows = bindings.map(([keys, meaning]) =>
    element(
      'div',
      {},
      element('dt', {}, ...keys.split(' ').flatMap((key, index) => [index > 0 && ' ', keyCap(key)])),
      element('dd', {}, meaning),
    ),
  )
  return element('dl', { class: 'keys' }, ...rows)
}
