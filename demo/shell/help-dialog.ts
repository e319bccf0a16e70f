import { Dialog } from '../ui/dialog.js'
import { element, keyCap } from '../ui/dom.js'
import { activeKeys, type KeyBinding } from '../ui/keyboard.js'

/** The keys that work now, and what this page is. */
export function openHelp(): void {
  const keys = activeKeys()
  const dialog = new Dialog('Keys and help', { wide: true })
  dialog.body.append(
    ...keys.flatMap(({ place, bindings }) => [element('h3', {}, place), keyList(bindings)]),
    element('p', { class: 'hint' }, 'The map and the duplicates have more keys: press ? there.'),
    element('h3', {}, 'What happens to your papers'),
    element(
      'p',
      {},
      'This browser reads, embeds, searches and stores them. The page’s content security policy lets it connect only to the site it came from. After the first visit it works offline.',
    ),
    element('h3', {}, 'How results are found'),
    element(
      'p',
      {},
      'By meaning: the model turns each title and abstract into a vector, and papers with vectors near that of the search come first. By words: papers with the words of the search come first, rare words counting most. Both combines the two and finds most. The two bars beside a result show its rank on each side.',
    ),
    element('h3', {}, 'The sample'),
    element(
      'p',
      {},
      'It lists real papers with their bibliographic facts. The summaries are in our own words and are not the papers’ abstracts. The page starts with a small general model, all-MiniLM-L6-v2, so that it works within seconds. SPECTER2, trained on papers and their citations, is under Model.',
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
