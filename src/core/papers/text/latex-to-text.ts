import { ACCENTS, DOUBLE_STRUCK, SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS } from './latex-symbols.js'

/** Commands whose arguments are not text, with the number of arguments. */
const DROPPED = new Map([
  ['discretionary', 3],
  ['label', 1],
  ['vspace', 1],
  ['hspace', 1],
  ['rule', 2],
  ['color', 1],
  ['fontsize', 2],
  ['phantom', 1],
  ['bibinfo', 1],
  ['noopsort', 1],
  ['begin', 1],
  ['end', 1],
  ['SortNoop', 1],
  ['hskip', 0],
  ['includegraphics', 1],
  ['selectlanguage', 1],
])
/** Commands whose second argument is the text. */
const SECOND = new Set(['href', 'textcolor', 'foreignlanguage', 'bibfield', 'raisebox', 'texorpdfstring'])
const QUOTING = new Set(['enquote', 'mkbibquote', 'textquote'])
const SPACES = new Set([' ', '\n', '\t', '\r', ',', ';', ':', '/', '!', '>', '\\'])

/**
 * Converts a LaTeX fragment, as in BibTeX fields, to Unicode: accents, symbols, dashes, quotes, the text within commands, and
 * math as far as Unicode can express it (`$x_1^2$` is x₁²). An unknown command leaves its arguments. Braces may be unbalanced;
 * white space does not change.
 */
