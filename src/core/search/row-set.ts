/** Rows as bits: bit `row & 31` of word `row >>> 5` is set where the row is in the set. Rows beyond the last word are not. */
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
