export type Attributes = Readonly<Record<string, string | number | boolean | null>>

/** What an element can hold; nothing is added for `false`, `null` and `undefined`. */
export type Child = Node | string | false | null | undefined

export type Option = readonly [value: string, text: string]

/** An element; strings become text, never markup. `false` and `null` leave an attribute out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null) made.setAttribute(name, value === true ? '' : String(value))
  }
  setChildren(made, ...children)
  return made
}

export function setChildren(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...children.filter((child) => child !== false && child !== null && child !== undefined))
}

/** The element of index.html with this id and class. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new TypeError(`The page has no ${type.name} #${id}.`)
  return found
}

/** @param key The key that does the same, shown on the button; the binding itself is made by `bindKeys`. */
export function button(
  label: Child | readonly Child[],
  onClick: (event: MouseEvent) => void | Promise<void>,
  { class: name = 'quiet', key, ...attributes }: Attributes & { class?: string; key?: string } = {},
): HTMLButtonElement {
  const made = element(
    'button',
    { type: 'button', class: name, 'aria-keyshortcuts': key ?? null, ...attributes },
    ...(Array.isArray(label) ? (label as readonly Child[]) : [label as Child]),
    key !== undefined && keyCap(key, { 'aria-hidden': 'true' }),
  )
  made.addEventListener('click', (event) => void onClick(event))
  return made
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  Delete: 'del',
  Enter: 'enter',
  Escape: 'esc',
  PageDown: 'page down',
  PageUp: 'page up',
}

/** @param key A `KeyboardEvent.key`. */
export function keyCap(key: string, attributes: Attributes = {}): HTMLElement {
  return element('kbd', attributes, KEY_NAMES[key] ?? key)
}

/** @param chosen The first option if left out. */
export function select(attributes: Attributes, options: readonly Option[] = [], chosen?: string): HTMLSelectElement {
  const made = element('select', attributes)
  setOptions(made, options, chosen ?? options[0]?.[0])
  return made
}

/** Offers other options. `chosen` stays chosen if it is among them; otherwise the first is. */
export function setOptions(target: HTMLSelectElement, options: readonly Option[], chosen = target.value): void {
  target.replaceChildren(...options.map(([value, text]) => element('option', { value }, text)))
  target.value = chosen
  if (target.selectedIndex < 0) target.selectedIndex = 0
}

/** The label of a control that has an id. */
export function labelFor(control: HTMLElement, text: string): HTMLLabelElement {
  return element('label', { for: control.id }, text)
}

/** A form around one text field: Enter hands over its text, trimmed. */
export function textForm(
  attributes: Attributes,
  field: HTMLInputElement,
  onSubmit: (text: string) => void,
  ...others: readonly Child[]
): HTMLFormElement {
  const form = element('form', attributes, field, ...others)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    onSubmit(field.value.trim())
  })
  return form
}

/** A radio button with a name and a line of facts, as in a list of models. */
export function offer(radio: HTMLInputElement, name: string, facts: string): HTMLLabelElement {
  return element(
    'label',
    { class: 'offer' },
    radio,
    element('span', {}, element('b', {}, name), element('span', { class: 'hint' }, facts)),
  )
}

/** A link that opens in a new tab. */
export function outsideLink(href: string, text: string): HTMLAnchorElement {
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text)
}

/** Saves a file to the reader's disk. */
export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = element('a', { href: url, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  // Firefox and Safari start reading it later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** @returns Whether the browser allowed it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
