/** What a key does; `false` leaves it to the browser. */
export type KeyBinding = (event: KeyboardEvent) => unknown

/** Keys of the whole page: not while a dialog is open, nor while somebody types, where Escape alone is heard. */
export function bindKeys(bindings: Readonly<Record<string, KeyBinding>>): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]')) return
    const isTyping = document.activeElement?.matches('input:not([type=checkbox], [type=radio]), textarea, select') ?? false
    if (isTyping && event.key !== 'Escape') return
    const binding = bindings[event.key]
    if (binding && binding(event) !== false) event.preventDefault()
  })
}

/** Keys, and what each does, for people. */
export const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [['/'], 'Search'],
  [['↓', 'j'], 'Next paper'],
  [['↑', 'k'], 'Previous paper'],
  [['Enter'], 'Open the paper'],
  [['Esc'], 'Back: close the paper, then clear the search'],
  [['x'], 'Select the paper'],
  [['m'], 'More like this paper'],
  [['n'], 'Less like this paper'],
  [['l'], 'Label the open paper'],
  [['t'], 'Write a note on the open paper'],
  [['c'], 'Copy the citation'],
  [['Delete'], 'Remove the paper, or those selected'],
  [['1', '2', '3'], 'Papers, map, duplicates'],
  [['o'], 'Add files'],
  [['p'], 'Paste papers'],
  [['e'], 'Export'],
  [['g'], 'Pause embedding, or go on'],
  [['q'], 'Cancel embedding'],
  [['?'], 'These keys'],
]
