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
  if (!(found instanceof type)) throw new TypeError(`index.html has no ${type.name} #${id}.`)
  return found
}

/** A link that leaves the page open, since its vectors would be lost. */
export function outsideLink(href: string, text: string): HTMLAnchorElement {
  return element('a', { href, target: '_blank', rel: 'noopener' }, text)
}

export function key(name: string): HTMLElement {
  return element('kbd', { 'aria-hidden': 'true' }, name)
}
