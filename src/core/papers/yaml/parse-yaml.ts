/** A value of YAML; scalars stay text, as bibliographies have no other types whose spelling matters. */
export type YamlValue = string | YamlValue[] | { [key: string]: YamlValue }

interface Line {
  indent: number
  text: string
}

/** Nested blocks and flow collections. CSL nests 6 deep. */
const MAX_DEPTH = 50
const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#'"[{&*!|>%@`-][^#]*?|-[^\s#][^#]*?))\s*:(?:\s+(.*)|\s*)$/s

/**
 * Parses a YAML block of mappings, lists and scalars: plain, quoted, literal (`|`) and folded (`>`), and flow lists and mappings.
 * Anchors, tags and merge keys, which no bibliography program writes, stay text.
 */
export function parseYaml(text: string): YamlValue {
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => !/^(?:---|\.\.\.)(?:\s|$)|^%/.test(line))
    .map((line): Line => {
      const content = line.trimStart()
      return { indent: line.length - content.length, text: content.trimEnd() }
    })
  return new Block(lines).value(-1, 0)
}

class Block {
  readonly #lines: Line[]
  #at = 0

  constructor(lines: Line[]) {
    this.#lines = lines
  }

  /** The value on the lines that are indented by more than `parent`. */
  value(parent: number, depth: number): YamlValue {
    const line = this.#next()
    if (line === undefined || line.indent <= parent || depth > MAX_DEPTH) return ''
    if (/^-(?:\s|$)/.test(line.text)) return this.#list(line.indent, depth)
    return KEY.test(line.text) ? this.#mapping(line.indent, depth) : this.#scalar(parent)
  }

  #list(indent: number, depth: number): YamlValue[] {
    const items: YamlValue[] = []
    for (let line = this.#next(); line?.indent === indent && /^-(?:\s|$)/.test(line.text); line = this.#next()) {
      const rest = line.text.slice(1).trimStart()
      if (rest === '' || rest.startsWith('#')) {
        this.#at++
        items.push(this.value(indent, depth + 1))
      } else if (/^-(?:\s|$)/.test(rest) || KEY.test(rest)) {
        // The item's own block begins on the line of its dash.
        this.#lines[this.#at] = { indent: indent + line.text.length - rest.length, text: rest }
        items.push(this.value(indent, depth + 1))
      } else {
        this.#lines[this.#at] = { indent: indent + 1, text: rest }
        items.push(this.#scalar(indent))
      }
    }
    return items
  }

