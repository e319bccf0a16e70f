/** A piece of a text, and whether the other text has it as well. */
export interface Piece {
  text: string
  isSame: boolean
}

/** Stretches that need more comparisons than this count as different as a whole. */
const MAX_CELLS = 250_000
/** Words that share less than this part of their characters are different words, and marked as a whole. */
const ALIKE = 0.5

/** Finds where two texts differ: by words, then by characters in similar words. Leaves out empty pieces. */
export function diffTexts(a: string, b: string): { a: Piece[]; b: Piece[] } {
  const left: Piece[] = []
  const right: Piece[] = []
  for (const { a: partA, b: partB, isSame } of diff(wordsOf(a), wordsOf(b))) {
    const [textA, textB] = [partA.join(''), partB.join('')]
    const [charactersA, charactersB] = [[...textA], [...textB]]
    // Several words are not compared by letters: what they share by chance would be scattered marks.
    const isWord = partA.length === 1 && partB.length === 1
    const inner = isSame || !isWord ? null : diff(charactersA, charactersB)
    const shared = inner?.reduce((sum, part) => sum + (part.isSame ? part.a.length : 0), 0) ?? 0
    if (inner && shared >= ALIKE * Math.max(charactersA.length, charactersB.length)) {
      for (const part of inner) {
        push(left, part.a.join(''), part.isSame)
        push(right, part.b.join(''), part.isSame)
      }
      continue
    }
    push(left, textA, isSame)
    push(right, textB, isSame)
  }
  return { a: left, b: right }
}

const wordsOf = (text: string) => text.match(/[\p{L}\p{M}\p{N}]+|\s+|[^\p{L}\p{M}\p{N}\s]/gu) ?? []

function push(pieces: Piece[], text: string, isSame: boolean): void {
  const last = pieces.at(-1)
  if (last?.isSame === isSame) last.text += text
  else if (text !== '') pieces.push({ text, isSame })
}

interface Part {
  a: readonly string[]
  b: readonly string[]
  isSame: boolean
}

/** The stretches that two lists share, by their longest common subsequence, and those between. */
function diff(a: readonly string[], b: readonly string[]): Part[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end))
  const parts: Part[] = [
    { a: a.slice(0, start), b: b.slice(0, start), isSame: true },
    ...middle,
    { a: a.slice(a.length - end), b: b.slice(b.length - end), isSame: true },
  ]
  return parts.filter((part) => part.a.length + part.b.length > 0)
}

function between(a: readonly string[], b: readonly string[]): Part[] {
  if (a.length * b.length > MAX_CELLS || a.length === 0 || b.length === 0) return [{ a, b, isSame: false }]
  const columns = b.length + 1
  // The length of the longest common subsequence of the rest from each place on.
  const longest = new Uint16Array((a.length + 1) * columns)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * columns + j] =
        a[i] === b[j]
          ? longest[(i + 1) * columns + j + 1]! + 1
          : Math.max(longest[(i + 1) * columns + j]!, longest[i * columns + j + 1]!)
  const parts: { a: string[]; b: string[]; isSame: boolean }[] = []
  const part = (isSame: boolean) => {
    if (parts.at(-1)?.isSame !== isSame) parts.push({ a: [], b: [], isSame })
    return parts.at(-1)!
  }
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      const same = part(true)
      same.a.push(a[i++]!)
      same.b.push(b[j++]!)
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * columns + j]! >= longest[i * columns + j + 1]!))
      part(false).a.push(a[i++]!)
    else part(false).b.push(b[j++]!)
  }
  return parts
}
