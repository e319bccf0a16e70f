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
  /** The keys work while this is visible; default: the whole page. */
  area?: HTMLElement
  /** Whether the focus must be in the area. The keys then work in its text fields, too. */
  needsFocus?: boolean
  /** Removes the bindings. */
  signal?: AbortSignal
}

/** The latest first: a view's keys come before the page's. */
const groups: (KeyGroup & { area: HTMLElement; needsFocus: boolean })[] = []

/** Letters mean nothing in the others. */
const TEXT_FIELDS = 'input:not([type=checkbox], [type=radio], [type=range]), textarea, select'

/**
 * Binds keys. None works while a dialog is open or with Ctrl, Meta or Alt; while somebody types, only Escape does, unless the
 * group needs the focus.
 */
export function bindKeys(
  place: string,
  bindings: readonly KeyBinding[],
  { area = document.body, needsFocus = false, signal }: KeyGroupOptions = {},
): void {
  const group = { place, bindings, area, needsFocus }
  groups.unshift(group)
  signal?.addEventListener('abort', () => groups.splice(groups.indexOf(group), 1))
  document.addEventListener('keydown', press)
}

/** The keys that work now, group by group; a key that an earlier group takes is left out of the later ones. */
export function activeKeys(): KeyGroup[] {
  const taken = new Set<string>()
  return visibleGroups().flatMap(({ place, bindings: all }) => {
    const bindings = all.filter(([keys]) => !keys.split(' ').every((key) => taken.has(key)))
    for (const [keys] of all) for (const key of keys.split(' ')) taken.add(key)
    return bindings.length > 0 ? [{ place, bindings }] : []
  })
}

const visibleGroups = () => groups.filter(({ area }) => area.checkVisibility())

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (document.querySelector('dialog[open]')) return
  const focus = document.activeElement
  const isTyping = focus?.matches(TEXT_FIELDS) ?? false
  for (const { bindings, area, needsFocus } of visibleGroups()) {
    if (needsFocus ? !area.contains(focus) : isTyping && event.key !== 'Escape') continue
    for (const [keys, , run] of bindings) {
      if (!keys.split(' ').includes(event.key) || run(event) === false) continue
      event.preventDefault()
      return
    }
  }
}
