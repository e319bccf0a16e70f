/**
 * Keys as in `KeyboardEvent.key`, separated by spaces; what they do, in the reader's words; and the action. An action that
 * returns `false` leaves the key to the next group, or to the browser.
 */
export type KeyBinding = readonly [keys: string, meaning: string, run: (event: KeyboardEvent) => unknown]

export interface KeyGroup {
  /** Where the keys work, as the help says it: "On the map". */
  place: string
  bindings: readonly KeyBinding[]
}

export interface KeyGroupOptions {
  /** Whether the keys work now; default: always. */
  when?: () => boolean
  /** The keys work while the focus is in this element, in its text fields too. */
  focusIn?: HTMLElement
  /** Removes the bindings. */
  signal?: AbortSignal
}

/** The latest first: a view's keys come before the page's. */
const groups: (KeyGroup & KeyGroupOptions)[] = []

/** In other inputs letters do nothing. */
const TEXT_FIELDS = 'input:not([type=checkbox], [type=radio], [type=range]), textarea, select'

/**
 * Binds keys. None works with Ctrl, Meta or Alt or while a dialog is open. While somebody types, only Escape works, except in
 * a group with `focusIn`.
 */
export function bindKeys(place: string, bindings: readonly KeyBinding[], options: KeyGroupOptions = {}): void {
  const group = { place, bindings, ...options }
  groups.unshift(group)
  options.signal?.addEventListener('abort', () => groups.splice(groups.indexOf(group), 1))
  document.addEventListener('keydown', press)
}

/** Ctrl+Z or, on a Mac, Cmd+Z, except where somebody types. */
export function bindUndo(run: () => void): void {
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'z' || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)) return
    if (document.querySelector('dialog[open]') || document.activeElement?.matches(TEXT_FIELDS)) return
    event.preventDefault()
    run()
  })
}

/** The keys that work now, or would with the focus in place. A key that one group takes is left out of the next ones. */
export function activeKeys(): KeyGroup[] {
  const taken = new Set<string>()
  return activeGroups().flatMap(({ place, bindings: all, focusIn }) => {
    const bindings = all.filter(([keys]) => !keys.split(' ').every((key) => taken.has(key)))
    if (!focusIn) for (const [keys] of all) for (const key of keys.split(' ')) taken.add(key)
    return bindings.length > 0 ? [{ place, bindings }] : []
  })
}

const activeGroups = () => groups.filter(({ when, focusIn }) => (when?.() ?? true) && (focusIn?.checkVisibility() ?? true))

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (document.querySelector('dialog[open]')) return
  const focus = document.activeElement
  const isTyping = focus?.matches(TEXT_FIELDS) ?? false
  for (const { bindings, focusIn } of activeGroups()) {
    if (focusIn ? !focusIn.contains(focus) : isTyping && event.key !== 'Escape') continue
    for (const [keys, , run] of bindings) {
      if (!keys.split(' ').includes(event.key) || run(event) === false) continue
      event.preventDefault()
      return
    }
  }
}
