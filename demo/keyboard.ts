/** What a key does; `false` leaves it to the browser. */
export type KeyBinding = () => unknown

/** Keys of the whole page: not while a dialog is open, nor while somebody types, where Escape alone is heard. */
export function bindKeys(bindings: Readonly<Record<string, KeyBinding>>): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]')) return
    const isTyping = document.activeElement?.matches('input, textarea, select') ?? false
    if (isTyping && event.key !== 'Escape') return
    const binding = bindings[event.key]
    if (binding && binding() !== false) event.preventDefault()
  })
}
