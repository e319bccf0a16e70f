/**
 * A set of rows as bits: bit `row & 31` of word `row >>> 5` is set if the row is in the set. Rows beyond the last word are not.
 */
export type RowSet = Uint32Array

/** A set of rows below `count`. */
export function rowSet(rows: Iterable<number>, count: number): RowSet {
  const set = new Uint32Array((count + 31) >>> 5)
  for (const row of rows) addRow(set, row)
  return set
}

export function addRow(set: RowSet, row: number): void {
  set[row >>> 5]! |= 1 << (row & 31)
}

export function hasRow(set: RowSet, row: number): boolean {
  return (((set[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1
}

/** The set with room for rows below `count`; the same array if it is large enough, otherwise a copy. */
export function withRoom(rows: Uint32Array<ArrayBuffer>, count: number): Uint32Array<ArrayBuffer> {
  const words = (count + 31) >>> 5
  if (rows.length >= words) return rows
  const more = new Uint32Array(words)
  more.set(rows)
  return more
}

export function removeRow(rows: RowSet, row: number): void {
  if (row >>> 5 < rows.length) rows[row >>> 5]! &= ~(1 << (row & 31))
}

/** Rows of `before` that are not in `after`. */
export function rowsGone(before: RowSet, after: RowSet): RowSet {
  return before.map((bits, word) => bits & ~(after[word] ?? 0))
}

/** The rows of a set from `first` on, ascending. */
export function* rowsOf(rows: RowSet, first = 0): Generator<number, void, void> {
  for (let word = first >>> 5; word < rows.length; word++) {
    const bits = rows[word]!
    if (bits === 0) continue
    for (let bit = word === first >>> 5 ? first & 31 : 0; bit < 32; bit++) if ((bits >>> bit) & 1) yield (word << 5) + bit
  }
}