  #mapping(indent: number, depth: number): YamlValue {
    const entries: [string, YamlValue][] = []
    for (let line = this.#next(); line?.indent === indent; line = this.#next()) {
      const match = KEY.exec(line.text)
      if (!match) break
      const key = match[1] !== undefined ? unescaped(match[1]) : (match[2]?.replaceAll("''", "'") ?? match[3]!)
      const rest = match[4] ?? ''
      if (rest === '' || rest.startsWith('#')) {
        this.#at++
        // A list may stand at the indentation of its key.
        const next = this.#next()
        const listed = next?.indent === indent && /^-(?:\s|$)/.test(next.text)
        entries.push([key, this.value(listed ? indent - 1 : indent, depth + 1)])
      } else {
        this.#lines[this.#at] = { indent: indent + 1, text: rest }
        entries.push([key, this.#scalar(indent)])
      }
    }
    return Object.fromEntries(entries.filter(([key]) => key !== '__proto__'))
  }

  /** A scalar or a flow collection that begins on the current line. */
  #scalar(parent: number): YamlValue {
    const first = this.#lines[this.#at++]!.text
    const style = /^([|>])[+-]?\d?[+-]?(?:\s+#.*)?$/.exec(first)?.[1]
    if (style !== undefined) return this.#blockText(parent, style)
    let text = first
    const open = () =>
      (/^"/.test(text) && !/^"(?:[^"\\]|\\.)*"/s.test(text)) ||
      (/^'/.test(text) && !/^'(?:[^']|'')*'/s.test(text)) ||
      (/^[[{]/.test(text) && !isClosed(text))
    for (
      let line = this.#lines[this.#at];
      line && (line.text === '' ? open() : open() || line.indent > parent);
      line = this.#lines[this.#at]
    ) {
      text += line.text === '' ? '\n' : `${text.endsWith('\n') ? '' : ' '}${line.text}`
      this.#at++
    }
    if (text.startsWith('"')) return unescaped(/^"((?:[^"\\]|\\.)*)/s.exec(text)![1]!)
    if (text.startsWith("'")) return /^'((?:[^']|'')*)/s.exec(text)![1]!.replaceAll("''", "'")
    if (/^[[{]/.test(text)) return new Flow(text).value(0)
    const plain = text.replace(/\s#.*$/s, '').trim()
    return plain === '~' || plain === 'null' ? '' : plain
  }

  #blockText(parent: number, style: string): string {
    const lines: string[] = []
    let base = -1
    for (let line = this.#lines[this.#at]; line && (line.text === '' || line.indent > parent); line = this.#lines[++this.#at]) {
      if (base < 0 && line.text !== '') base = line.indent
      lines.push(line.text === '' ? '' : ' '.repeat(Math.max(0, line.indent - base)) + line.text)
    }
    return (style === '|' ? lines.join('\n') : lines.map((line) => (line === '' ? '\n' : line)).join(' ')).trim()
  }

  #next(): Line | undefined {
    while (this.#at < this.#lines.length && /^(?:#|$)/.test(this.#lines[this.#at]!.text)) this.#at++
    return this.#lines[this.#at]
  }
}

/** Reads `[a, b]` and `{ a: b }`. */
class Flow {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): YamlValue {
    this.#space()
    const open = this.#text[this.#at]
    if ((open === '[' || open === '{') && depth < MAX_DEPTH) return this.#collection(open, depth)
    const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/sy
    quoted.lastIndex = this.#at
    const found = quoted.exec(this.#text)?.[0]
    if (found !== undefined) {
      this.#at += found.length
      return found.startsWith('"') ? unescaped(found.slice(1, -1)) : found.slice(1, -1).replaceAll("''", "'")
    }
    const plain = /(?:[^,[\]{}:]|:(?!\s))*/y
    plain.lastIndex = this.#at
    const text = plain.exec(this.#text)![0]
    this.#at += text.length
    return text.trim()
  }

  #collection(open: '[' | '{', depth: number): YamlValue {
    const items: YamlValue[] = []
    const entries: [string, YamlValue][] = []
    this.#at++
    while (this.#at < this.#text.length) {
      this.#space()
      const character = this.#text[this.#at]
      if (character === ']' || character === '}') break
      if (character === ',' || character === ':') {
        this.#at++
        continue
      }
      const value = this.value(depth + 1)
      this.#space()
      if (open === '{' && this.#text[this.#at] === ':' && typeof value === 'string') {
        this.#at++
        if (value === '__proto__') this.value(depth + 1)
        else entries.push([value, this.value(depth + 1)])
      } else items.push(value)
      // A bracket that opens beyond the depth limit would never be passed.
      if (/[[{]/.test(this.#text[this.#at] ?? '')) this.#at++
    }
    this.#at++
    return open === '[' ? items : Object.fromEntries(entries)
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}

function isClosed(text: string): boolean {
  let depth = 0
  for (const character of text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/gs, ''))
    depth += /[[{]/.test(character) ? 1 : /[\]}]/.test(character) ? -1 : 0
  return depth <= 0
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', e: '\u001b', _: '\u00a0', '\n': '' }

function unescaped(text: string): string {
  return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g, (_, x, u, long, one) => {
    const code = x ?? u ?? long
    if (code === undefined) return ESCAPES[one] ?? one
    const point = Number.parseInt(code, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ''
  })
}
