import type { Paper } from '../paper.js'

/** Letters that Unicode does not decompose. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  œ: 'oe',
  ı: 'i',
}

/** Gives each paper a citekey: its own key, or author and year, or its id, made unique. */
export class Citekeys {
  readonly #taken = new Set<string>()
  /** The number with which the next paper of the same wanted key is tried: a library may have thousands. */
  readonly #counts = new Map<string, number>()

  next(paper: Paper): string {
    const { key, id } = paper
    const own = key !== undefined && key !== '' && !/[\s,{}="]/.test(key)
    const authorYear = key === undefined ? authorYearOf(paper) : undefined
    // A citekey has no white space and none of BibTeX's special characters.
    const wanted = authorYear ?? ((key ?? id).replace(/[\s,{}()="#%\\~@']+/g, '_') || 'paper')
    let unique = own ? key : wanted
    // BibTeX treats keys that differ only in case as equal.
    let count = this.#counts.get(wanted.toLowerCase()) ?? 2
    for (; this.#taken.has(unique.toLowerCase()); count++)
      unique = authorYear !== undefined && count < 28 ? `${authorYear}${String.fromCharCode(95 + count)}` : `${wanted}-${count}`
    if (count > 2) this.#counts.set(wanted.toLowerCase(), count)
    this.#taken.add(unique.toLowerCase())
    return unique
  }
}

/** `Muller2019`, without marks; `undefined` if one of the two is missing or the name has no Latin letters. */
function authorYearOf({ authors, year }: Paper): string | undefined {
  const [first] = authors ?? []
  const name = (first?.family ?? first?.name ?? '')
    .replace(/[\u0080-\u024f]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFKD')
    .replace(/[^A-Za-z\d]/g, '')
  return name === '' || year === undefined ? undefined : `${name}${year}`
}