export function latexToText(latex: string): string {
  // Most fields have no LaTeX.
  if (!/[\\{}$~]|--|``|''|[?!]`/.test(latex)) return latex
  return new LatexReader(latex).all()
}

/** Nested groups and commands; anything deeper is read as if it were flat. */
const DEPTH = 200

class LatexReader {
  readonly #text: string
  #at = 0
  #depth = 0
  /** Ends of formulas that do not occur in the rest of the text. */
  readonly #noEnd = new Set<string>()

  constructor(text: string) {
    this.#text = text
  }

  all(): string {
    let out = ''
    // Skip a brace that closes nothing.
    while (this.#at < this.#text.length) {
      out += this.#until('', false)
      this.#at++
    }
    return out
  }

  /** Reads up to `end` or a closing brace, which is not read. */
  #until(end: string, math: boolean): string {
    const text = this.#text
    let out = ''
    while (this.#at < text.length) {
      const character = text[this.#at]!
      if (character === '}' || (end !== '' && text.startsWith(end, this.#at))) break
      out += this.#piece(character, math)
    }
    return out
  }

  #piece(character: string, math: boolean): string {
    const text = this.#text
    switch (character) {
      case '{':
        return this.#group(math)
      case '\\':
        return this.#command(math)
      case '~':
        this.#at++
        return ' '
      case '$':
        return this.#dollar(math)
      case '^':
      case '_':
        if (math) return this.#script(character)
        break
      case '-':
        if (text.startsWith('---', this.#at)) return this.#take(3, '—')
        if (text.startsWith('--', this.#at)) return this.#take(2, '–')
        break
      case '`':
        if (text.startsWith('``', this.#at)) return this.#take(2, '“')
        break
      case "'":
        if (text.startsWith("''", this.#at)) return this.#take(2, math ? '″' : '”')
        if (math) return this.#take(1, '′')
        break
      case '?':
      case '!':
        if (text[this.#at + 1] === '`' && text[this.#at + 2] !== '`') return this.#take(2, character === '?' ? '¿' : '¡')
        break
    }
    // Everything up to the next special character.
    PLAIN.lastIndex = this.#at + 1
    const end = PLAIN.exec(text)?.index ?? text.length
    const plain = text.slice(this.#at, end)
    this.#at = end
    return plain
  }

  #take(length: number, replacement: string): string {
    this.#at += length
    return replacement
  }

  #group(math: boolean): string {
    this.#at++
    if (this.#depth >= DEPTH) return ''
    this.#depth++
    const inner = this.#until('', math)
    this.#depth--
    this.#at++
    return inner
  }

  #dollar(math: boolean): string {
    if (math) return this.#take(1, '')
    const double = this.#text.startsWith('$$', this.#at)
    const mark = double ? '$$' : '$'
    // A dollar sign without a partner means money.
    if (!this.#ends(mark, this.#at + mark.length)) return this.#take(mark.length, mark)
    this.#at += mark.length
    const inner = this.#until(mark, true)
    if (this.#text.startsWith(mark, this.#at)) this.#at += mark.length
    return inner
  }

  #ends(mark: string, from: number): boolean {
    if (!this.#noEnd.has(mark) && this.#text.indexOf(mark, from) >= 0) return true
    this.#noEnd.add(mark)
    return false
  }

  #script(mark: '^' | '_'): string {
    this.#at++
    return raised(this.#argument(true), mark)
  }

  /** A group, a command, or the next character that is not a space. */
  #argument(math: boolean): string {
    const text = this.#text
    while (this.#at < text.length && /\s/.test(text[this.#at]!)) this.#at++
    const character = text[this.#at]
    if (character === undefined || character === '}') return ''
    if (character === '{') return this.#group(math)
    if (character === '\\') return this.#command(math)
    const point = String.fromCodePoint(text.codePointAt(this.#at)!)
    this.#at += point.length
    return point
  }

  /** An argument that is not LaTeX, such as a URL. */
  #rawArgument(): string {
    const text = this.#text
    while (this.#at < text.length && /\s/.test(text[this.#at]!)) this.#at++
    if (text[this.#at] !== '{') return this.#argument(false)
    const from = this.#at + 1
    let depth = 0
    for (; this.#at < text.length; this.#at++) {
      if (text[this.#at] === '{') depth++
      else if (text[this.#at] === '}' && --depth === 0) break
    }
    const raw = text.slice(from, this.#at++)
    return raw.replace(/\\([_%&#~{}$])/g, '$1')
  }

  #optional(): void {
    const match = /\s*\[[^\]{}]*\]/y
    match.lastIndex = this.#at
    if (match.test(this.#text)) this.#at = match.lastIndex
  }

  #command(math: boolean): string {
    if (this.#depth >= DEPTH) return this.#take(1, '')
    this.#depth++
    const read = this.#commandWithin(math)
    this.#depth--
    return read
  }

  #commandWithin(math: boolean): string {
    const text = this.#text
    NAME.lastIndex = this.#at + 1
    const name = NAME.exec(text)?.[0]
    if (name === undefined) return this.#mark(math)
    const after = this.#at + 1 + name.length
    const accent = Object.hasOwn(ACCENTS, name) ? ACCENTS[name] : undefined
    this.#at = after
    if (accent !== undefined) {
      const argument = this.#argument(math)
      if (argument === '') return ''
      // The accent replaces the dot of an i.
      const [first = '', ...rest] = Array.from(argument.replace(/^ı/, 'i').replace(/^ȷ/, 'j'))
      return name === 't' ? argument : `${first}${accent}${rest.join('')}`.normalize('NFC')
    }
    const symbol = SYMBOLS.get(name)
    if (symbol !== undefined && !DROPPED.has(name)) {
      while (/\s/.test(text[this.#at] ?? '')) this.#at++
      if (text.startsWith('{}', this.#at)) this.#at += 2
      return symbol
    }
    this.#optional()
    const dropped = DROPPED.get(name)
    if (dropped !== undefined) {
      for (let count = 0; count < dropped; count++) this.#argument(math)
      return ''
    }
    if (SECOND.has(name)) {
      this.#rawArgument()
      return this.#argument(math)
    }
    if (QUOTING.has(name)) return `“${this.#argument(math)}”`
    switch (name) {
      case 'ifmmode':
        return this.#branch(math)
      case 'url':
      case 'nolinkurl':
      case 'path':
        return this.#rawArgument()
      case 'textsuperscript':
      case 'sp':
        return raised(this.#argument(math), '^', '')
      case 'textsubscript':
      case 'sb':
        return raised(this.#argument(math), '_', '')
      case 'frac':
      case 'dfrac':
      case 'tfrac':
      case 'nicefrac':
      case 'sfrac':
        return `${this.#argument(true)}/${this.#argument(true)}`
      case 'sqrt':
        return `√${this.#argument(true)}`
      case 'ensuremath':
        return this.#argument(true)
      case 'mathbb':
        return Array.from(this.#argument(true), (letter) => DOUBLE_STRUCK.get(letter) ?? letter).join('')
      case 'symbol':
      case 'char':
        return codePoint(this.#argument(false))
      case 'ding':
        return dingbat(Number(this.#argument(false)))
    }
    // An unknown command leaves its argument, or its name if it has none: `\ce{H2O}`, `\aap`.
    const next = /\s*\{/y
    next.lastIndex = this.#at
    if (next.test(text)) return this.#argument(math)
    if (math) return name
    while (/\s/.test(text[this.#at] ?? '') && text[this.#at + 1] === '{') this.#at++
    return name
  }

  /** `\ifmmode in math\else in text\fi`, as ADS writes accents. */
  #branch(math: boolean): string {
    const rest = this.#text.slice(this.#at)
    const [whole, then, otherwise = ''] =
      /^((?:(?!\\else(?![a-zA-Z])|\\fi(?![a-zA-Z]))[\s\S])*)(?:\\else(?![a-zA-Z])([\s\S]*?))?\\fi(?![a-zA-Z])/.exec(rest) ?? []
    if (whole === undefined) return ''
    this.#at += whole.length
    const reader = new LatexReader((math ? then! : otherwise).trim())
    return reader.all()
  }

  /** A command that is a single character other than a letter: an accent, a space, or the character itself. */
  #mark(math: boolean): string {
    const mark = this.#text[this.#at + 1]
    this.#at += 2
    if (mark === undefined) return '\\'
    if (SPACES.has(mark)) return mark === '!' || mark === '/' ? '' : ' '
    if (mark === '-') return ''
    if (mark === '(' || mark === '[') {
      const end = mark === '(' ? '\\)' : '\\]'
      if (!this.#ends(end, this.#at)) return mark
      const inner = this.#until(end, true)
      if (this.#text.startsWith(end, this.#at)) this.#at += 2
      return inner
    }
    const accent = math ? undefined : ACCENTS[mark]
    if (accent === undefined) return mark
    const argument = this.#argument(math)
    if (argument === '') return mark
    const [first = '', ...rest] = Array.from(argument.replace(/^ı/, 'i').replace(/^ȷ/, 'j'))
    return `${first}${accent}${rest.join('')}`.normalize('NFC')
  }
}

/** Characters that end a run of plain text. */
const PLAIN = /[\\{}$~^_'`?!-]/g
const NAME = /[a-zA-Z]+\*?/y

/** Superscript or subscript if Unicode has every character; otherwise the text after `otherwise`. */
function raised(text: string, mark: '^' | '_', otherwise: string = mark): string {
  const table = mark === '^' ? SUPERSCRIPTS : SUBSCRIPTS
  const letters = Array.from(text.replace(/\s+/g, ''))
  if (letters.length > 0 && letters.every((letter) => table.has(letter)))
    return letters.map((letter) => table.get(letter)).join('')
  return letters.length > 1 && otherwise !== '' ? `${otherwise}(${text.trim()})` : `${otherwise}${text.trim()}`
}

function codePoint(text: string): string {
  const value = /^\s*"([\da-f]+)/i.test(text) ? Number.parseInt(text.trim().slice(1), 16) : Number.parseInt(text, 10)
  return value > 31 && value < 0x10ffff ? String.fromCodePoint(value) : ''
}

/** A character of Zapf Dingbats. Unicode has its first half in the same order from U+2701 on, except for the black star. */
function dingbat(code: number): string {
  if (code === 72) return '★'
  return code > 32 && code < 127 ? String.fromCodePoint(0x2700 + code - 32) : ''
}
