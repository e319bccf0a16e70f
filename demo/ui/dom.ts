type Attributes = Readonly<Record<string, string | number | boolean | null>>

/** An element; strings become text, never markup. `false` and `null` leave an attribute out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null) made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children)
  return made
}

/** The element of index.html that has this id and class. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new TypeError(`The page has no ${type.name} #${id}.`)
  return found
}

/** A button that does one thing. @param shortcut The key that does it, too. */
export function button(
  text: string,
  onClick: (event: MouseEvent) => void,
  { class: name = 'quiet', shortcut, ...attributes }: Attributes & { class?: string; shortcut?: string } = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', class: name, 'aria-keyshortcuts': shortcut ?? null, ...attributes }, text)
  if (shortcut) made.append(key(shortcut === 'Escape' ? 'esc' : shortcut === 'Delete' ? 'del' : shortcut))
  made.addEventListener('click', onClick)
  return made
}

/** A link that leaves the page open. */
export function outsideLink(href: string, text: string): HTMLAnchorElement {
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text)
}

export function key(name: string): HTMLElement {
  return element('kbd', { 'aria-hidden': 'true' }, name)
}

/** A select of these options. */
export function select(
  attributes: Attributes,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): HTMLSelectElement {
  return element(
    'select',
    attributes,
    ...options.map(([value, text]) => element('option', { value, selected: value === chosen }, text)),
  )
}

/** A file for the reader's disk. */
export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = element('a', { href: url, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  // Firefox and Safari begin to read it later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
